// Captions beside their film: a line's time seeks there, the line that is spoken is marked, and the
// player's time goes into a row. What a row's other buttons do, the server does to the form.

const film = document.getElementById("caption-film");
const form = document.querySelector("[data-captions]");
let typed = false;

function seconds(text) {
  const parts = text.replace(",", ".").split(":").map(Number);
  return parts.reduce((sum, part) => sum * 60 + part, 0);
}

function moment(time) {
  const [hours, minutes, rest] = [Math.floor(time / 3600), Math.floor(time / 60) % 60, time % 60];
  const two = (number) => String(number).padStart(2, "0");
  const tail = rest.toFixed(3).padStart(6, "0");
  return hours ? `${hours}:${two(minutes)}:${tail}` : `${minutes}:${tail}`;
}

const row = (element) => element.closest("[data-row]");
const field = (of, name) => of.querySelector(`[name$='-${name}']`);

// --- the film ------------------------------------------------------------------------------------

function seek(time) {
  film.currentTime = time;
  film.play();
}

function* lines() {
  for (const line of document.querySelectorAll(".caption-cues li")) {
    yield [line, Number(line.dataset.start), Number(line.dataset.end)];
  }
  for (const line of document.querySelectorAll(".caption-row")) {
    yield [line, seconds(field(line, "start").value), seconds(field(line, "end").value)];
  }
}

function mark() {
  for (const [line, start, end] of lines()) {
    line.classList.toggle("spoken", start <= film.currentTime && film.currentTime < end);
  }
}

function makeButtons() {
  for (const line of document.querySelectorAll(".caption-cues li")) {
    const time = line.querySelector(".caption-time");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "caption-time";
    button.textContent = time.textContent;
    button.addEventListener("click", () => seek(Number(line.dataset.start)));
    time.replaceWith(button);
  }
}

// --- rows ----------------------------------------------------------------------------------------

function showButtons() {
  for (const button of document.querySelectorAll("[data-play], [data-now]")) button.hidden = false;
}

document.addEventListener("click", ({ target }) => {
  const now = target.closest("[data-now]");
  if (now) {
    now.parentElement.querySelector("input").value = moment(film.currentTime);
    typed = true;
  } else if (target.closest("[data-play]")) {
    seek(seconds(field(row(target), "start").value));
  }
});

// A line is parted where the player and the caret are.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  const own = row(detail.elt);
  if (!own) return;
  typed = true;
  if (film) detail.parameters.set("time", film.currentTime.toFixed(3));
  detail.parameters.set("caret", field(own, "text").selectionStart);
});

document.addEventListener("htmx:afterSettle", () => film && showButtons());

if (film) {
  makeButtons();
  showButtons();
  film.addEventListener("timeupdate", mark);
}
form.addEventListener("input", () => (typed = true));
form.addEventListener("submit", () => (typed = false));
addEventListener("beforeunload", (event) => typed && event.preventDefault());
