// Small comforts. Everything on the site works without them.

const system = matchMedia("(prefers-color-scheme: dark)");
const root = document.documentElement;
const TOAST = 8_000; // milliseconds good news stays

// The style sheet says "light dark" where the system decides.
function isDark() {
  const scheme = getComputedStyle(root).colorScheme;
  return scheme.includes("light") ? scheme.includes("dark") && system.matches : true;
}

function setUpScheme(button) {
  const show = () => button.setAttribute("aria-pressed", String(isDark()));
  button.hidden = false;
  button.addEventListener("click", () => {
    const chosen = isDark() ? "light" : "dark";
    root.dataset.scheme = chosen;
    try {
      localStorage.setItem("scheme", chosen);
    } catch {
      // Storage may be forbidden; the choice then lasts for this page.
    }
    show();
  });
  system.addEventListener("change", show);
  show();
}

function setUpToast(toast) {
  const close = toast.querySelector("[data-close]");
  close.hidden = false;
  close.addEventListener("click", () => toast.remove());
  if (toast.classList.contains("error")) return;
  setTimeout(() => toast.matches(":hover, :focus-within") || toast.remove(), TOAST);
}

document.querySelectorAll("[data-scheme-toggle]").forEach(setUpScheme);
document.querySelectorAll("[data-toast]").forEach(setUpToast);
document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  if (elt.matches("[data-toast]")) setUpToast(elt);
});

// Menus: one is open at a time; a click elsewhere and Escape close it.
document.addEventListener("click", ({ target }) => {
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
});
document.addEventListener("keydown", ({ key, target }) => {
  const menu = key === "Escape" && target.closest?.("[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// A dialog opens when htmx has filled it, and closes when that is done or not wanted.
document.addEventListener("htmx:afterSwap", ({ detail: { target } }) => {
  if (!target.matches?.("dialog[data-sheet]") || target.open || !target.childElementCount) return;
  const menu = document.activeElement.closest("[data-menu][open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus(); // where the dialog gives the focus back to
  }
  target.showModal();
});
document.addEventListener("dialog-done", ({ target }) => target.closest("dialog")?.close());
document.addEventListener("click", (event) => {
  const cancel = event.target.closest?.("dialog [data-cancel]");
  if (!cancel) return;
  event.preventDefault();
  cancel.closest("dialog").close();
});
// What was refused is said in the dialog too; then the first wrong field waits for an answer.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const refused = detail.xhr.status >= 400 && detail.xhr.status < 500;
  if (refused && detail.target.matches?.("dialog[data-sheet]")) detail.shouldSwap = true;
});
document.addEventListener("htmx:afterSettle", ({ detail: { target } }) => {
  if (!target.matches?.("dialog[data-sheet]")) return;
  const first = ["[aria-invalid='true']", "form input:not([type='hidden'])", "h1"];
  first.map((what) => target.querySelector(what)).find(Boolean)?.focus();
});

// "Load more": go on reading with the first new card, not at the top of the page.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, serverResponse } = event.detail;
  if (target.matches?.(".cards") && serverResponse) target.dataset.before = target.children.length;
});
document.addEventListener("htmx:afterSettle", (event) => {
  const cards = event.detail.target;
  if (!cards.matches?.(".cards[data-before]")) return;
  const more = [...cards.children].slice(cards.dataset.before);
  more.forEach((card) => isRepeated(card, cards) && card.remove());
  cards.children[cards.dataset.before]?.querySelector("h3 a")?.focus({ preventScroll: true });
  delete cards.dataset.before;
});

// What is published while somebody reads moves all that follows one place on, to the next page.
function isRepeated(card, cards) {
  const link = card.querySelector("h3 a");
  const first = link && cards.querySelector(`h3 a[href=${JSON.stringify(link.getAttribute("href"))}]`);
  return first && first !== link;
}
