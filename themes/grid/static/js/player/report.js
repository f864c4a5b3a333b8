// Reports how much of a video has really been played, and where the viewer is.

const EVERY = 10_000; // milliseconds between reports
const WORTH = 0.5; // seconds of new playing, or of moving, that are worth one

// The browser keeps the played parts without overlaps: what is skipped or seen twice adds nothing.
function secondsPlayed({ played }, from = 0) {
  let seconds = 0;
  for (let part = 0; part < played.length; part++) {
    seconds += Math.max(0, played.end(part) - Math.max(played.start(part), from));
  }
  return seconds;
}

// What lies behind the place where watching stopped last time is new; what lies before it may be
// known already, so it counts only when this visit alone comes further.
function secondsKnown(video) {
  const { before = 0, position = 0 } = video.dataset;
  const together = Number(before) + secondsPlayed(video, Number(position));
  return Math.min(Math.max(secondsPlayed(video), together), video.duration);
}

export function reportPlaying(video) {
  if (!video.dataset.report) return;
  const last = { seconds: 0, position: 0 };

  function report() {
    const now = { seconds: secondsKnown(video), position: video.currentTime };
    const news = now.seconds - last.seconds >= WORTH;
    const moved = Math.abs(now.position - last.position) >= WORTH;
    if (!video.played.length || !Number.isFinite(now.seconds) || !(news || moved)) return;
    const body = new FormData(); // beacons carry no headers, so the token goes in the body
    body.set("csrfmiddlewaretoken", video.dataset.token);
    body.set("watched_duration", now.seconds.toFixed(2));
    body.set("watch_time", (now.seconds / video.duration).toFixed(4));
    body.set("position", now.position.toFixed(2));
    if (navigator.sendBeacon(video.dataset.report, body)) Object.assign(last, now);
  }

  setInterval(() => video.paused || report(), EVERY);
  for (const event of ["pause", "ended"]) video.addEventListener(event, report);
  addEventListener("pagehide", report);
  document.addEventListener("visibilitychange", () => document.hidden && report());
}
