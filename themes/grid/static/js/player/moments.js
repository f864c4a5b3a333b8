// Links to moments of the video: in the description, chapters, comments and the transcript.

function isPlainClick(event) {
  return !(event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
}

export function seekByLinks(video) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-seek]");
    if (!link || !isPlainClick(event)) return;
    event.preventDefault();
    video.currentTime = Number(link.dataset.seek);
    video.play();
    video.scrollIntoView({ block: "nearest" });
  });
}

// The link in a list whose moment is the last one that has come.
function currentLink(list, seconds) {
  return [...list.querySelectorAll("[data-seek]")].findLast(
    (link) => Number(link.dataset.seek) <= seconds + 0.05,
  );
}

function mark(list, link) {
  const marked = list.querySelector("[aria-current]");
  if (marked === (link ?? null)) return;
  marked?.removeAttribute("aria-current");
  if (!link) return;
  link.setAttribute("aria-current", "true");
  // The list follows, the page stays; and not while somebody reads or looks for something.
  if (list.scrollHeight <= list.clientHeight || list.matches(":hover, :focus-within")) return;
  list.scrollTop = link.offsetTop - list.offsetTop - list.clientHeight / 3;
}

export function followPlaying(video) {
  video.addEventListener("timeupdate", () => {
    for (const list of document.querySelectorAll("[data-follow]")) {
      mark(list, currentLink(list, video.currentTime));
    }
  });
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-find]")) find(event.target.value);
  });
}

function find(words) {
  const wanted = words.trim().toLocaleLowerCase();
  for (const line of document.querySelectorAll("#transcript-lines > li")) {
    line.hidden = !line.textContent.toLocaleLowerCase().includes(wanted);
  }
}
