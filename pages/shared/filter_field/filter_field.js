// A field that filters while the reader types.
//
//   input ─ 120 ms ─▶ URL (one entry of the history a stay) and state `typed` ─▶ rerun ─▶ data: words, number of the input
//
// Each press is also told to the window ("castmind-filter"): a list can narrow the rows that it has before the server answers.
// Data of an earlier input than the last one do not touch the field: the reader has typed on. While an input method composes,
// nothing is sent.

const AT_REST_MS = 120;
const MARK = "castmindFilter";

class FilterField {
  constructor() {
    this.input = element("input", { type: "search", testid: "filter-field", autocomplete: "off", spellcheck: false });
    this.input.oninput = () => this.composing || this.later();
    this.input.addEventListener("compositionstart", () => (this.composing = true));
    this.input.addEventListener("compositionend", () => {
      this.composing = false;
      this.later();
    });
    this.input.onkeydown = (event) => this.key(event);
    this.clear = action("filter-clear", "", CLOSE, () => this.empty(), { hidden: true });
    this.root = element("div", { className: "field" }, icon(SEARCH), this.input, this.clear);
    this.number = 0;
  }

  show(data, send) {
    Object.assign(this, { data, send });
    this.input.setAttribute("aria-label", data.label);
    this.input.placeholder = data.hint;
    this.clear.title = data.clear;
    this.clear.setAttribute("aria-label", data.clear);
    const older = this.number && data.number !== this.number;
    if (!older && !this.timer && !this.composing) {
      if (this.input.value.trim() !== data.words) this.input.value = data.words;
      this.sent = data.words;
      this.tell();
    }
    this.clear.hidden = !this.input.value;
  }

  key(event) {
    if (this.composing || composing(event)) return;
    if (event.key === "Enter") this.now();
    else if (event.key === "Escape" && this.input.value) this.empty();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  empty() {
    this.input.value = "";
    this.input.focus();
    this.now();
  }

  tell() {
    window.dispatchEvent(new CustomEvent("castmind-filter", { detail: { name: this.data.name, words: this.input.value.trim() } }));
  }

  later() {
    this.clear.hidden = !this.input.value;
    this.tell();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), AT_REST_MS);
  }

  now() {
    clearTimeout(this.timer);
    this.timer = null;
    this.clear.hidden = !this.input.value;
    const words = this.input.value.trim();
    if (words === this.sent) return;
    this.tell();
    this.sent = words;
    this.number = Date.now();
    this.write(words);
    this.send({ n: this.number, words });
  }

  // The first input of a stay adds an entry to the history, the next ones change it.
  write(words) {
    const { name } = this.data;
    const address = new URL(location.href);
    if (words) address.searchParams.set(name, words);
    else address.searchParams.delete(name);
    if (address.href === location.href) return;
    const stays = history.state?.[MARK] === name;
    history[stays ? "replaceState" : "pushState"]({ ...history.state, [MARK]: name }, "", address);
  }
}

export default function mount({ data: [data], parentElement, setStateValue }) {
  const place = parentElement;
  if (!place.castmindFilter) {
    place.castmindFilter = new FilterField();
    place.append(place.castmindFilter.root);
  }
  const field = place.castmindFilter;
  field.show(structuredClone(data), (typed) => setStateValue("typed", typed));
  return () =>
    setTimeout(() => {
      if (!field.root.isConnected) delete place.castmindFilter;
    });
}
