// Share: the link and the embed code with a start time, copied or handed to other apps.

function clock(seconds) {
  const parts = [Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  if (seconds >= 3600) parts.unshift(Math.floor(seconds / 3600));
  return parts.map((part, place) => (place ? String(part).padStart(2, "0") : part)).join(":");
}

function setUpCopy(button, field) {
  button.hidden = false;
  const say = button.textContent;
  button.addEventListener("click", async () => {
    field.select();
    await navigator.clipboard.writeText(field.value);
    button.textContent = button.dataset.done;
    setTimeout(() => (button.textContent = say), 2000);
  });
}

export function setUpShare(video) {
  const share = document.querySelector("[data-share]");
  if (!share) return;
  const fields = [...share.querySelectorAll("[data-plain]")];
  const [link] = fields;
  const from = share.querySelector("[data-from]");
  const check = from.querySelector("input");

  function write() {
    const start = check.checked ? Math.floor(video.currentTime) : 0;
    for (const field of fields) {
      const { plain, parameter } = field.dataset;
      const query = start ? `?${parameter}=${start}` : "";
      field.value = plain.replace(/(\/)("|$)/, `$1${query}$2`);
    }
  }

  share.addEventListener("toggle", () => {
    if (!share.open) return;
    from.querySelector("[data-now]").textContent = clock(video.currentTime);
    write();
  });
  check.addEventListener("change", write);
  from.hidden = false;
  if (navigator.clipboard) {
    for (const field of fields) {
      setUpCopy(share.querySelector(`[data-copy="${field.id}"]`), field);
    }
  }
  const hand = share.querySelector("[data-hand]");
  hand.hidden = !navigator.share;
  hand.addEventListener("click", () =>
    navigator.share({ title: document.title, url: link.value }).catch(() => {}),
  );
}
