// The page itself: joins a room, turns frames into what is seen, and what is typed into commands.

import { Attachments } from "./attachments.js";
import { Connection } from "./connection.js";
import { byId, nameNode, nameText } from "./dom.js";
import { MessageLog } from "./log.js";
import { Drawer, MemberList } from "./members.js";
import { notice } from "./notices.js";
import {
  binaryMessage, closeReason, fitsText, historyCommand, historyCursor, nicknameFault, privateCommand, readFrame,
  renameCommand, roomAddress, roomFault,
} from "./protocol.js";
import { Voice } from "./voice.js";

/** How long an older page may take (milliseconds) before the reader is told that it did not come. */
const PAGE_PATIENCE = 15_000;

const log = new MessageLog(askOlder);
const members = new MemberList(chooseMember);
const drawer = new Drawer();
const attachments = new Attachments(sendBytes, focusText);
const voice = new Voice((blob) => attachments.offer("audio", [blob]), focusText);

let connection = null;
let room = "";
let nickname = "";
let me = null;
/** Own ids of this tab, earlier connections included: ids are never used again, so what they said was said here. */
const ownIds = new Set(JSON.parse(remembered(sessionStorage, "xnest.ids") ?? "[]"));
let welcoming = true;
let arriving = [];
/** Who is written to in private, or null: `{pid, name}`. It stays when they leave, so that no word goes public by chance. */
let addressee = null;
/** Own texts whose echo has not come, oldest first, and whether bytes are on their way likewise. */
let unheardTexts = [];
let unheardBytes = 0;
/** Older pages asked for, in order: the page's own, and what a user typed as `@history:`. */
let asked = [];
let nextCursor = 1;
/** How far the server's clock is ahead of this one. */
let clockAhead = 0;
let unread = 0;

// Joining and leaving

function join(event) {
  event.preventDefault();
  const wantedRoom = byId("room").value.trim();
  const wantedName = byId("nickname").value.trim();
  const faults = [showFault("room", roomFault(wantedRoom)), showFault("nickname", nicknameFault(wantedName))];
  byId("join-error").textContent = "";
  if (faults[1]) byId("nickname").focus();
  if (faults[0]) byId("room").focus();
  if (!faults[0] && !faults[1]) connect(wantedRoom, wantedName);
}

function showFault(field, fault) {
  byId(`${field}-error`).textContent = fault ?? "";
  byId(field).ariaInvalid = String(fault !== null);
  return fault;
}

async function connect(wantedRoom, wantedName) {
  joining(true);
  room = wantedRoom;
  nickname = wantedName;
  const socket = await socketAddress();
  if (socket === null) {
    refused();
    return;
  }
  connection = new Connection(() => roomAddress(socket, room, nickname), { trying, frame, refused, lost });
  try {
    connection.open();
  } catch {
    refused(); // a browser throws when a page on https:// asks for ws://
  }
}

function joining(busy) {
  byId("join").disabled = busy;
  byId("join").textContent = busy ? "Joining …" : "Join";
}

/** Where rooms are, as the server that gave this page says. */
async function socketAddress() {
  try {
    const answer = await fetch("config.json", { cache: "no-store" });
    const { socket } = await answer.json();
    return answer.ok && URL.canParse(socket) ? socket : null;
  } catch {
    return null;
  }
}

/** A browser does not tell a page why a handshake was refused, so this can only say what to look at. */
function refused(code) {
  connection = null;
  joining(false);
  const hint = "The server may be down or full, or it does not take this name or room. Wait a moment, or try another.";
  byId("join-error").textContent = `Could not join. ${closeReason(code) ?? hint}`;
  byId("join").focus();
}

function enterView() {
  joining(false);
  remember(localStorage, "xnest.room", room);
  history.replaceState(null, "", `#${encodeURIComponent(room)}`);
  byId("room-name").textContent = room;
  byId("join-view").hidden = true;
  byId("chat-view").hidden = false;
  showTitle();
  if (window.matchMedia("(pointer: coarse)").matches) byId("room-name").focus(); // a phone's keyboard would cover what one came to read
  else focusText();
}

function leave() {
  connection.close();
  connection = null;
  me = null;
  unheardTexts = [];
  unheardBytes = 0;
  forgetAsked();
  drawer.close();
  leavePrivate();
  voice.cancel();
  attachments.clear();
  log.clear();
  byId("text").value = "";
  byId("chat-view").hidden = true;
  byId("join-view").hidden = false;
  byId("nickname").value = nickname;
  document.title = "xnest";
  byId("room").focus();
}

function roomInAddress() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return "";
  }
}

function addressChanged() {
  const wanted = roomInAddress();
  if (wanted === "" || (connection && wanted === room)) return;
  if (!byId("chat-view").hidden) leave();
  byId("room").value = wanted;
}

