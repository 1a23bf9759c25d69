// Lists that open over the page: a menu of a button, and the suggestions of a field. Both lie in the browser's top layer.

const beside = (list, anchor) => {
  const { left, right, top, bottom } = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = list;
  const room = document.documentElement.clientWidth - 8;
  const x = left + width > room ? Math.max(8, Math.min(right, room) - width) : left;
  const below = bottom + 4 + height <= window.innerHeight || top < height;
  Object.assign(list.style, { left: `${x}px`, top: `${below ? bottom + 4 : top - height - 4}px` });
};

// A button that opens a menu. Arrows, Home and End move; Escape, Tab and a press elsewhere close it, and the focus returns.
class Menu {
  // `items` returns [{testid, label, path, does}] each time that the menu opens; `path` null: no icon. The button of a menu
  // that `follows` it stays in place while the page scrolls.
  constructor(button, items, { follows = false } = {}) {
    this.button = button;
    this.items = items;
    this.follows = follows;
    this.list = element("div", { role: "menu", className: "menu" });
    this.list.popover = "auto";
    button.setAttribute("aria-haspopup", "menu");
    button.setAttribute("aria-expanded", "false");
    button.onclick = () => {
      const { open, wasOpen } = this;
      this.wasOpen = false;
      if (open) this.close();
      else if (!wasOpen) this.show();
    };
    button.onkeydown = (event) => {
      if (event.key !== "ArrowDown") return;
      event.preventDefault();
      this.show();
    };
    // A press on the button closes the menu before its click would open it again.
    button.onpointerdown = () => (this.wasOpen = this.open);
    this.list.onkeydown = (event) => this.key(event);
    this.list.addEventListener("toggle", () => {
      button.setAttribute("aria-expanded", String(this.open));
      if (!this.open) window.removeEventListener("scroll", this.onScroll, { capture: true });
    });
    this.onScroll = () => (follows ? beside(this.list, this.button) : this.close());
  }

  get open() {
    return this.list.matches(":popover-open");
  }

  show() {
    this.list.setAttribute("aria-label", this.button.getAttribute("aria-label"));
    this.list.replaceChildren(...this.items().map((item) => this.entry(item)));
    this.list.showPopover();
    beside(this.list, this.button);
    this.list.firstChild.focus({ preventScroll: true });
    window.addEventListener("scroll", this.onScroll, { capture: true, once: !this.follows });
  }

  close() {
    if (!this.open) return;
    this.list.hidePopover();
    this.button.focus({ preventScroll: true });
  }

  entry({ testid, label, path, does }) {
    const made = element("button", { type: "button", role: "menuitem", tabIndex: -1, testid });
    made.append(...(path ? [icon(path)] : []), element("span", { textContent: label }));
    made.onclick = () => {
      this.close();
      does();
    };
    return made;
  }

  key(event) {
    const all = [...this.list.children];
    const at = all.indexOf(this.list.getRootNode().activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) all.at(to % all.length).focus();
    else if (event.key === "Escape" || event.key === "Tab") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
