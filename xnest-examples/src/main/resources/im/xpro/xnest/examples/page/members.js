// The list of members, and on a narrow screen the drawer it lives in.

import { avatar, byId, element, nameNode, nameText } from "./dom.js";

export class MemberList {
  #list = byId("members");
  #names = new Map();
  #items = new Map();
  #me = null;

  /** `choose(pid)` is called when a member is clicked. */
  constructor(choose) {
    this.#list.addEventListener("click", (event) => {
      const pid = event.target.closest("li")?.dataset.pid;
      if (pid !== undefined) choose(pid);
    });
  }

  get count() {
    return this.#names.size;
  }

  has(pid) {
    return this.#names.has(pid);
  }

  name(pid) {
    return this.#names.get(pid);
  }

  /** Starts again from the list in the welcome; `me` is one's own id. */
  rebuild(members, me) {
    this.#me = me;
    this.#names.clear();
    this.#items.clear();
    this.#list.replaceChildren();
    for (const { pid, nickname } of members) this.#put(pid, nickname);
    this.#showCount();
  }

  /** A member who came, or who has a new name. */
  set(pid, nickname) {
    const known = this.#names.has(pid);
    this.#put(pid, nickname);
    if (!known) this.#showCount();
  }

  remove(pid) {
    this.#names.delete(pid);
    this.#items.get(pid)?.remove();
    this.#items.delete(pid);
    this.#showCount();
  }

  /** Marks the member who is written to in private; null for nobody. */
  mark(pid) {
    for (const [id, item] of this.#items) item.firstChild.ariaPressed = String(id === pid);
  }

  #put(pid, nickname) {
    this.#names.set(pid, nickname);
    const own = pid === this.#me;
    const what = own ? `${nameText(nickname)}, you: change your nickname` : `Write to ${nameText(nickname)} in private`;
    const button = element("button", { type: "button", title: `${what} (${pid})`, ariaLabel: what, ariaPressed: "false" },
      avatar(pid, nickname), element("span", { className: "name" }, nameNode(nickname)));
    if (own) button.append(element("span", { className: "you" }, "you"));
    const item = element("li", { data: { pid, own } }, button);
    const old = this.#items.get(pid);
    if (old) {
      button.ariaPressed = old.firstChild.ariaPressed;
      const focused = old.contains(document.activeElement);
      old.replaceWith(item);
      if (focused) button.focus();
    } else {
      this.#list.append(item);
    }
    this.#items.set(pid, item);
  }

  #showCount() {
    byId("count").textContent = this.count;
    byId("count-badge").textContent = this.count;
  }
}

export class Drawer {
  #panel = byId("members-panel");
  #opener = byId("show-members");
  #narrow = window.matchMedia("(max-width: 47.99rem)");

  constructor() {
    this.#opener.addEventListener("click", () => this.#open());
    byId("hide-members").addEventListener("click", () => this.close());
    byId("members-shade").addEventListener("click", () => this.close());
    this.#panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    this.#narrow.addEventListener("change", () => this.close());
  }

  #open() {
    this.#show(true);
    byId("hide-members").focus();
  }

  close() {
    if (!this.#panel.classList.contains("open")) return;
    this.#show(false);
    if (this.#narrow.matches) this.#opener.focus();
  }

  #show(open) {
    this.#panel.classList.toggle("open", open);
    byId("members-shade").classList.toggle("open", open);
    byId("conversation").inert = open;
    this.#opener.ariaExpanded = String(open);
  }
}
