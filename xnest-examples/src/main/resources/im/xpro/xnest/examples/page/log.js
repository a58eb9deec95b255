// The conversation: every entry the page knows, of which a window is in the document.

import { byId } from "./dom.js";
import { messageElement, relate } from "./message.js";

/** Most entries in the document at once, and how many come in at an edge. */
const WINDOW = 1_000;
const STEP = 50;
/** How near to an edge (pixels) counts as being there. */
const NEAR_TOP = 300;
const NEAR_BOTTOM = 60;
/** What is kept outside the document is bounded too: entries, and characters of text. */
const KEPT_ENTRIES = 10_000;
const KEPT_CHARACTERS = 32 * 1024 * 1024;
/** A burst of frames is drawn at once (milliseconds). */
const GATHER = 30;

const weight = (entry) => entry.payload?.length ?? 0;

export class MessageLog {
  #scroller = byId("log");
  #list = byId("messages");
  #start = byId("log-start");
  #toNewest = byId("to-newest");
  #entries = [];
  /** Entries first (inclusive) to end (exclusive) are in the document. */
  #first = 0;
  #end = 0;
  #characters = 0;
  #unseen = 0;
  /** The reader is at the newest entry and wants to stay there. */
  #following = true;
  /** Private texts older than any entry shown: they wait for the page of history they belong to. */
  #waiting = [];
  #past = "more";
  #askOlder;
  #drawing = null;