// The connection

function trying() {
  welcoming = true;
  showStatus("connecting", "Connecting …");
}

function lost(code, pause) {
  forgetAsked();
  const reason = closeReason(code) ?? "The connection is lost.";
  if (pause === null) showStatus("stopped", reason);
  else showStatus("waiting", `${reason} Trying again in ${Math.ceil(pause / 1_000)} s.`);
}

function showStatus(state, words) {
  byId("status").dataset.state = state;
  byId("status-text").textContent = words;
  byId("retry").hidden = state !== "waiting" && state !== "stopped";
  byId("send").ariaDisabled = String(state !== "online");
}

/** A browser keeps a page that was left for a while, open sockets too: its member would stay in the room as a ghost. */
function pageLeft() {
  connection?.close();
}

function pageBack({ persisted }) {
  if (persisted) connection?.open();
}

function backOnline() {
  if (connection?.waiting && byId("status").dataset.state === "waiting") connection.open();
}

// What the server says

function frame(text) {
  const heard = readFrame(text);
  if (heard === null) return;
  if (!Number.isNaN(heard.at)) clockAhead = heard.at - Date.now();
  HEARD[heard.type](heard);
}

const HEARD = {
  self({ payload }) {
    me = payload;
    ownIds.add(me);
    remember(sessionStorage, "xnest.ids", JSON.stringify([...ownIds].slice(-100)));
  },
  members({ payload }) {
    arriving = payload;
  },
  history({ payload }) {
    if (welcoming) welcome(payload);
    else olderCame(payload);
  },
  join({ from, payload, at }) {
    members.set(from, payload);
    system("join", at, nameNode(payload), from === me ? " (you) joined" : " joined");
    showAddressee();
  },
  leave({ from, at }) {
    if (!members.has(from)) return;
    system("leave", at, nameNode(members.name(from)), " left");
    members.remove(from);
    showAddressee();
  },
  changename({ from, payload, at }) {
    system("changename", at, nameNode(members.name(from) ?? "Someone"), " is now ", nameNode(payload));
    members.set(from, payload);
    if (from === me) rememberNickname();
    if (from === addressee?.pid) addressee.name = payload;
    showAddressee();
  },
  normal(heard) {
    if (heard.from === me) {
      // Echoes come in the order of sending, so what stands before this one was not taken.
      const place = unheardTexts.indexOf(heard.payload);
      if (place !== -1) unheardTexts.splice(0, place + 1);
    }
    said({ ...heard, type: "text" });
  },
  private: (heard) => said({ ...heard, type: "text", private: { name: nameOf(heard), sent: false } }),
  audio: bytesHeard,
  picture: bytesHeard,
  file: bytesHeard,
  error({ payload }) {
    notice(payload === "" ? "The server could not do that." : `The server says: ${payload}`);
  },
};

function bytesHeard(heard) {
  if (heard.from === me && unheardBytes > 0) unheardBytes--;
  said(heard);
}

function welcome(records) {
  const back = !byId("chat-view").hidden;
  welcoming = false;
  connection.welcomed();
  forgetAsked();
  nextCursor = 1;
  members.rebuild(arriving, me);
  rememberNickname();
  if (!back) enterView();
  showStatus("online", "Connected");
  log.rebuild(records.map(asEntry));
  if (back) lookForUnheard(records);
  showAddressee();
}

/** After a lost connection: what was sent into it either stands in the history, or its sender is told. */
function lookForUnheard(records) {
  const arrived = new Set(records.filter(({ from }) => ownIds.has(from)).map(({ payload }) => payload));
  const missing = unheardTexts.filter((text) => !arrived.has(text));
  if (missing.length > 0) {
    notice("Your last words may not have arrived. They are back in the field below.");
    const field = byId("text");
    field.value = [...missing, field.value].filter((text) => text !== "").join("\n");
  }
  if (unheardBytes > 0) notice("What you sent last may not have arrived. Look before you send it again.");
  unheardTexts = [];
  unheardBytes = 0;
}

const nameOf = ({ from }) => members.name(from) ?? "Someone";

const asEntry = (record) => ({ ...record, own: ownIds.has(record.from) });

function said(heard) {
  log.add(asEntry({ ...heard, name: nameOf(heard) }));
  if (document.hidden) {
    unread++;
    showTitle();
  }
}

function system(event, at, ...words) {
  log.add({ type: "system", event, at, words });
}

function showTitle() {
  document.title = `${unread > 0 ? `(${unread}) ` : ""}${room} – xnest`;
}

function seen() {
  if (document.hidden) return;
  unread = 0;
  if (!byId("chat-view").hidden) showTitle();
}

// Older pages

