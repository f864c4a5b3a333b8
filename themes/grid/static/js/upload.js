// How much of a file is sent, and how long the rest will take. The form works without it.

const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
let began = 0;

function left(loaded, total) {
  const seconds = Math.round(((performance.now() - began) / loaded) * (total - loaded) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

document.addEventListener("htmx:beforeSend", ({ target }) => {
  if (!target.matches("[data-upload]")) return;
  began = performance.now();
  target.querySelector("[data-sending]").hidden = false;
});

document.addEventListener("htmx:xhr:progress", ({ target, detail: { loaded, total } }) => {
  if (!target.matches("[data-upload]") || !total) return;
  target.querySelector("progress").value = loaded / total;
  const told = `${megabytes(loaded)} / ${megabytes(total)} MB`;
  const rest = loaded < total ? ` · ${left(loaded, total)}` : "";
  target.querySelector("[data-sent]").textContent = told + rest;
});

// What was sent stays in the form: a dropped connection asks only to press the button again.
for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, ({ target }) => {
    if (target.matches("[data-upload]")) target.querySelector("[data-sending]").hidden = true;
  });
}
