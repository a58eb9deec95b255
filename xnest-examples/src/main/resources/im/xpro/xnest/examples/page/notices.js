// Short words to the reader that do not belong to the conversation.

import { byId, element, glyph } from "./dom.js";

const SHOWN = 3;
const STAYS = 12_000;

/** Shows `text` for a while; `kind` is "error" or "info". The same words twice stand there once. */
export function notice(text, kind = "error") {
  const list = byId("notices");
  for (const shown of list.children) {
    if (shown.dataset.text === text) shown.remove();
  }
  const close = element("button", { className: "icon", type: "button", ariaLabel: "Dismiss" }, glyph("close"));
  const box = element("div", { className: "notice", data: { kind, text } }, element("p", { dir: "auto" }, text), close);
  close.addEventListener("click", () => box.remove());
  list.append(box);
  while (list.children.length > SHOWN) list.firstChild.remove();
  setTimeout(() => box.remove(), STAYS);
}
