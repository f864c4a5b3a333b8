// Reads a part of the page anew: <div id="progress" data-refresh="3"> is replaced every 3 seconds by
// what stands under its id at the same address then, until that says no more `data-refresh`.

function wait(part) {
  if (part.dataset.refresh) setTimeout(refresh, 1000 * part.dataset.refresh, part);
}

async function refresh(part) {
  const busy = document.hidden || part.contains(document.activeElement);
  wait((!busy && (await fresh(part))) || part);
}

/** Replace a part by its successor and return that; nothing where the site does not answer. */
async function fresh(part) {
  try {
    const answer = await fetch(location.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = answer.ok && page.getElementById(part.id);
    if (next) part.replaceWith(next);
    return next;
  } catch {
    return null;
  }
}

document.querySelectorAll("[data-refresh]").forEach(wait);
