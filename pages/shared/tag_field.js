// A field for tags: it suggests those that exist, and takes a new one.
//
//   type ─▶ suggestions ─ arrows, Enter, press ─▶ put(name)      Escape, Tab, a press elsewhere ─▶ closed()

const LONGEST_TAG = 100;

// A tag's name as the server keeps it.
const tagName = (typed) => typed.replace(/#/g, " ").split(/\s+/).filter(Boolean).join(" ").slice(0, LONGEST_TAG);

class TagField {
  constructor({ put, closed }) {
    Object.assign(this, { put, closed, at: -1 });
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

  suggest() {
    const typed = tagName(this.field.value);
    const names = this.offered;
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
    if (event.isComposing) return;
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