  /** `askOlder` is called when the reader comes near the oldest entry and the past may hold more. */
  constructor(askOlder) {
    this.#askOlder = askOlder;
    this.#scroller.addEventListener("scroll", () => this.#scrolled());
    this.#toNewest.addEventListener("click", () => this.#jumpToNewest());
    // A keyboard that opens, or a composer that grows, must not hide the newest words.
    new ResizeObserver(() => this.#following && this.#toBottom()).observe(this.#scroller);
  }

  clear() {
    this.#waiting = [];
    this.#entries = [];
    this.#begin([]);
  }

  /** Starts again from the newest page of history. Private texts are in no history, so those known stay. */
  rebuild(records) {
    this.#waiting.push(...this.#entries.filter((entry) => entry.private));
    this.#begin(this.#weave(records));
    this.#draw();
    this.#scrolled();
  }

  #begin(entries) {
    clearTimeout(this.#drawing);
    this.#drawing = null;
    this.#list.replaceChildren();
    this.#entries = entries;
    this.#characters = entries.reduce((sum, entry) => sum + weight(entry), 0);
    this.#first = 0;
    this.#end = 0;
    this.#following = true;
    this.#past = "more";
    this.#start.textContent = "";
    this.#sawAll();
  }

  /** A new entry, just heard. */
  add(entry) {
    this.#entries.push(entry);
    this.#characters += weight(entry);
    // Far behind a flood of messages, reading on is given up for what is newest.
    if (entry.own || this.#exceeds(2)) this.#following = true;
    this.#drawing ??= setTimeout(() => this.#draw(), GATHER);
  }

  /** The next older page; an empty one is the end of the past. */
  addOlder(records) {
    if (this.#past !== "asked") return;
    const ended = records.length === 0;
    const older = this.#weave(records);
    this.#entries.unshift(...older);
    this.#first += older.length;
    this.#end += older.length;
    this.#characters += older.reduce((sum, entry) => sum + weight(entry), 0);
    if (ended) this.#pastIs("ended", "No older messages");
    else this.#pastIs("more", "");
    this.#revealOlder();
    this.#scrolled();
  }

  /** Says what goes on above the oldest entry: "asked", "more" or "ended". */
  #pastIs(state, words) {
    this.#past = state;
    this.#start.textContent = words;
  }

  /** The page that was asked for did not come. */
  olderFailed() {
    if (this.#past === "asked") this.#pastIs("more", "Older messages did not come. Scroll to try again.");
  }

  /** Puts the waiting private texts between the records by time; those older than all records go on waiting. */
  #weave(records) {
    const oldest = records.length > 0 ? records[0].at : -Infinity;
    const ready = this.#waiting.filter((entry) => entry.at >= oldest);
    this.#waiting = this.#waiting.filter((entry) => !(entry.at >= oldest));
    const woven = [];
    for (const record of records) {
      while (ready.length > 0 && ready[0].at < record.at) woven.push(ready.shift());
      woven.push(record);
    }
    return woven.concat(ready);
  }

  // Drawing

  #draw() {
    clearTimeout(this.#drawing);
    this.#drawing = null;
    const fresh = this.#entries.length - this.#end;
    if (this.#following) {
      if (fresh > WINDOW) this.#empty(this.#entries.length - WINDOW);
      this.#append(this.#entries.length);
      this.#dropAbove(this.#list.children.length - WINDOW);
      this.#forget();
      this.#toBottom();
      this.#sawAll();
    } else {
      // Never takes away what is being read: beyond the window, entries wait below.
      this.#append(Math.min(this.#entries.length, this.#first + WINDOW));
      this.#unseen += fresh;
      this.#showUnseen();
    }
  }

  #empty(at) {
    this.#list.replaceChildren();
    this.#first = at;
    this.#end = at;
  }

  #append(to) {
    for (; this.#end < to; this.#end++) {
      const item = messageElement(this.#entries[this.#end]);
      relate(item, this.#entries[this.#end], this.#entries[this.#end - 1]);
      this.#list.append(item);
    }
  }

  #dropAbove(count) {
    for (let i = 0; i < count; i++, this.#first++) this.#list.firstChild.remove();
  }

  /** Lets go of the oldest entries when the page has run for long; they can be read again after a reload. */
  #forget() {
    let gone = 0;
    while (this.#exceeds(1, gone) && gone < this.#entries.length - 1) this.#characters -= weight(this.#entries[gone++]);
    if (gone === 0) return;
    this.#dropAbove(gone - this.#first);
    this.#entries.splice(0, gone);
    this.#first -= gone;
    this.#end -= gone;
    this.#pastIs("ended", "Reload the page to read further back");
  }

  /** Whether more is kept, without the first `gone` entries, than `times` what may be. */
  #exceeds(times, gone = 0) {
    return this.#entries.length - gone > times * KEPT_ENTRIES || this.#characters > times * KEPT_CHARACTERS;
  }

  #revealOlder() {
    this.#keepingPlace(() => {
      const from = Math.max(0, this.#first - STEP);
      const items = [];
      for (let i = from; i < this.#first; i++) {
        const item = messageElement(this.#entries[i]);
        relate(item, this.#entries[i], this.#entries[i - 1]);
        items.push(item);
      }
      const next = this.#list.firstElementChild;
      if (next) relate(next, this.#entries[this.#first], this.#entries[this.#first - 1]);
      this.#list.prepend(...items);
      this.#first = from;
      while (this.#list.children.length > WINDOW) {
        this.#list.lastChild.remove();
        this.#end--;
      }
    }, this.#list.firstElementChild);
  }

  #revealNewer() {
    this.#keepingPlace(() => {
      this.#append(Math.min(this.#entries.length, this.#end + STEP));
      this.#dropAbove(this.#list.children.length - WINDOW);
    }, this.#list.lastElementChild);
  }

  /** Changes the list so that `anchor` stays where the reader sees it; readers who listen are not read old pages. */
  #keepingPlace(change, anchor) {
    this.#scroller.ariaLive = "off";
    const words = anchor?.querySelector(".said, p:not(.day)");
    const before = words?.getBoundingClientRect().top;
    change();
    if (words && !this.#following) this.#scroller.scrollTop += words.getBoundingClientRect().top - before;
    if (this.#following) this.#toBottom();
    setTimeout(() => (this.#scroller.ariaLive = "polite"), 200);
  }

  // Scrolling

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    const atBottom = scrollHeight - scrollTop - clientHeight < NEAR_BOTTOM;
    if (atBottom && this.#end < this.#entries.length && this.#drawing === null) {
      this.#revealNewer();
      return;
    }
    this.#following = atBottom;
    if (atBottom) this.#sawAll();
    this.#toNewest.hidden = atBottom;
    if (scrollTop > NEAR_TOP) return;
    if (this.#first > 0) {
      this.#revealOlder();
    } else if (this.#past === "more") {
      this.#pastIs("asked", "Looking for older messages …");
      this.#askOlder();
    }
  }

  #jumpToNewest() {
    if (this.#entries.length - this.#end > STEP) this.#empty(Math.max(0, this.#entries.length - STEP));
    this.#following = true;
    this.#draw();
    this.#scroller.focus({ preventScroll: true });
  }

  #toBottom() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  #sawAll() {
    this.#unseen = 0;
    this.#toNewest.hidden = true;
    this.#showUnseen();
  }

  #showUnseen() {
    const words = this.#unseen === 0 ? "Newest" : this.#unseen === 1 ? "1 new message" : `${this.#unseen} new messages`;
    byId("to-newest-text").textContent = words;
  }
}
