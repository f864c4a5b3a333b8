// Offers to go on where watching stopped, on whatever device that was.

const IGNORED = 8; // seconds of playing after which nobody wants the offer any more

export function offerToResume(video) {
  const offer = document.querySelector("[data-resume]");
  if (!offer) return;
  const start = video.currentTime;

  function playFrom(seconds) {
    video.currentTime = seconds;
    video.play();
    withdraw();
    (document.querySelector("media-play-button") ?? video).focus();
  }

  function withdraw() {
    offer.remove();
    video.removeEventListener("timeupdate", look);
    video.removeEventListener("seeking", withdraw);
  }

  function look() {
    if (video.currentTime > start + IGNORED) withdraw();
  }

  offer.querySelector("a").addEventListener("click", (event) => {
    event.preventDefault();
    playFrom(Number(offer.dataset.resume));
  });
  const anew = offer.querySelector("button");
  anew.hidden = false;
  anew.addEventListener("click", () => playFrom(0));
  video.addEventListener("timeupdate", look);
  video.addEventListener("seeking", withdraw);
}
