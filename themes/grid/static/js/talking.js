// Comments and notices: dialogs for what is a page without JavaScript.

const dialogOf = (element) => element.closest?.("dialog");

// A form that htmx put into the dialog opens it; whatever changes elsewhere closes it.
document.addEventListener("htmx:afterSwap", (event) => {
  const dialog = document.getElementById("comments-dialog");
  if (!dialog) return;
  const inside = dialog.contains(event.detail.target);
  if (inside && !dialog.open) dialog.showModal();
  if (!inside && dialog.open) dialog.close();
});

// What was swapped away may have held the focus: go on at the heading then.
document.addEventListener("htmx:afterSettle", (event) => {
  if (!event.target.closest?.("#comments") && event.target !== document.body) return;
  if (document.activeElement === document.body) {
    document.getElementById("comments-heading")?.focus({ preventScroll: true });
  }
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a, button");
  if (!link) return;
  if (link.matches("[data-close-dialog]") && dialogOf(link)) {
    event.preventDefault();
    dialogOf(link).close();
  }
  if (link.matches("[data-take-away]") && link.closest(".comment")) {
    event.preventDefault();
    const comment = link.closest(".comment");
    link.closest("form").remove();
    comment.querySelector(".comment-actions a")?.focus();
  }
  if (link.matches("[data-notice]")) {
    const form = link.closest("li").querySelector("form");
    if (form) navigator.sendBeacon(form.action, new FormData(form));
  }
});
