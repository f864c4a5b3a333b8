// Wagtail hands the selection to the actions under “More” only once that menu has faded in. Whoever
// clicks sooner would be asked about nothing; so its handler is asked for at the click, too.
document.addEventListener(
  "click",
  (event) => {
    if (event.target.closest("[data-bulk-action-button]")) {
      document.dispatchEvent(new CustomEvent("w-dropdown:shown"));
    }
  },
  true,
);
