// A wider player, kept for the next video.

const KEY = "theater";

function remembered() {
  try {
    return localStorage.getItem(KEY) === "on";
  } catch {
    return false; // Storage may be forbidden; the choice then lasts for this page.
  }
}

export function setUpTheater(controller) {
  const button = controller.querySelector("[data-theater]");
  const page = controller.closest(".watch");
  if (!button || !page) return;

  function show(on) {
    page.classList.toggle("theater", on);
    button.setAttribute("aria-pressed", String(on));
  }

  button.addEventListener("click", () => {
    const on = !page.classList.contains("theater");
    show(on);
    try {
      localStorage.setItem(KEY, on ? "on" : "off");
    } catch {
      // See above.
    }
  });
  show(remembered());
}
