// The one way this page makes elements: nodes and text, never markup, so nothing that anybody wrote can run.

export const byId = (id) => document.getElementById(id);

/** An element with properties, `data` attributes and children (nodes or strings). */
export function element(tag, { data = {}, ...properties } = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  Object.assign(made.dataset, data);
  made.append(...children);
  return made;
}

export function glyph(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "glyph");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** A name among other words in an element: `<bdi>` keeps its direction to itself. */
export const nameNode = (name) => element("bdi", {}, name);

/** A name among other words where only plain text can stand (labels, titles): isolated, and without its own marks. */
export function nameText(name) {
  return `\u2068${name.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "")}\u2069`;
}

/** One of a few hues for a member, always the same for the same id. */
export function hue(id) {
  let mixed = 0;
  for (const character of String(id)) mixed = Math.imul(mixed ^ character.codePointAt(0), 0x9e3779b1);
  return String(Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) >>> 29);
}

const graphemes = typeof Intl.Segmenter === "function" ? new Intl.Segmenter() : null;

/** The round mark before a name: its first letter as a reader sees it, a whole emoji too. */
export function avatar(id, name) {
  const first = graphemes ? graphemes.segment(name)[Symbol.iterator]().next().value?.segment : [...name][0];
  const mark = element("span", { className: "avatar", data: { hue: hue(id) } }, (first ?? "?").toUpperCase());
  mark.setAttribute("aria-hidden", "true");
  return mark;
}
