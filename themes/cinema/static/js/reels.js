// Buttons for rows that are wider than the page. Without them a row scrolls like everything else.

const words = document.currentScript.dataset;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

function makeButton(label, way, reel) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = `reel-button ${way > 0 ? "next" : "previous"}`;
  button.setAttribute("aria-label", label);
  const rtl = getComputedStyle(reel).direction === "rtl" ? -1 : 1;
  button.addEventListener("click", () => {
    const left = way * rtl * reel.clientWidth * 0.85;
    reel.scrollBy({ left, behavior: calm.matches ? "auto" : "smooth" });
  });
  return button;
}

function setUpReel(reel) {
  const title = reel.closest("section")?.querySelector("h2")?.textContent.trim();
  const named = (word) => (title ? `${word}: ${title}` : word);
  const back = makeButton(named(words.previous), -1, reel);
  const on = makeButton(named(words.next), 1, reel);
  const frame = document.createElement("div");
  frame.className = "reel";
  reel.replaceWith(frame);
  frame.append(back, on, reel);

  function show() {
    const gone = Math.abs(reel.scrollLeft);
    back.disabled = gone < 2;
    on.disabled = gone > reel.scrollWidth - reel.clientWidth - 2;
    back.hidden = on.hidden = back.disabled && on.disabled;
  }
  reel.addEventListener("scroll", show, { passive: true });
  new ResizeObserver(show).observe(reel);
  new MutationObserver(show).observe(reel, { childList: true });
  show();
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll(".home .feed .cards").forEach(setUpReel);
});
