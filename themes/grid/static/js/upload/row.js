// What is told of a film on its way: bytes, part, speed, time left; said aloud only now and then.

const language = document.documentElement.lang;
const count = new Intl.NumberFormat(language, { maximumFractionDigits: 1, minimumFractionDigits: 1 });
const part = new Intl.NumberFormat(language, { style: "percent" });
const UNITS = ["B", "kB", "MB", "GB", "TB"];
const ALOUD = 0.25; // parts of a film between two announcements

function bytes(number) {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(number, 1)) / 3));
  return `${power ? count.format(number / 1000 ** power) : Math.round(number)} ${UNITS[power]}`;
}

function clock(seconds) {
  const whole = Math.ceil(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = [hours ? String(minutes).padStart(2, "0") : minutes, String(whole % 60).padStart(2, "0")];
  return (hours ? [hours, ...rest] : rest).join(":");
}

export function addRow(list, template, sending, again) {
  const row = template.content.cloneNode(true).firstElementChild;
  const find = (name) => row.querySelector(`[data-${name}]`);
  const words = template.dataset;
  let said = 0;

  function progress() {
    const { sent, size, speed, left } = sending;
    row.querySelector("progress").value = size ? sent / size : 0;
    const told = [part.format(size ? sent / size : 0), `${bytes(sent)} / ${bytes(size)}`];
    if (sending.state === "sending" && speed) {
      told.push(`${bytes(speed)}/s`);
      if (left > 0) told.push(words.left.replace("0:00", clock(left)));
    }
    find("told").textContent = told.join(" · ");
    if (sent / size >= said + ALOUD && sent < size) {
      said = Math.floor(sent / size / ALOUD) * ALOUD;
      find("said").textContent = part.format(said);
    }
  }

  function change() {
    const { state, reason } = sending;
    row.dataset.state = state;
    const text = (state === "failed" || state === "signedout") && reason ? reason : words[state] ?? "";
    find("message").textContent = text;
    find("said").textContent = text;
    find("pause").hidden = state !== "sending" && state !== "cut";
    find("continue").hidden = state !== "paused" && state !== "signedout";
    find("again").hidden = state !== "failed";
    find("cancel").hidden = !sending.busy;
    find("told").hidden = state === "failed";
    row.querySelector("progress").hidden = state === "failed";
    if (state === "cancelled") row.remove();
    progress();
  }

  function press(name, act) {
    find(name).addEventListener("click", () => {
      act();
      if (row.isConnected && document.activeElement === document.body) {
        row.querySelector("button:not([hidden])")?.focus();
      }
    });
  }

  find("name").textContent = sending.file.name;
  press("pause", () => sending.pause());
  press("continue", () => sending.start());
  press("again", () => (row.remove(), again()));
  press("cancel", () => (sending.cancel(), again()));
  sending.addEventListener("change", change);
  sending.addEventListener("progress", progress);
  list.append(row);
  change();
  return row;
}
