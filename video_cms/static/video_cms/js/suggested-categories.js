// Suggested categories on a video's form: a click ticks the category's own checkbox.

document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("[data-suggested-category]")) {
    const category = CSS.escape(button.dataset.suggestedCategory);
    const box = document.querySelector(`input[name="categories"][value="${category}"]`);
    if (!box) continue;
    const show = () => button.setAttribute("aria-pressed", String(box.checked));
    button.hidden = false;
    button.addEventListener("click", () => {
      box.checked = !box.checked;
      box.dispatchEvent(new Event("change", { bubbles: true }));
    });
    box.addEventListener("change", show);
    show();
  }
});
