// Rows of cards that scroll sideways: buttons for the mouse, and menus that the row does not cut off.

const MARGIN = 8; // pixels between a menu and the window's edge

function setUp(shelf) {
  const row = shelf.querySelector(".shelf-row");
  const buttons = [...shelf.querySelectorAll("[data-step]")];

  function update() {
    const end = row.scrollWidth - row.clientWidth;
    for (const button of buttons) {
      button.hidden = end <= 1;
      button.disabled = button.dataset.step < 0 ? row.scrollLeft <= 1 : row.scrollLeft >= end - 1;
    }
  }

  function closeMenus() {
    for (const menu of row.querySelectorAll("[data-menu][open]")) menu.open = false;
  }

  // A second click while the row still moves goes on from where the first one leads.
  let goal = null;

  function step(by) {
    const end = row.scrollWidth - row.clientWidth;
    goal = Math.max(0, Math.min(end, (goal ?? row.scrollLeft) + by * row.clientWidth));
    row.scrollTo({ left: goal });
  }

  for (const button of buttons) {
    button.addEventListener("click", () => step(Number(button.dataset.step)));
  }
  for (const moved of ["scrollend", "wheel", "touchstart"]) {
    row.addEventListener(moved, () => (goal = null), { passive: true });
  }
  row.addEventListener("scroll", () => (closeMenus(), update()), { passive: true });
  window.addEventListener("scroll", closeMenus, { passive: true });
  row.addEventListener("toggle", ({ target }) => place(target), true);
  new ResizeObserver(update).observe(row);
}

function place(menu) {
  const body = menu.querySelector(".menu-body");
  if (!body) return;
  body.removeAttribute("style");
  if (!menu.open) return;
  const { bottom, right } = menu.querySelector("summary").getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = body;
  Object.assign(body.style, {
    position: "fixed",
    inset: "auto",
    top: `${Math.max(MARGIN, Math.min(bottom, innerHeight - height - MARGIN))}px`,
    left: `${Math.max(MARGIN, Math.min(right, innerWidth - MARGIN) - width)}px`,
  });
}

document.querySelectorAll("[data-shelf]").forEach(setUp);
