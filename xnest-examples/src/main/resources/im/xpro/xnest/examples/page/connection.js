// One connection to a room that comes back when it is lost.

/** Pauses (milliseconds) before they are spread by chance, which adds up to a half. */
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 20_000;
/** A server that says "try later" is left alone for at least this long. */
const BUSY_PAUSE = 5_000;
/** Only a connection that lasted this long lets the pauses start small again. */
const STEADY = 10_000;
/** How long a connection may take until its welcome is complete. */
const PATIENCE = 20_000;

/**
 * Tells its listener: `trying()`, `frame(text)`, `refused(code)` when the first attempt failed (nothing more follows),
 * `lost(code, pause)` when a connection that once stood is gone; it is tried again after `pause` milliseconds,
 * or never if that is null.
 */
export class Connection {
  #address;
  #listener;
  #socket = null;
  #failures = 0;
  #everWelcomed = false;
  #welcomedAt = null;
  #timer;

  /** `address` is asked for each attempt: the nickname may have changed meanwhile. */
  constructor(address, listener) {
    this.#address = address;
    this.#listener = listener;
  }

  open() {
    this.close();
    this.#listener.trying();
    const socket = new WebSocket(this.#address());
    this.#socket = socket;
    this.#welcomedAt = null;
    this.#timer = setTimeout(() => this.#gone(socket, 1006), PATIENCE);
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket && typeof data === "string") this.#listener.frame(data);
    };
    socket.onclose = ({ code, reason }) => this.#gone(socket, code, reason);
  }

  /** The whole welcome has been read. */
  welcomed() {
    clearTimeout(this.#timer);
    this.#everWelcomed = true;
    this.#welcomedAt = Date.now();
  }

  get standing() {
    return this.#welcomedAt !== null && this.#socket?.readyState === WebSocket.OPEN;
  }

  get waiting() {
    return this.#everWelcomed && this.#socket === null;
  }

  /** Bytes handed over but not yet on the wire. */
  get backlog() {
    return this.#socket?.bufferedAmount ?? 0;
  }

  send(data) {
    this.#socket.send(data);
  }

  /** Lets go, for good unless `open` follows. The listener is told nothing more of what was. */
  close() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #gone(socket, code, reason = "") {
    if (socket !== this.#socket) return;
    const steady = this.#welcomedAt !== null && Date.now() - this.#welcomedAt > STEADY;
    this.close();
    this.#welcomedAt = null;
    if (!this.#everWelcomed) {
      this.#listener.refused(code);
      return;
    }
    this.#failures = steady ? 0 : this.#failures + 1;
    const pause = code === 1008 ? null : this.#pause(code, reason);
    if (pause !== null) this.#timer = setTimeout(() => this.open(), pause);
    this.#listener.lost(code, pause);
  }

  /**
   * As long as a server that goes away asks for. Else doubles with each failure; spread by chance, so that a room
   * does not come back all at once.
   */
  #pause(code, reason) {
    const asked = /retry in (\d{1,3}) s/.exec(reason);
    if (asked !== null) return Number(asked[1]) * 1_000;
    const least = code === 1013 ? BUSY_PAUSE : FIRST_PAUSE;
    const pause = Math.min(LONGEST_PAUSE, Math.max(least, FIRST_PAUSE * 2 ** this.#failures));
    return pause * (1 + Math.random() / 2);
  }
}
