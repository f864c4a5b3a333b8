// Small comforts. Everything on the site works without them.

const system = matchMedia("(prefers-color-scheme: dark)");
const root = document.documentElement;
const TOAST = 8_000; // milliseconds good news stays

function isDark() {
  return root.dataset.scheme ? root.dataset.scheme === "dark" : system.matches;
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

function setUpMenu(menu) {
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

function setUpToast(toast) {
  const close = toast.querySelector("[data-close]");
  close.hidden = false;
  close.addEventListener("click", () => toast.remove());
  if (toast.classList.contains("error")) return;
  setTimeout(() => toast.matches(":hover, :focus-within") || toast.remove(), TOAST);
}

document.querySelectorAll("[data-scheme-toggle]").forEach(setUpScheme);
document.querySelectorAll("[data-menu]").forEach(setUpMenu);
document.querySelectorAll("[data-toast]").forEach(setUpToast);

// "Load more": go on reading with the first new card, not at the top of the page.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, serverResponse } = event.detail;
  if (target.matches?.(".cards") && serverResponse) target.dataset.before = target.children.length;
});
document.addEventListener("htmx:afterSettle", (event) => {
  const cards = event.detail.target;
  if (!cards.matches?.(".cards[data-before]")) return;
  cards.children[cards.dataset.before]?.querySelector("h3 a")?.focus({ preventScroll: true });
  delete cards.dataset.before;
});
