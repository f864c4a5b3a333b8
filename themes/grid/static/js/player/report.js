// Reports how much of a video has really been played, and where the viewer is.

const EVERY = 10_000; // milliseconds between reports
const WORTH = 0.5; // seconds of new playing, or of moving, that are worth one
const MOST = 120; // parts in a report

// The browser keeps the played parts without overlaps: what is skipped or seen twice adds nothing.
// The site adds them to those of earlier visits in the same way.
function partsOf({ played }) {
  return Array.from(played, (_, part) => [played.start(part), played.end(part)]);
}

const secondsOf = (parts) => parts.reduce((seconds, [start, end]) => seconds + end - start, 0);

// As the site reads them: "0.00-4.50,10.00-12.00"; the longest where somebody has leapt about a lot.
function written(parts) {
  const longest = parts.toSorted((a, b) => b[1] - b[0] - a[1] + a[0]).slice(0, MOST);
  return longest.map((part) => part.map((second) => second.toFixed(2)).join("-")).join();
}

export function reportPlaying(video) {
  if (!video.dataset.report) return;
  const last = { seconds: 0, position: 0 };

  function report() {
    const parts = partsOf(video);
    const now = { seconds: secondsOf(parts), position: video.currentTime };
    const news = now.seconds - last.seconds >= WORTH;
    const moved = Math.abs(now.position - last.position) >= WORTH;
    if (!parts.length || !Number.isFinite(video.duration) || !(news || moved)) return;
    const body = new FormData(); // beacons carry no headers, so the token goes in the body
    body.set("csrfmiddlewaretoken", video.dataset.token);
    body.set("played", written(parts));
    body.set("watch_time", (now.seconds / video.duration).toFixed(4));
    body.set("position", now.position.toFixed(2));
    body.set("came_from", document.referrer);
    if (navigator.sendBeacon(video.dataset.report, body)) Object.assign(last, now);
  }

  setInterval(() => video.paused || report(), EVERY);
  for (const event of ["pause", "ended"]) video.addEventListener(event, report);
  addEventListener("pagehide", report);
  document.addEventListener("visibilitychange", () => document.hidden && report());
}
