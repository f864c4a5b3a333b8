// Keyboard shortcuts, and the sheet that lists them. Silent while somebody writes.

const JUMP = 10; // seconds of j and l
const STEP = 5; // seconds of the arrows
const LOUDER = 0.05;

// Fields keep all their keys. What else is focused keeps the keys it uses itself.
function isWriting(target) {
  return target.closest("textarea, select, [contenteditable], input:not([type=range])") !== null;
}

function usesKey(target, key, controller) {
  if (key === " ") return target.closest("button, a, summary, [role=button]") !== null;
  if (!key.startsWith("Arrow")) return false;
  if (target.closest("input")) return true;
  const free = target === document.body || target.id === "main";
  const inside = target.closest("media-controller") === controller;
  return key === "ArrowUp" || key === "ArrowDown" ? !inside : !(inside || free);
}

function actions(controller, video, sheet) {
  const toggle = () => (video.paused ? video.play() : video.pause());
  const seek = (by) => (video.currentTime = Math.max(0, video.currentTime + by));
  const louder = (by) => (video.volume = Math.min(1, Math.max(0, video.volume + by)));
  const press = (name) => controller.querySelector(name)?.click();
  return {
    k: toggle,
    " ": toggle,
    j: () => seek(-JUMP),
    l: () => seek(JUMP),
    ArrowLeft: () => seek(-STEP),
    ArrowRight: () => seek(STEP),
    ArrowUp: () => louder(LOUDER),
    ArrowDown: () => louder(-LOUDER),
    m: () => (video.muted = !video.muted),
    c: () => press("media-captions-button"),
    f: () => press("media-fullscreen-button"),
    t: () => press("[data-theater]"),
    "?": () => sheet?.showModal(),
    ...Object.fromEntries(
      [..."0123456789"].map((digit) => [
        digit,
        () => video.duration && (video.currentTime = (video.duration * digit) / 10),
      ]),
    ),
  };
}

export function listenToKeys(controller, video) {
  const sheet = document.querySelector("#shortcuts");
  const does = actions(controller, video, sheet);

  document.addEventListener("keydown", (event) => {
    const target = event.composedPath()[0];
    const chosen = document.querySelector("#choice-shortcuts")?.ariaPressed === "true";
    const taken = event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey;
    if (!chosen || taken || sheet?.open || !(target instanceof Element)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (!Object.hasOwn(does, key) || isWriting(target)) return;
    const outer = target.getRootNode().host ?? target;
    if (usesKey(target.matches("input") ? target : outer, key, controller)) return;
    event.preventDefault();
    does[key]();
  });

  for (const button of document.querySelectorAll("[data-shortcuts]")) {
    button.hidden = false;
    button.addEventListener("click", () => sheet.showModal());
  }
}
