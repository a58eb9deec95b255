// Records a voice. Phones and browsers differ in the format they record; the server finds out which it is.

import { byId } from "./dom.js";
import { notice } from "./notices.js";
import { MAX_BINARY_BYTES } from "./protocol.js";

const FORMATS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
const BITS_PER_SECOND = 32_000;
/** Recording ends by itself a little below what the server takes. */
const MOST_BYTES = MAX_BINARY_BYTES - 64 * 1024;

export class Voice {
  #recorder = null;
  #asking = false;
  #recorded;
  #ended;

  /** `recorded(blob)` is called with what was recorded, `ended()` when a recording was dropped. */
  constructor(recorded, ended) {
    this.#recorded = recorded;
    this.#ended = ended;
    byId("record-stop").addEventListener("click", () => this.#recorder?.stop());
    byId("record-cancel").addEventListener("click", () => this.cancel());
    byId("recorder").addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.cancel();
    });
  }

  async start() {
    if (this.#recorder || this.#asking) return;
    if (!navigator.mediaDevices?.getUserMedia || typeof MediaRecorder === "undefined") {
      notice(window.isSecureContext
        ? "This browser cannot record sound."
        : "Browsers give the microphone only to pages on https:// or on localhost, and this page is on neither.");
      return;
    }
    this.#asking = true;
    try {
      const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
      if (this.#asking) this.#record(microphone);
      else release(microphone);
    } catch (error) {
      notice(microphoneFault(error));
    } finally {
      this.#asking = false;
    }
  }

  #record(microphone) {
    const mimeType = FORMATS.find((format) => MediaRecorder.isTypeSupported(format));
    const recorder = new MediaRecorder(microphone, { mimeType, audioBitsPerSecond: BITS_PER_SECOND });
    const parts = [];
    let bytes = 0;
    const began = Date.now();
    const ticking = setInterval(() => (byId("record-time").textContent = elapsed(Date.now() - began)), 250);
    recorder.ondataavailable = ({ data }) => {
      parts.push(data);
      bytes += data.size;
      if (bytes > MOST_BYTES && recorder.state === "recording") recorder.stop();
    };
    recorder.onstop = () => {
      clearInterval(ticking);
      release(microphone);
      byId("recorder").hidden = true;
      const kept = this.#recorder === recorder;
      this.#recorder = null;
      if (kept) this.#recorded(new Blob(parts, { type: recorder.mimeType }));
      else this.#ended();
    };
    this.#recorder = recorder;
    recorder.start(1_000);
    byId("record-time").textContent = elapsed(0);
    byId("recorder").hidden = false;
    byId("record-stop").focus();
  }

  /** Drops what is being recorded, or would be. */
  cancel() {
    this.#asking = false;
    const recorder = this.#recorder;
    this.#recorder = null;
    recorder?.stop();
  }
}

function release(microphone) {
  microphone.getTracks().forEach((track) => track.stop());
}

function elapsed(milliseconds) {
  const seconds = Math.floor(milliseconds / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function microphoneFault(error) {
  switch (error.name) {
    case "NotAllowedError":
      return "The microphone was not allowed. The browser's site settings can change that.";
    case "NotFoundError":
      return "No microphone was found.";
    default:
      return `The microphone cannot be used: ${error.message}`;
  }
}