function askOlder() {
  if (!connection?.standing) {
    log.olderFailed();
    return;
  }
  connection.send(historyCommand(nextCursor));
  awaitPage(nextCursor, true);
}

function awaitPage(cursor, own) {
  const page = { cursor, own };
  page.timer = setTimeout(() => {
    asked.splice(asked.indexOf(page), 1);
    if (own) log.olderFailed();
  }, PAGE_PATIENCE);
  asked.push(page);
}

function olderCame(records) {
  const page = asked.shift();
  if (page === undefined) return;
  clearTimeout(page.timer);
  if (page.own) {
    nextCursor = page.cursor + 1;
    log.addOlder(records.map(asEntry));
  } else if (page.cursor === 0) {
    // A typed `@history:0` moves the point that cursors count from, so the pages shown must start again from it too.
    forgetAsked();
    nextCursor = 1;
    log.rebuild(records.map(asEntry));
  }
}

function forgetAsked() {
  asked.forEach(({ timer }) => clearTimeout(timer));
  asked = [];
}

// What the user says

function say(event) {
  event.preventDefault();
  const field = byId("text");
  const text = field.value;
  if (text.trim() === "") return;
  if (!connection.standing) {
    notice("Not connected just now. Your words stay here until the room is back.", "info");
    return;
  }
  if (addressee && !members.has(addressee.pid)) {
    notice(`${nameText(addressee.name)} is not in the room any more. Leave private mode to write to everyone.`);
    return;
  }
  const command = addressee ? privateCommand(addressee.pid, text) : text;
  if (!fitsText(command)) {
    notice("This text is too long: a message holds up to 1 MB. Send it as a file, or in parts.");
    return;
  }
  connection.send(command);
  noteSent(command);
  field.value = "";
  field.focus();
}

/** What was sent, typed commands included: a private text has no echo and is shown here, a normal one awaits its own. */
function noteSent(command) {
  const [, to, text] = /^@to:([^|]+)\|([^]*)$/.exec(command) ?? [];
  if (members.has(to)) {
    const heard = { type: "text", from: me, name: members.name(me), payload: text, at: Date.now() + clockAhead };
    log.add({ ...heard, own: true, private: { name: members.name(to), sent: true } });
    return;
  }
  const cursor = historyCursor(command);
  if (cursor !== null) awaitPage(cursor, false);
  if (!/^@(to|changename|history):/.test(command)) unheardTexts.push(command);
}

function composeKey(event) {
  // While an input method is composing, Enter chooses a word (229 is how Safari says so).
  const composing = event.isComposing || event.keyCode === 229;
  if (event.key === "Enter" && !event.shiftKey && !composing) {
    event.preventDefault();
    byId("compose-form").requestSubmit();
  }
}

function focusText() {
  if (!byId("chat-view").hidden) byId("text").focus();
}

// Private mode

function chooseMember(pid) {
  drawer.close();
  if (pid === me) {
    openRename();
    return;
  }
  addressee = { pid, name: members.name(pid) };
  showAddressee();
  focusText();
}

function replyTo({ target }) {
  const { reply, name } = target.closest("[data-reply]")?.dataset ?? {};
  if (reply === undefined) return;
  if (members.has(reply)) chooseMember(reply);
  else notice(`${nameText(name)} is not in the room any more.`, "info");
}

function leavePrivate() {
  addressee = null;
  showAddressee();
}

function showAddressee() {
  const gone = addressee !== null && !members.has(addressee.pid);
  const whom = addressee ? nameText(addressee.name) : "everyone";
  byId("composer").classList.toggle("private", addressee !== null);
  byId("private-bar").hidden = addressee === null;
  byId("private-bar").classList.toggle("gone", gone);
  byId("private-text").replaceChildren(...privateWords(gone));
  byId("text-label").textContent = addressee ? `Private message to ${whom}` : "Message to everyone";
  byId("text").placeholder = addressee ? "Private message" : "Message";
  byId("send").ariaLabel = addressee ? `Send in private to ${whom}` : "Send to everyone";
  for (const id of ["picture", "file", "record"]) byId(id).ariaDisabled = String(addressee !== null);
  members.mark(addressee?.pid ?? null);
}

function privateWords(gone) {
  if (addressee === null) return [];
  return gone ? [nameNode(addressee.name), " has left the room"] : ["Private to ", nameNode(addressee.name)];
}

/** Bytes have no private form in the protocol: in private mode nothing may slip out to everyone. */
function publicOnly() {
  if (addressee === null) return true;
  notice("Pictures, voice and files always go to everyone. Leave private mode first.", "info");
  return false;
}

// Pictures, voice, files

