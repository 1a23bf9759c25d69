// A row of chips. Each sets or clears one of the filters {name, label, value, options}; who owns the row says what that does.
//
//   on or off ─▶ a button that is pressed      a choice ─▶ a menu; while it is set, its value and a cross
//   Left and Right walk the row: it is one stop of Tab.

const DOWN = "M7 10l5 5 5-5z";
const CHECK = "M9 16.2 4.8 12l-1.4 1.4L9 19 21 7l-1.4-1.4z";
const NO_MARK = "";

class ChipRow {
  // `choose(name, value)`: a press sets a filter, or clears it ("").
  constructor(testid, choose) {
    this.choose = choose;
    this.row = element("div", { className: "chips", role: "toolbar", testid });
    this.row.onkeydown = (event) => this.key(event);
    this.row.addEventListener("focusin", (event) => this.stand(event.target.closest("button")));
  }

  // A menu that is open stays as it is until it closes.
  show(data) {
    const open = this.row.querySelector(".menu:popover-open");
    if (!open) return this.draw(data);
    this.later ?? open.addEventListener("toggle", () => this.draw(this.later), { once: true });
    this.later = data;
    return undefined;
  }

  draw(data) {
    this.later = null;
    const state = JSON.stringify(data);
    if (state === this.state) return;
    this.state = state;
    const held = this.row.contains(this.row.getRootNode().activeElement) ? this.row.getRootNode().activeElement.dataset.testid : null;
    this.row.setAttribute("aria-label", data.text.chips);
    this.row.replaceChildren(...this.content(data));
    this.stand(this.buttons[0]);
    if (held) this.row.querySelector(`[data-testid="${held}"]`)?.focus();
  }

  // The chips of the row: `options` null: on or off.
  content({ chips }) {
    return chips.flatMap((chip) => this.chip(chip));
  }

  chip(chip) {
    return chip.options ? this.choice(chip) : this.toggle(chip);
  }

  get buttons() {
    return [...this.row.querySelectorAll(":scope > button")];
  }

  button(testid, words, { className = "", label = "", ...more } = {}) {
    const made = element("button", { type: "button", testid, className, tabIndex: -1, ...more }, element("span", { textContent: words }));
    if (label) made.setAttribute("aria-label", `${label}: ${words}`);
    return made;
  }

  toggle({ name, label, value }) {
    const made = this.button(`chip-${name}`, label, { onclick: () => this.choose(name, value ? "" : "1") });
    made.setAttribute("aria-pressed", String(Boolean(value)));
    if (value) made.append(icon(CLOSE));
    return [made];
  }

  choice(chip) {
    const { name, label, value, options } = chip;
    if (!value) return this.withMenu(`chip-${name}`, label, () => this.entries(chip).slice(1));
    const made = this.button(`chip-${name}`, options.find((each) => each.value === value)?.label ?? value, { label, onclick: () => this.choose(name, "") });
    made.setAttribute("aria-pressed", "true");
    made.append(icon(CLOSE));
    return [made];
  }

  // A menu's button and its list, side by side.
  withMenu(testid, words, items, more = {}) {
    const made = this.button(testid, words, more);
    if (!more.label) made.setAttribute("aria-label", words);
    made.append(icon(DOWN));
    return [made, new Menu(made, items).list];
  }

  // The first of the options means all.
  entries({ name, value, options }, before = "") {
    return options.map((option, index) => ({
      testid: `${name}-${option.value}`,
      label: before + option.label,
      path: option.value === value ? CHECK : NO_MARK,
      does: () => this.choose(name, index ? option.value : ""),
    }));
  }

  // --- keyboard: one of the buttons is a stop of Tab

  stand(button) {
    if (!button || button.parentNode !== this.row) return;
    for (const each of this.buttons) each.tabIndex = each === button ? 0 : -1;
  }

  key(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = this.buttons.indexOf(event.target.closest("button"));
    if (!by || at < 0) return;
    const all = this.buttons;
    all[(at + by + all.length) % all.length].focus();
    event.preventDefault();
  }
}
