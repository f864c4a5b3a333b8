// Brings the player's controls once the page is there, or somebody acts; until then the browser's
// own controls play the video. What a page shows first does not wait for them.

const { controls, player } = document.currentScript.dataset;
const acts = ["pointerdown", "keydown"];

async function bring() {
  removeEventListener("load", bring);
  for (const act of acts) removeEventListener(act, bring, true);
  const { start } = await import(player);
  try {
    await import(controls);
  } finally {
    start(); // without them too: what is watched is reported
  }
}

addEventListener("load", bring);
for (const act of acts) addEventListener(act, bring, true);