async function sendBytes(kind, blob) {
  if (!publicOnly()) return false;
  let message;
  try {
    message = await binaryMessage(kind, blob);
  } catch {
    notice("This file cannot be read any more.");
    return false;
  }
  if (!connection?.standing) {
    notice("Not connected just now. It waits here until the room is back.", "info");
    return false;
  }
  connection.send(message);
  unheardBytes++;
  showProgress(connection, message.length);
  return true;
}

function showProgress(sender, bytes) {
  const bar = byId("sending");
  const watch = setInterval(() => {
    const left = sender === connection && sender.standing ? sender.backlog : 0;
    bar.hidden = left === 0;
    bar.value = 1 - Math.min(1, left / bytes);
    if (left === 0) clearInterval(watch);
  }, 200);
}

function chosen(kind) {
  return ({ target }) => {
    const files = [...target.files];
    target.value = ""; // so that the same file can be chosen again
    if (publicOnly()) attachments.offer(kind, files);
  };
}

function offerFiles(files) {
  if (!publicOnly()) return;
  for (const file of files) attachments.offer(file.type.startsWith("image/") ? "picture" : "file", [file]);
}

function pasted(event) {
  const { files, types } = event.clipboardData;
  // Office programs put a picture of the text beside the text: then the text is what was meant.
  const words = types.includes("text/plain") && types.includes("text/html");
  if (files.length === 0 || words || byId("chat-view").hidden) return;
  event.preventDefault();
  offerFiles([...files]);
}

function dragged(event) {
  if (!event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  byId("drop-hint").hidden = byId("chat-view").hidden || addressee !== null;
}

function dropped(event) {
  byId("drop-hint").hidden = true;
  if (event.dataTransfer.files.length === 0) return;
  event.preventDefault();
  if (!byId("chat-view").hidden) offerFiles([...event.dataTransfer.files]);
}

// Renaming

function openRename() {
  byId("rename-name").value = members.name(me);
  byId("rename-error").textContent = "";
  byId("rename-dialog").showModal();
  byId("rename-name").select();
}

function rename(event) {
  event.preventDefault();
  const name = byId("rename-name").value.trim();
  const fault = name === "" ? "Which name?" : nicknameFault(name);
  const problem = fault ?? (connection.standing ? null : "Not connected just now. Try again in a moment.");
  byId("rename-error").textContent = problem ?? "";
  if (problem !== null) return;
  byId("rename-dialog").close();
  if (name !== members.name(me)) connection.send(renameCommand(name));
}

// What is remembered

function rememberNickname() {
  nickname = members.name(me) ?? nickname;
  remember(localStorage, "xnest.nickname", nickname);
}

async function copyLink() {
  try {
    await navigator.clipboard.writeText(location.href);
    notice("The link to this room is copied.", "info");
  } catch {
    notice(`Copy this link to share the room: ${location.href}`, "info"); // no clipboard on plain http
  }
}

// Storage may be forbidden or full; the chat works without.

function remember(storage, key, value) {
  try {
    storage.setItem(key, value);
  } catch (error) {
    console.info("not remembered:", key, error.message);
  }
}

function remembered(storage, key) {
  try {
    return storage.getItem(key);
  } catch {
    return null;
  }
}

byId("room").value = roomInAddress() || (remembered(localStorage, "xnest.room") ?? "");
byId("nickname").value = remembered(localStorage, "xnest.nickname") ?? "";
byId(byId("room").value === "" ? "room" : "nickname").focus();

const listeners = {
  "join-form": { submit: join },
  leave: { click: leave },
  retry: { click: () => { connection.open(); focusText(); } },
  "copy-link": { click: copyLink },
  "compose-form": { submit: say, keydown: (event) => event.key === "Escape" && leavePrivate() },
  text: { keydown: composeKey },
  "private-leave": { click: () => { leavePrivate(); focusText(); } },
  log: { click: replyTo },
  picture: { click: () => publicOnly() && byId("picture-input").click() },
  file: { click: () => publicOnly() && byId("file-input").click() },
  record: { click: () => publicOnly() && voice.start() },
  "picture-input": { change: chosen("picture") },
  "file-input": { change: chosen("file") },
  rename: { click: () => { drawer.close(); openRename(); } },
  "rename-form": { submit: rename },
  "rename-cancel": { click: () => byId("rename-dialog").close() },
};
for (const [id, handlers] of Object.entries(listeners)) {
  for (const [event, handler] of Object.entries(handlers)) byId(id).addEventListener(event, handler);
}
document.addEventListener("paste", pasted);
document.addEventListener("dragover", dragged);
document.addEventListener("dragleave", (event) => event.relatedTarget === null && (byId("drop-hint").hidden = true));
document.addEventListener("drop", dropped);
document.addEventListener("visibilitychange", seen);
window.addEventListener("online", backOnline);
window.addEventListener("pagehide", pageLeft);
window.addEventListener("pageshow", pageBack);
window.addEventListener("hashchange", addressChanged);
