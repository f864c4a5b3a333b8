// Reports which recommendations were really seen: half of a card in view for a second.

const LONG_ENOUGH = 1_000; // milliseconds
const PAUSE = 5_000; // milliseconds between reports
const form = document.querySelector("form[data-recommendations-seen]");
const waiting = { seen: new Set(), followed: new Set() };
const known = new WeakSet();
const timers = new WeakMap();

function send() {
  if (!waiting.seen.size && !waiting.followed.size) return;
  const body = new FormData(form);
  for (const [name, traces] of Object.entries(waiting)) {
    for (const trace of traces) body.append(name, trace);
    traces.clear();
  }
  navigator.sendBeacon(form.action, body);
}

const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      clearTimeout(timers.get(target));
      if (isIntersecting) timers.set(target, setTimeout(() => noteSeen(target), LONG_ENOUGH));
    }
  },
  { threshold: 0.5 },
);

function noteSeen(card) {
  waiting.seen.add(traceOf(card));
  observer.unobserve(card);
}

function traceOf(card) {
  return card.querySelector(":scope > [data-recommendation]").dataset.recommendation;
}

function watch() {
  for (const mark of document.querySelectorAll("[data-recommendation]")) {
    const card = mark.parentElement;
    if (known.has(card)) continue;
    known.add(card);
    observer.observe(card);
    const { pathname } = new URL(mark.dataset.url, location.href);
    const follow = (event) => {
      // A card's other links, to its creator or its menu's, do not lead to the item.
      if (event.target.closest("a")?.pathname === pathname) waiting.followed.add(mark.dataset.recommendation);
    };
    card.addEventListener("click", follow);
    card.addEventListener("auxclick", follow);
  }
}

if (form) {
  watch();
  new MutationObserver(watch).observe(document.body, { childList: true, subtree: true });
  setInterval(send, PAUSE);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && send());
}
