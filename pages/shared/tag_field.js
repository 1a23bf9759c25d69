// Tags with a cross each, and a field for more: it suggests those that exist, and takes a new one.
//
//   TagLine: tags ─ cross ─▶ remove(name)      + ─▶ TagField
//   type ─▶ suggestions ─ arrows, Enter, press ─▶ put(name)      Escape, Tab, a press elsewhere ─▶ closed()

const LONGEST_TAG = 100;
const PLUS = "M19 13h-6v6h-2v-6H5v-2h6V5h2v6h6z";

// A tag's name as the server keeps it.
const tagName = (typed) => typed.replace(/#/g, " ").split(/\s+/).filter(Boolean).join(" ").slice(0, LONGEST_TAG);

class TagField {
  // `eager`: it suggests before anything is typed; else on the first letter, or Arrow Down.
  constructor({ put, closed, eager = true }) {
    Object.assign(this, { put, closed, eager, at: -1 });
    this.field = element("input", {
      type: "text", testid: "tag-field", autocomplete: "off", spellcheck: false, maxLength: LONGEST_TAG,
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "castmind-tags",
    });
    this.list = element("ul", { role: "listbox", id: "castmind-tags", className: "menu" });
    this.list.popover = "manual";
    this.root = element("span", { className: "tag-field", hidden: true }, this.field, this.list);
    this.field.oninput = () => this.suggest();
    this.field.onkeydown = (event) => this.key(event);
    this.field.onblur = () => this.close();
    // The field keeps the focus while a suggestion is pressed.
    this.list.onpointerdown = (event) => event.preventDefault();
  }

  // `known`: all tags; `taken`: those that are not suggested; `text`: {add, new_tag}.
  show({ known, taken, text }) {
    Object.assign(this, { known, taken, text });
    this.field.placeholder = text.tag_hint;
    this.field.setAttribute("aria-label", text.add_tag);
    this.list.setAttribute("aria-label", text.add_tag);
    if (!this.root.hidden) this.suggest();
  }

  open() {
    this.root.hidden = false;
    this.field.value = "";
    this.field.focus();
    this.suggest();
  }

  close() {
    if (this.root.hidden) return;
    this.hideList();
    this.root.hidden = true;
    this.closed();
  }

  get offered() {
    const typed = tagName(this.field.value).toLowerCase();
    const free = this.known.filter((name) => !this.taken.some((each) => each.toLowerCase() === name.toLowerCase()));
    return free.filter((name) => name.toLowerCase().includes(typed)).slice(0, 8);
  }

  suggest({ all = this.eager } = {}) {
    const typed = tagName(this.field.value);
    const names = typed || all ? this.offered : [];
    const exists = [...this.known, ...this.taken].some((name) => name.toLowerCase() === typed.toLowerCase());
    const entries = names.map((name) => ({ name, label: `#${name}` }));
    if (typed && !exists) entries.push({ name: typed, label: fill(this.text.new_tag, { name: typed }) });
    this.entries = entries;
    this.at = typed && entries.length ? 0 : -1;
    this.list.replaceChildren(...entries.map((entry, index) => this.option(entry, index)));
    if (!entries.length) this.hideList();
    else if (!this.list.matches(":popover-open")) this.list.showPopover();
    if (entries.length) beside(this.list, this.field);
    this.mark();
  }

  option({ name, label }, index) {
    const made = element("li", { role: "option", id: `castmind-tag-${index}`, textContent: label });
    made.onclick = () => this.pick(name);
    return made;
  }

  mark() {
    [...this.list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === this.at)));
    this.field.setAttribute("aria-expanded", String(this.list.matches(":popover-open")));
    if (this.at >= 0) this.field.setAttribute("aria-activedescendant", `castmind-tag-${this.at}`);
    else this.field.removeAttribute("aria-activedescendant");
    this.list.children[this.at]?.scrollIntoView({ block: "nearest" });
  }

  hideList() {
    if (this.list.matches(":popover-open")) this.list.hidePopover();
  }

  pick(name) {
    this.put(name);
    this.field.value = "";
    this.suggest();
  }

  key(event) {
    event.stopPropagation();
    if (composing(event)) return;
    if (event.key === "ArrowDown" && !this.entries.length) this.suggest({ all: true });
    const { length } = this.entries;
    if (event.key === "ArrowDown" && length) this.at = (this.at + 1) % length;
    else if (event.key === "ArrowUp" && length) this.at = (this.at <= 0 ? length : this.at) - 1;
    else if (event.key === "Enter" && this.at >= 0) this.pick(this.entries[this.at].name);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    this.mark();
  }
}

class TagLine {
  constructor({ put, remove, eager = true }) {
    this.remove = remove;
    this.tags = element("ul", { className: "tags", role: "list" });
    this.adder = action("tag-add", "", PLUS, () => this.open(), { className: "add", edits: true });
    this.field = new TagField({ put, closed: () => this.closed(), eager });
    this.root = element("div", { className: "tag-line" }, this.tags, this.adder, this.field.root);
  }

  // `known`: all tags; `text`: {add_tag, tag_hint, new_tag, remove_tag}.
  show({ tags, known, text }) {
    this.adder.title = text.add_tag;
    this.adder.setAttribute("aria-label", text.add_tag);
    this.field.show({ known, taken: tags, text });
    const state = JSON.stringify([tags, text.remove_tag]);
    if (state === this.state) return;
    this.state = state;
    this.tags.hidden = !tags.length;
    this.tags.replaceChildren(...tags.map((name) => this.chip(name, text)));
  }

  chip(name, text) {
    const words = fill(text.remove_tag, { name });
    const away = element("button", { type: "button", testid: "tag-remove", edits: true, textContent: "×", title: words, "aria-label": words });
    away.onclick = () => {
      this.remove(name);
      (this.tags.querySelector("button") ?? this.adder).focus();
    };
    return element("li", { className: mayEdit() ? "tag" : "tag alone", testid: "head-tag" }, element("span", { textContent: `#${name}` }), away);
  }

  open() {
    this.adder.hidden = true;
    this.field.open();
  }

  closed() {
    const held = this.root.getRootNode().activeElement;
    this.adder.hidden = false;
    if (!held || held === this.field.field) this.adder.focus();
  }
}
