// What goes over the wire, and nothing of the page: frames read into plain objects, commands written as text or bytes.

/** The server's default limits, in bytes on the wire. */
export const MAX_TEXT_BYTES = 1024 * 1024;
export const MAX_BINARY_BYTES = 8 * 1024 * 1024;

const MAX_ROOM_CHARACTERS = 128;
const MAX_NICKNAME_CHARACTERS = 64;

const FIRST_BYTE = { audio: 1, picture: 2, file: 3 };

// Server to page

const isText = (payload) => typeof payload === "string";

/** Every frame type the page knows, and what its payload must be. Anything else is ignored. */
const PAYLOADS = new Map([
  ["self", isText],
  ["members", Array.isArray],
  ["history", Array.isArray],
  ["join", isText],
  ["leave", isText],
  ["normal", isText],
  ["private", isText],
  ["audio", isText],
  ["picture", isText],
  ["file", isText],
  ["changename", isText],
  ["error", isText],
]);

const RECORD_TYPES = new Set(["text", "audio", "picture", "file"]);

/** A frame as `{type, from, payload, at}`, or null when it is none that the page knows. */
export function readFrame(json) {
  let frame;
  try {
    frame = JSON.parse(json);
  } catch {
    return null;
  }
  if (frame === null || !PAYLOADS.get(frame.type)?.(frame.payload)) return null;
  const { type, from } = frame;
  let { payload } = frame;
  if (type === "members") payload = payload.filter((member) => isText(member?.pid) && isText(member.nickname));
  if (type === "history") payload = payload.map(readRecord).filter((record) => record !== null);
  return { type, from, payload, at: readTime(frame.send_time) };
}

function readRecord(record) {
  if (!RECORD_TYPES.has(record?.type) || !isText(record.payload)) return null;
  const { type, from, payload } = record;
  return { type, from, payload, name: isText(record.nickname) ? record.nickname : "Someone", at: readTime(record.send_time) };
}

/**
 * `2015-4-8 14:2:6` (or the day alone) in milliseconds. The frame does not tell the server's zone, so the clock on the
 * server's wall is taken as UTC and shown as UTC: everybody in a room then reads the same time. NaN if unreadable.
 */
function readTime(text) {
  const parts = /^(\d{4})-(\d{1,2})-(\d{1,2})(?: (\d{1,2}):(\d{1,2}):(\d{1,2}))?$/.exec(text);
  if (!parts) return NaN;
  const [year, month, day, hour = 0, minute = 0, second = 0] = parts.slice(1).map((part) => part && Number(part));
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** The address as a URL that is safe in `href` and `src`, or null. */
export function webAddress(text) {
  try {
    const url = new URL(text);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

/** Why the server closed, for people. Null when the code says nothing a person could use. */
export function closeReason(code) {
  switch (code) {
    case 1001:
      return "The server is going away.";
    case 1007:
    case 1008:
      return "The server closed the connection: it was asked too much at once, or something it does not allow.";
    case 1009:
      return "The last message was too big for the server.";
    case 1013:
      return "The server is busy, or this connection was too slow to keep up.";
    default:
      return null;
  }
}

// Page to server

export const privateCommand = (to, text) => `@to:${to}|${text}`;
export const renameCommand = (nickname) => `@changename:${nickname}`;
export const historyCommand = (cursor) => `@history:${cursor}`;

/** The cursor that a text asks for, or null when it is no history command. */
export function historyCursor(text) {
  const command = /^@history:(\d+)$/.exec(text);
  return command && Number(command[1]);
}

/** One binary message: a byte for the kind ("audio", "picture" or "file"), then the content. */
export async function binaryMessage(kind, blob) {
  const message = new Uint8Array(1 + blob.size);
  message[0] = FIRST_BYTE[kind];
  message.set(new Uint8Array(await blob.arrayBuffer()), 1);
  return message;
}

export const fitsText = (text) => new Blob([text]).size <= MAX_TEXT_BYTES;
export const fitsBinary = (blob) => 1 + blob.size <= MAX_BINARY_BYTES;

export function roomAddress(socket, room, nickname) {
  return `${socket}${encodeURIComponent(room)}?nickname=${encodeURIComponent(nickname)}`;
}

/** What is wrong with a room's name, for people; null when nothing is. */
export function roomFault(room) {
  if (room === "") return "Which room? Give it any name.";
  if (room === "." || room === "..") return "A room cannot be called “.” or “..”.";
  if (room.includes("/")) return "A room's name cannot hold a “/”.";
  return wordsFault(room, MAX_ROOM_CHARACTERS);
}

/** What is wrong with a nickname, for people; null when nothing is. An empty one is left to the caller. */
export function nicknameFault(nickname) {
  return wordsFault(nickname, MAX_NICKNAME_CHARACTERS);
}

function wordsFault(words, max) {
  if (/[\p{Cc}\p{Cs}]/u.test(words)) return "This holds a character that cannot be used in a name.";
  const characters = [...words].length;
  return characters > max ? `At most ${max} characters, please: these are ${characters}.` : null;
}
