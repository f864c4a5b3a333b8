// What is typed is kept on the server as a draft, from the first keystroke on.

const PAUSE = 700; // milliseconds after a keystroke
const AGAIN = 5_000; // milliseconds after a failure

export class Draft {
  #timer = 0;
  #chain = Promise.resolve();
  #dirty = false;

  constructor(form) {
    const { keep, edit, video } = form.dataset;
    Object.assign(this, { keep, edit, video });
    form.addEventListener("input", (event) => event.target.type !== "file" && this.touch());
    addEventListener("pagehide", () => this.#dirty && this.#send({ keepalive: true }));
  }

  get form() {
    return document.querySelector("#video-form"); // htmx puts another one in its place
  }

  touch(wait = PAUSE) {
    if (!this.keep) return;
    this.#dirty = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.save(), wait);
  }

  // One after the other: the first makes the draft, the others must find it.
  save() {
    return (this.#chain = this.#chain.then(() => this.#dirty && this.#send()));
  }

  at({ edit, keep, video }) {
    Object.assign(this, { edit, keep: this.keep && keep, video });
    history.replaceState(null, "", edit);
  }

  // All of it is being sent: nothing is left to keep.
  rest() {
    clearTimeout(this.#timer);
    this.#dirty = false;
  }

  async #send(options = {}) {
    clearTimeout(this.#timer);
    const body = new FormData(this.form);
    for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
    this.#dirty = false;
    const { words } = this.#told();
    try {
      const answer = await fetch(this.keep, { method: "POST", body, ...options });
      if (answer.status >= 500) throw new Error(answer.status);
      if (!answer.ok) return this.#say("");
      const found = await answer.json();
      if (this.edit !== found.edit) this.at(found);
      this.#say(words.kept);
    } catch {
      this.#say(words.unkept);
      this.touch(AGAIN);
    }
  }

  #told() {
    const element = this.form?.querySelector("[data-draft-state]");
    return { element, words: element?.dataset ?? {} };
  }

  #say(text) {
    const { element } = this.#told();
    if (element && element.textContent !== text) element.textContent = text;
  }
}
