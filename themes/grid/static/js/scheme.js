// Runs before the page is drawn, so that a chosen colour scheme never flashes.
(() => {
  try {
    const chosen = localStorage.getItem("scheme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.scheme = chosen;
  } catch {
    // Storage may be forbidden; then the system decides.
  }
})();
