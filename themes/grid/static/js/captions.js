// Captions beside their film: a line's time seeks there, and the line that is spoken is marked.

const film = document.getElementById("caption-film");
const lines = [...document.querySelectorAll(".caption-cues li")];

if (film) {
  for (const line of lines) {
    const time = line.querySelector(".caption-time");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "caption-time";
    button.textContent = time.textContent;
    button.addEventListener("click", () => {
      film.currentTime = Number(line.dataset.start);
      film.play();
    });
    time.replaceWith(button);
  }
  film.addEventListener("timeupdate", () => {
    for (const line of lines) {
      const spoken = line.dataset.start <= film.currentTime && film.currentTime < line.dataset.end;
      line.classList.toggle("spoken", spoken);
    }
  });
}
