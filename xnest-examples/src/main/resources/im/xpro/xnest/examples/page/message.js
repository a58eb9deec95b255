// One entry of the conversation as an element.

import { avatar, element, glyph, nameNode } from "./dom.js";
import { webAddress } from "./protocol.js";

/** Longer texts are folded: a text may be 1 MiB, and laying out many such would stop the page. */
const FOLDED_CHARACTERS = 3_000;
const FOLDED_LINES = 30;

/** A speaker's messages this close together stand under one name. */
const TOGETHER = 5 * 60_000;

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" });
const calendar = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeZone: "UTC" });
const whole = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "medium", timeZone: "UTC" });

/**
 * `entry` is `{type, at, from, name, own, payload}` with type text, audio, picture or file; a private text has
 * `private: {name, sent}` besides, the name being the other one's; a system line is `{type: "system", event, at, words}`.
 */
export function messageElement(entry) {
  return entry.type === "system" ? systemLine(entry) : message(entry);
}

function systemLine({ event, words }) {
  return element("li", { className: "system", data: { type: event } }, element("p", {}, ...words));
}

function message(entry) {
  const type = entry.private ? "private" : entry.type;
  const item = element("li", { className: "message", data: { type, from: entry.from, own: entry.own } });
  const bubble = element("div", { className: "bubble" });
  if (entry.private) {
    item.classList.add("private");
    item.dataset.direction = entry.private.sent ? "sent" : "received";
    bubble.append(privateMark(entry.private));
  }
  bubble.append(content(entry));
  if (entry.private && !entry.private.sent) {
    const data = { reply: entry.from, name: entry.name };
    bubble.append(element("button", { className: "link reply", type: "button", data }, "Reply in private"));
  }
  const name = element("span", { className: "name" }, nameNode(entry.name));
  if (entry.own) name.append(element("span", { className: "visually-hidden" }, " (you)"));
  const byline = element("div", { className: "byline" }, name, time(entry.at));
  item.append(avatar(entry.from, entry.name), element("div", { className: "said" }, byline, bubble));
  return item;
}

function privateMark({ name, sent }) {
  const words = sent ? ["Private to ", nameNode(name)] : ["Private, only to you"];
  return element("p", { className: "private-mark" }, glyph("lock"), element("span", {}, ...words));
}

function time(at) {
  if (Number.isNaN(at)) return "";
  return element("time", { dateTime: new Date(at).toISOString().slice(0, 19), title: whole.format(at) }, clock.format(at));
}

function content({ type, payload, name }) {
  const address = type === "text" ? null : webAddress(payload);
  if (address === null) return text(payload);
  if (type === "picture") return picture(address, name);
  if (type === "audio") return audio(address, name);
  return element("p", { className: "file" }, glyph("file"), link(address, "Download the file"));
}

function picture(address, name) {
  const image = element("img", { alt: `Picture from ${name}`, loading: "lazy", decoding: "async", src: address });
  const open = link(address, image);
  open.className = "picture";
  image.addEventListener("error", () => {
    open.classList.add("missing");
    open.replaceChildren("This picture cannot be shown here. Open it");
  });
  return open;
}

function audio(address, name) {
  const box = element("div", { className: "audio" });
  const player = element("audio", { controls: true, preload: "none", src: address });
  player.setAttribute("aria-label", `Voice from ${name}`);
  player.addEventListener("error", () => box.replaceChildren(
    element("p", {}, "This browser cannot play this voice. "), link(address, "Download it")));
  box.append(player);
  return box;
}

function link(address, inside) {
  return element("a", { href: address, target: "_blank", rel: "noopener noreferrer", referrerPolicy: "no-referrer" }, inside);
}

function text(payload) {
  const body = element("p", { className: "text", dir: "auto" });
  const end = foldAt(payload);
  if (end === payload.length) {
    body.append(...withLinks(payload));
    return body;
  }
  const words = `Show all (${payload.length.toLocaleString("en")} characters)`;
  const more = element("button", { className: "link unfold", type: "button" }, words);
  more.addEventListener("click", () => body.replaceChildren(...withLinks(payload)));
  body.append(...withLinks(payload.slice(0, end)), "… ", more);
  return body;
}

function foldAt(payload) {
  let end = payload.length > FOLDED_CHARACTERS * 1.2 ? FOLDED_CHARACTERS : payload.length;
  let line = -1;
  for (let lines = 0; lines < FOLDED_LINES; lines++) {
    line = payload.indexOf("\n", line + 1);
    if (line === -1 || line > end) return wholeCharacters(payload, end);
  }
  return line;
}

/** Never cuts a character that is two UTF-16 units in half. */
function wholeCharacters(payload, end) {
  return end < payload.length && /[\ud800-\udbff]/.test(payload[end - 1]) ? end - 1 : end;
}

// Ends at marks that turn the reading direction: a link must not be able to read as another address.
const ADDRESS = /\bhttps?:\/\/[^\s<>"'`，。、；：！？（）「」『』【】《》\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gi;

const MAX_ADDRESS = 2_000;

function withLinks(payload) {
  const parts = [];
  let done = 0;
  for (const match of payload.matchAll(ADDRESS)) {
    if (match[0].length > MAX_ADDRESS) continue;
    const found = withoutFullStop(match[0]);
    const address = webAddress(found);
    if (address === null) continue;
    parts.push(payload.slice(done, match.index), link(address, found));
    done = match.index + found.length;
  }
  parts.push(payload.slice(done));
  return parts;
}

/** Marks at the end belong to the sentence, and so does a bracket that was opened before the address. */
function withoutFullStop(found) {
  const shorter = found.replace(/[.,;:!?\]}]+$/, "");
  const opened = shorter.split("(").length >= shorter.split(")").length;
  return shorter.endsWith(")") && !opened ? withoutFullStop(shorter.slice(0, -1)) : shorter;
}

/** Sets what depends on the entry before: the day's heading, and whether the name needs saying again. */
export function relate(item, entry, before) {
  item.querySelector(":scope > .day")?.remove();
  const newDay = !Number.isNaN(entry.at) && dayOf(entry) !== dayOf(before);
  if (newDay) item.prepend(element("p", { className: "day" }, calendar.format(entry.at)));
  const goesOn = !newDay && before !== undefined && before.type !== "system" && before.from === entry.from
      && !before.private && !entry.private && entry.at - before.at < TOGETHER;
  item.classList.toggle("goes-on", entry.type !== "system" && goesOn);
}

const dayOf = (entry) => (entry === undefined || Number.isNaN(entry.at) ? null : Math.floor(entry.at / 86_400_000));
