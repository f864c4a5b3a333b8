// One film on its way to the server, until it is there. tus-js-client sends the pieces; the server
// knows a film it has seen before and says how much of it is there, so nothing is kept here.

const PIECE = { first: 1 << 20, least: 1 << 18, most: 1 << 24 }; // bytes of one request
const SECONDS = 4; // that one request should take: what a broken connection costs at most
const WAITS = [1, 2, 4, 8, 15, 30]; // seconds until it is tried again; the last one for ever
const STALLED = 40; // seconds without a byte after which a connection counts as dead
const LATER = new Set([0, 408, 409, 423]); // no answer, or somebody else is writing just now

const cookie = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
const coded = (text) => btoa(String.fromCodePoint(...new TextEncoder().encode(text)));

class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export class Sending extends EventTarget {
  state = "waiting"; // sending, paused, cut, signedout, failed, arrived, cancelled
  sent = 0;
  speed = 0; // bytes a second
  reason = "";
  #tries = 0;
  #url = null;
  #upload = null;
  #mark = null;

  constructor(file, address, tell, token) {
    super();
    Object.assign(this, { file, address, tell, token }); // tell: which video it is for
    this.size = file.size;
    addEventListener("online", () => this.state === "cut" && this.start());
  }

  get left() {
    return this.speed ? (this.size - this.sent) / this.speed : null;
  }

  get busy() {
    return ["sending", "cut", "paused", "signedout", "waiting"].includes(this.state);
  }

  async start() {
    clearTimeout(this.retry);
    this.#to("sending");
    try {
      this.#url ??= await this.#announce();
    } catch (error) {
      this.#fail(error.status ?? 0, error.message);
      return;
    }
    if (this.state === "sending") this.#send();
  }

  pause() {
    this.#stop();
    this.#to("paused");
  }

  async cancel() {
    this.#stop();
    this.#to("cancelled");
    if (this.#url) await fetch(this.#url, { method: "DELETE", headers: this.#headers() });
  }

  #headers() {
    return { "X-CSRFToken": cookie() ?? this.token, "Tus-Resumable": "1.0.0" };
  }

  async #announce() {
    const { name, lastModified } = this.file;
    const told = { filename: name || "video", modified: String(lastModified), ...(await this.tell()) };
    const pairs = Object.entries(told).filter(([, value]) => value);
    const answer = await fetch(this.address, {
      method: "POST",
      headers: {
        ...this.#headers(),
        "Upload-Length": String(this.size),
        "Upload-Metadata": pairs.map(([key, value]) => `${key} ${coded(value)}`).join(","),
      },
    });
    if (!answer.ok) throw new Refusal(answer.status, await answer.text());
    const video = await answer.json();
    this.tell = () => ({ video: video.video });
    this.dispatchEvent(new CustomEvent("announced", { detail: video }));
    return new URL(answer.headers.get("Location"), location.href).href;
  }

  #send() {
    this.#mark = null;
    let began = performance.now();
    const upload = new globalThis.tus.Upload(this.file, {
      uploadUrl: this.#url,
      chunkSize: this.piece ?? PIECE.first,
      retryDelays: null,
      storeFingerprintForResuming: false,
      onBeforeRequest: (request) => {
        began = performance.now();
        request.setHeader("X-CSRFToken", this.#headers()["X-CSRFToken"]);
      },
      onProgress: (sent) => this.#progress(sent),
      onChunkComplete: (size) => {
        this.#tries = 0;
        const best = (size / (performance.now() - began)) * 1000 * SECONDS;
        this.piece = Math.round(Math.min(PIECE.most, Math.max(PIECE.least, best)));
        upload.options.chunkSize = this.piece;
      },
      onSuccess: () => {
        this.#stop();
        this.sent = this.size;
        this.#to("arrived");
      },
      onError: (error) => {
        const answer = error.originalResponse;
        this.#fail(answer?.getStatus() ?? 0, answer?.getBody() ?? "");
      },
    });
    this.#upload = upload;
    this.alive = performance.now();
    this.watch = setInterval(() => {
      if (performance.now() - this.alive > STALLED * 1000) this.#fail(0, "");
    }, 5000);
    upload.start();
  }

  #progress(sent) {
    this.alive = performance.now();
    if (!this.#mark || sent < this.#mark.sent) this.#mark = { time: this.alive, sent };
    const seconds = (this.alive - this.#mark.time) / 1000;
    if (seconds > 0.5) {
      const now = (sent - this.#mark.sent) / seconds;
      this.speed = this.speed ? this.speed * 0.7 + now * 0.3 : now;
      this.#mark = { time: this.alive, sent };
    }
    this.sent = sent;
    this.dispatchEvent(new Event("progress"));
  }

  #stop() {
    clearInterval(this.watch);
    clearTimeout(this.retry);
    this.#upload?.abort();
    this.#upload = null;
  }

  // What can change by itself is tried again, for ever; the rest is for the creator to decide.
  #fail(status, reason) {
    if (["paused", "cancelled"].includes(this.state)) return;
    this.#stop();
    this.speed = 0;
    const gone = status === 404 && this.#url; // expired, or its bytes were lost: once more
    if (gone) this.#url = null;
    if (gone || status >= 500 || LATER.has(status)) {
      const wait = WAITS[Math.min(this.#tries++, WAITS.length - 1)];
      this.retry = setTimeout(() => this.start(), wait * 1000 * (0.75 + Math.random() / 2));
      this.#to("cut");
    } else {
      this.reason = reason.startsWith("<") ? "" : reason;
      this.#to(status === 401 || status === 403 ? "signedout" : "failed");
    }
  }

  #to(state) {
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }
}
