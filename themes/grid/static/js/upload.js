// Films are sent while the form is filled in, and go on after any break. The form works without it.

import { Draft } from "./upload/draft.js";
import { useOwnClock } from "./upload/hours.js";
import { addRow } from "./upload/row.js";
import { Sending } from "./upload/sending.js";

const AT_ONCE = 2;
const form = () => document.querySelector("#video-form");
const place = document.querySelector("[data-films]"); // stays when htmx brings the form anew
const [list, template] = place.querySelectorAll("ul, template");
const begun = place.querySelector("[data-begun]");
const draft = new Draft(form());
const sendings = [];
let own = null; // the film of this form; the others become drafts of their own
let kept = false; // the form was sent and waits for its film

const input = () => form().querySelector("[name='file']");
const token = () => form().querySelector("[name='csrfmiddlewaretoken']").value;

function setUp() {
  useOwnClock(form());
  input().multiple = !own && !draft.edit;
  if (own || begun) input().required = false;
}

function startNext() {
  const free = AT_ONCE - sendings.filter(({ state }) => ["sending", "cut"].includes(state)).length;
  const waiting = sendings.filter(({ state }) => state === "waiting");
  for (const sending of waiting.slice(0, Math.max(0, free))) sending.start();
}

function send(file, tell, link) {
  const sending = new Sending(file, place.dataset.films, tell, token());
  const row = addRow(list, template, sending, () => input().focus());
  sending.addEventListener("announced", ({ detail }) => {
    const details = row.querySelector("[data-details]");
    details.href = detail.edit;
    details.hidden = !link;
  });
  sending.addEventListener("change", () => {
    if (sending.state === "arrived") arrived();
    if (!["sending", "cut"].includes(sending.state)) startNext();
  });
  sendings.push(sending);
  return sending;
}

// The words that were typed so far come first: they may have made the draft that it is for.
async function tellOwn() {
  await draft.save();
  return draft.video ? { video: draft.video } : { draft: form().elements.token.value };
}

function sendOwn(file) {
  if (own?.busy) own.cancel();
  own = send(file, tellOwn, false);
  begun?.remove();
  own.addEventListener("announced", ({ detail }) => {
    const other = !draft.video && detail.begun; // this film has a draft already
    draft.at(detail);
    const title = form().elements.title;
    if (!title.value) title.value = detail.title;
    if (other) htmx.ajax("GET", detail.edit, { target: "#video-form", swap: "outerHTML" });
  });
  setUp();
}

function choose([first, ...others]) {
  sendOwn(first);
  for (const file of others) send(file, () => ({}), true);
  startNext();
}

function arrived() {
  if (kept && !sendings.some(({ busy }) => busy)) location.assign(place.dataset.studio);
}

document.addEventListener("change", ({ target }) => {
  if (target !== input() || !target.files.length || !globalThis.tus) return;
  const files = [...target.files];
  target.value = ""; // it goes its own way, not with the form
  choose(files);
});

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.elt !== form()) return;
  draft.rest();
  if (draft.edit) detail.path = draft.edit;
  if (sendings.some(({ busy }) => busy)) detail.parameters.sending = "1";
});

document.addEventListener("video-kept", ({ detail: { publish } }) => {
  kept = true;
  const say = form().querySelector("[data-draft-state]");
  say.textContent = publish ? say.dataset.publish : say.dataset.kept;
  arrived();
});

document.addEventListener("htmx:load", ({ detail: { elt } }) => elt.id === "video-form" && setUp());

if (begun) begun.hidden = false;

addEventListener("beforeunload", (event) => {
  if (sendings.some(({ state }) => ["sending", "cut", "waiting"].includes(state))) event.preventDefault();
});

setUp();
