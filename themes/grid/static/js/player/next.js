// At the end: the next video, if the viewer wants that, and never one twice in this session.

const WAIT = 8; // seconds to cancel
const PLAYED = "played"; // addresses of what was played in this browser session
const STARTED = "start"; // the address that was gone to in order to play it

function stored(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key)) ?? [];
  } catch {
    return []; // Storage may be forbidden.
  }
}

function store(key, value) {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Then nothing is remembered, and nothing starts by itself.
  }
}

const pathOf = (address) => new URL(address, location.href).pathname;

// The next of a playlist; else the first card that was not played yet.
function nextVideo() {
  const played = stored(PLAYED);
  const queue = document.querySelector(".queue[data-next]");
  const title = queue?.querySelector(".playing + li .queue-title")?.textContent;
  const choices = queue
    ? [{ address: queue.dataset.next, title }]
    : [...document.querySelectorAll(".next .card-title a")].map((card) => ({
        address: card.href,
        title: card.textContent.trim(),
      }));
  return choices.find(({ address }) => !played.includes(pathOf(address)));
}

const isBusy = () =>
  document.activeElement.matches("input, textarea, select") ||
  document.querySelector("dialog[open], details[data-menu][open]");

export function offerTheNext(video) {
  const offer = document.querySelector("[data-next-offer]");
  if (!offer) return;
  const [now, cancel] = offer.querySelectorAll("button");
  let timer = 0;

  function go(next) {
    store(STARTED, [pathOf(next.address)]);
    location.assign(next.address);
  }

  function withdraw() {
    clearInterval(timer);
    offer.hidden = true;
  }

  function offerNext() {
    const chosen = document.querySelector("#choice-autoplay_next")?.ariaPressed === "true";
    const next = chosen && !isBusy() && nextVideo();
    if (!next) return;
    let left = WAIT;
    const count = offer.querySelector("[data-seconds]");
    offer.querySelector("[data-title]").textContent = next.title;
    count.textContent = left;
    offer.hidden = false;
    now.onclick = () => go(next);
    timer = setInterval(() => {
      count.textContent = --left;
      if (isBusy()) withdraw();
      else if (left <= 0) go(next);
    }, 1000);
  }

  video.addEventListener("ended", offerNext);
  video.addEventListener("play", () => {
    withdraw();
    store(PLAYED, [...new Set([...stored(PLAYED), location.pathname])]);
  });
  video.addEventListener("seeking", withdraw);
  cancel.addEventListener("click", withdraw);
  document.addEventListener("keydown", (event) => event.key === "Escape" && withdraw());

  if (stored(STARTED).includes(location.pathname)) {
    store(STARTED, []);
    video.play().catch(() => {}); // The browser may want a click first.
  }
}
