// The player of a video: media-chrome's controls around the browser's own <video>.

import { followPlaying, seekByLinks } from "./player/moments.js";
import { listenToKeys } from "./player/keys.js";
import { offerTheNext } from "./player/next.js";
import { offerToResume } from "./player/resume.js";
import { reportPlaying } from "./player/report.js";
import { setUpShare } from "./player/share.js";
import { streamFromPlay } from "./player/streaming.js";
import { setUpTheater } from "./player/theater.js";
import { translateControls } from "./player/words.js";

// Once the controls are defined, at once: media-chrome's own roles are not all right.
export function start() {
  const controller = document.querySelector("media-controller");
  const video = controller?.querySelector("video");

  if (customElements.get("media-controller") && video) {
    video.controls = false; // it has better ones now
    // It is on or off, which media-chrome tells of a plain button.
    controller.querySelector("media-captions-button")?.setAttribute("role", "switch");
    translateControls(controller);
    setUpTheater(controller);
    listenToKeys(controller, video);
  }
  if (video) {
    streamFromPlay(video);
    reportPlaying(video);
    offerToResume(video);
    seekByLinks(video);
    followPlaying(video);
    offerTheNext(video);
    setUpShare(video);
  }
}
