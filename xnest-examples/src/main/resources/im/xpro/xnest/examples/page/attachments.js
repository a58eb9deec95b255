// What waits to be sent as bytes (pictures, voices, files): looked at first, one after the other.

import { byId, element, glyph } from "./dom.js";
import { notice } from "./notices.js";
import { fitsBinary, MAX_BINARY_BYTES } from "./protocol.js";

const PREVIEW_PIXELS = 480;

export class Attachments {
  #queue = [];
  #shown = null;
  #send;
  #done;

  /** `send(kind, blob)` resolves to whether it was sent; `done` is called when nothing waits any more. */
  constructor(send, done) {
    this.#send = send;
    this.#done = done;
    byId("preview-send").addEventListener("click", () => this.#sendShown());
    byId("preview-cancel").addEventListener("click", () => this.#next());
    byId("preview").addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#next();
    });
  }

  /** Offers blobs as `kind`: "picture" (if it turns out to be one), "audio" or "file". */
  async offer(kind, blobs) {
    const queue = this.#queue; // what is decoded after `clear` belongs to the queue that is gone
    for (const blob of blobs) {
      const fault = faultOf(blob);
      if (fault) notice(fault);
      else queue.push(kind === "picture" ? await picture(blob) : { kind, blob, show: kind === "audio" ? player : fileMark });
    }
    if (this.#shown === null) this.#next();
  }

  /** Forgets everything that waits. */
  clear() {
    this.#queue = [];
    this.#hide();
  }

  #next() {
    this.#hide();
    const waiting = this.#queue.shift();
    if (waiting === undefined) {
      this.#done();
      return;
    }
    this.#shown = waiting;
    const { kind, blob, show } = waiting;
    byId("preview-show").replaceChildren(show(waiting));
    byId("preview-name").textContent = kind === "audio" ? "Your voice" : blob.name || "Picture";
    byId("preview-note").textContent = noteOn(waiting, this.#queue.length);
    byId("preview").hidden = false;
    byId("preview").dataset.kind = kind;
    byId("preview-send").focus();
  }

  #hide() {
    if (this.#shown?.address) URL.revokeObjectURL(this.#shown.address);
    this.#shown?.bitmap?.close();
    this.#shown = null;
    byId("preview").hidden = true;
    byId("preview-show").replaceChildren();
  }

  async #sendShown() {
    const shown = this.#shown;
    if (shown === null || shown.sending) return;
    shown.sending = true;
    const sent = await this.#send(shown.kind, shown.blob);
    shown.sending = false;
    if (sent && shown === this.#shown) this.#next();
  }
}

function faultOf(blob) {
  const name = blob.name ? `“${blob.name}”` : "This";
  if (blob.size === 0) return `${name} is empty, there is nothing to send.`;
  if (!fitsBinary(blob)) {
    return `${name} is too big to send: ${size(blob)}. The room takes up to ${MAX_BINARY_BYTES / 1024 / 1024} MB.`;
  }
  return null;
}

/** Drawn on a canvas and not shown by a `blob:` address: so the page's policy need not allow such images. */
async function picture(blob) {
  try {
    return { kind: "picture", blob, bitmap: await createImageBitmap(blob), show: drawing };
  } catch {
    return { kind: "file", blob, show: fileMark, remark: "This browser cannot show it as a picture, so it goes as a file. " };
  }
}

function drawing({ bitmap }) {
  const scale = Math.min(1, PREVIEW_PIXELS / Math.max(bitmap.width, bitmap.height));
  const canvas = element("canvas", {
    width: Math.max(1, Math.round(bitmap.width * scale)),
    height: Math.max(1, Math.round(bitmap.height * scale)),
    role: "img",
    ariaLabel: "The picture to be sent",
  });
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function player(waiting) {
  waiting.address = URL.createObjectURL(waiting.blob);
  return element("audio", { controls: true, src: waiting.address, ariaLabel: "The voice to be sent" });
}

const fileMark = () => glyph("file");

function noteOn({ kind, blob, remark = "" }, more) {
  const nameless = kind === "file" ? " Its name is not sent along." : "";
  return `${remark}${size(blob)}.${nameless}${more > 0 ? ` ${more} more after this.` : ""}`;
}

function size({ size: bytes }) {
  if (bytes < 1024) return `${bytes} bytes`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
