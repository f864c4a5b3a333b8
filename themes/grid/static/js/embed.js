// Lets the line above the video go while it plays.

const video = document.querySelector("video");

for (const event of ["play", "pause", "ended"]) {
  video.addEventListener(event, () => document.body.classList.toggle("playing", !video.paused));
}
