// Comments and notices: small comforts for the keyboard. Everything works without them.

// Who answers or edits goes on after the words that are there already.
document.addEventListener("htmx:afterSettle", () => {
  const box = document.activeElement;
  const begun = box?.matches(".talk-form textarea[autofocus]");
  if (begun) box.setSelectionRange(box.value.length, box.value.length);
});

// What was swapped away may have held the focus: go on at the comments' heading then.
document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.closest("#comments") && document.activeElement === document.body) {
    document.getElementById("comments-heading")?.focus({ preventScroll: true });
  }
});

document.addEventListener("click", ({ target }) => {
  const link = target.closest?.("a");
  if (link?.matches("[data-notice]")) readNotice(link);
});

// An answer that is not wanted any more: without JavaScript this link leads back to the thread.
document.addEventListener("click", (event) => {
  const comment = event.target.closest?.("[data-take-away]")?.closest(".comment");
  if (!comment) return;
  event.preventDefault();
  event.target.closest("form").remove();
  comment.querySelector("a[hx-get$='/answer/']")?.focus();
});

function readNotice(link) {
  const form = link.closest("li").querySelector("form");
  if (form) navigator.sendBeacon(form.action, new FormData(form));
}
