// Sizes that follow the connection (HLS), from the first play on; until then, and wherever that
// fails, the browser has the one file that plays everywhere.

const THRIFTY = 480; // the shorter side, in pixels, that viewers who save data get at most

// Apple's browsers do it themselves, and then also on a television.
const doesItItself = (video) =>
  "webkitShowPlaybackTargetPicker" in video &&
  video.canPlayType("application/vnd.apple.mpegurl") !== "";

const shorter = ({ width, height }) => Math.min(width, height);

const isAv1 = ({ videoCodec }) => Boolean(videoCodec?.startsWith("av01"));

// The video goes on at the same second from another source.
function changeSource(video, attach) {
  const seconds = video.currentTime;
  attach(seconds);
  video.play().catch(() => {}); // the browser may want another click
}

function offerSizes(video, player) {
  const choice = video.closest("media-controller")?.querySelector("[data-quality]");
  if (!choice || player.levels.length < 2) return;
  const select = choice.querySelector("select");
  const automatic = select.options[0].text;
  const best = player.levels.some(isAv1); // with these, the others are there for other players
  player.levels.forEach((level, number) => {
    if (isAv1(level) === best) select.add(new Option(`${shorter(level)}p`, number));
  });
  select.addEventListener("change", () => (player.nextLevel = Number(select.value)));
  player.on("hlsLevelSwitched", (_, { level }) => {
    select.options[0].text = player.autoLevelEnabled
      ? `${automatic} (${shorter(player.levels[level])}p)`
      : automatic;
  });
  choice.hidden = false;
}

function saveData(player) {
  if (!navigator.connection?.saveData) return;
  const most = player.levels.findLastIndex((level) => shorter(level) <= THRIFTY);
  player.autoLevelCapping = Math.max(most, 0);
}

async function stream(video) {
  const { hls, streaming } = video.dataset;
  if (doesItItself(video)) {
    changeSource(video, (seconds) => {
      video.src = `${hls}#t=${seconds}`;
    });
    return;
  }
  const { default: Hls } = await import(streaming);
  if (!Hls.isSupported()) return;
  changeSource(video, (startPosition) => {
    // Its worker would come from an address of its own making, which our policy forbids.
    const player = new Hls({ enableWorker: false, startPosition, capLevelToPlayerSize: true });
    player.on("hlsManifestParsed", () => {
      saveData(player);
      offerSizes(video, player);
      video.dataset.streams = player.levels.length;
    });
    player.on("hlsError", (_, { fatal }) => {
      if (!fatal) return;
      player.destroy();
      changeSource(video, (seconds) => {
        video.src = `${video.querySelector("source").src.split("#")[0]}#t=${seconds}`;
      });
    });
    player.loadSource(hls);
    player.attachMedia(video);
  });
}

export function streamFromPlay(video) {
  if (!video.dataset.hls || !("MediaSource" in window || doesItItself(video))) return;
  const begin = () => stream(video).catch(() => {}); // then the one file plays on
  if (video.paused) video.addEventListener("play", begin, { once: true });
  else begin();
}
