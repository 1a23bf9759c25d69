// A dialog over the page: a field, and below it links. The focus walks: arrow keys go from the field to the links and back.
//
//   empty ─▶ recent searches, pages      words ─▶ pages and actions that fit · episodes with hits (fetched) · all results

const FITTING = 5;
const MAGNIFIER = "M11 4.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.8 15.8 20.5 20.5";

class Palette {
  constructor() {
    this.field = element("input", { type: "search", testid: "palette-field", autocomplete: "off", spellcheck: false });
    this.field.oninput = (event) => !composing(event) && this.typed();
    this.field.addEventListener("compositionend", () => this.typed());
    this.filters = new SearchFilters("palette-filters", (text) => this.write(text));
    this.answer = new SearchAnswer("palette", { leaves: () => this.root.close(), tells: (sentence) => (this.said.textContent = sentence) });
    this.asking = new SearchAsking({
      text: () => this.data.text,
      answered: (found) => this.answered(found),
      failed: (error) => this.failed(error),
      waits: (slow) => this.waits(slow),
    });
    this.lists = element("div", { className: "lists", testid: "palette-lists" });
    this.said = element("p", { className: "said", role: "status", testid: "palette-said" });
    this.keys = element("p", { className: "keys" });
    this.escape = element("kbd", {});
    const glass = icon(MAGNIFIER);
    this.root = element(
      "dialog",
      { testid: "palette", className: "palette" },
      element("div", { className: "top" }, glass, this.field, this.escape),
      this.lists,
      this.said,
      this.keys,
    );
    this.root.onclick = (event) => event.target === this.root && this.root.close();
    this.root.onkeydown = (event) => this.key(event);
    this.onKey = (event) => this.called(event);
    this.onAsked = () => this.open();
    window.addEventListener("keydown", this.onKey, { capture: true });
    window.addEventListener("castmind-palette", this.onAsked);
  }

  show(data) {
    this.data = data;
    this.answer.show(data);
    this.field.placeholder = data.text.field;
    this.field.setAttribute("aria-label", data.text.field);
    this.root.setAttribute("aria-label", data.text.field);
    this.keys.textContent = data.text.keys;
    this.escape.textContent = data.text.escape;
  }

  called(event) {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    event.stopPropagation();
    if (this.root.open) this.root.close();
    else this.open();
  }

  open() {
    if (!this.data || this.root.open) return;
    this.root.showModal();
    this.said.textContent = "";
    this.field.select();
    this.draw();
  }

  get words() {
    return this.field.value.trim();
  }

  typed() {
    this.said.textContent = "";
    if (this.words) this.asking.later(this.field.value);
    else this.asking.stop();
    if (!this.words) this.found = null;
    this.draw();
  }

  write(text) {
    this.field.value = text;
    this.field.focus();
    this.typed();
  }

  waits(slow) {
    const { searching } = this.data.text;
    if (slow) this.said.textContent = searching;
    else if (this.said.textContent === searching) this.said.textContent = "";
  }

  answered(found) {
    this.found = found;
    this.answer.draw(found);
    this.draw();
  }

  // What was found before does not answer the words in the field.
  failed(error) {
    this.found = null;
    this.draw();
    this.said.textContent = error.message;
  }

  // --- drawing

  draw() {
    const held = this.root.getRootNode().activeElement;
    const at = this.stops().indexOf(held);
    this.lists.replaceChildren(...(this.words ? this.answers() : this.beginnings()).filter(Boolean));
    if (at > 0) (this.stops()[at] ?? this.field).focus();
  }

  beginnings() {
    const { text, places } = this.data;
    const recent = recentSearches().map((words) => this.again(words));
    return [this.section(text.recent, recent), this.section(text.pages, places.slice(0, FITTING + 1).map((place) => this.place(place)))];
  }

  answers() {
    const { text, places, actions } = this.data;
    const fits = ({ title }) => title.toLowerCase().includes(this.words.toLowerCase());
    const jumps = [
      ...places.filter(fits).map((place) => this.place(place)),
      ...actions.filter((action) => fits(action) && offered(action.name)).map((action) => this.action(action)),
    ];
    const { found } = this;
    this.filters.show(this.data, this.field.value, found);
    return [
      this.section(text.jump, jumps.slice(0, FITTING)),
      this.filters.root,
      found ? this.answer.root : null,
      found && !found.episodes.length && found.words === this.words
        ? element("p", { className: "nothing", testid: "palette-nothing", textContent: fill(text.no_results, { words: this.words }) })
        : null,
      this.section("", [this.all()]),
    ];
  }

  section(title, rows) {
    if (!rows.length) return null;
    const list = element("ul", { role: "list", className: "rows" }, ...rows.map((row) => element("li", {}, row)));
    return title ? element("section", {}, element("h2", { textContent: title }), list) : list;
  }

  link(href, testid, className, ...children) {
    const made = element("a", { href, testid, className }, ...children);
    made.onclick = (event) => {
      keepSearch(this.words);
      if (!event.ctrlKey && !event.metaKey && !event.shiftKey && !event.button) this.root.close();
      follow(event, href);
    };
    return made;
  }

  place(place) {
    return this.link(place.href, "palette-place", "row", element("span", { className: "name", textContent: place.title }));
  }

  action(action) {
    const made = element("button", { type: "button", testid: `palette-do-${action.name}`, className: "row" }, element("span", { className: "name", textContent: action.title }));
    made.onclick = () => this.run(action);
    return made;
  }

  async run({ name }) {
    const { text } = this.data;
    try {
      const told = await PALETTE_ACTIONS[name](text);
      if (told) this.said.textContent = text[told];
      else this.root.close();
    } catch (error) {
      this.said.textContent = error.message;
    }
  }

  again(words) {
    const made = element("button", { type: "button", testid: "palette-recent", className: "row" }, element("span", { className: "name", textContent: words }));
    made.onclick = () => this.write(words);
    return made;
  }

  all() {
    const href = `/search?q=${encodeURIComponent(this.words)}`;
    const said = fill(this.data.text.all, { words: this.words });
    return this.link(href, "palette-all", "row all", element("span", { className: "name", textContent: said }));
  }

  // --- keyboard

  stops() {
    return [this.field, ...this.lists.querySelectorAll("a, button.row")];
  }

  key(event) {
    const held = this.root.getRootNode().activeElement;
    if (composing(event)) return;
    const walked = walkAnswer(event, held, this.stops());
    if (!walked && event.key === "Enter" && held === this.field) {
      event.preventDefault();
      this.enter();
    } else if (!walked && event.key.length === 1 && !event.ctrlKey && !event.metaKey && held !== this.field && event.key !== " ") {
      this.field.focus();
    }
    // The page below has keys of its own.
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
  }

  // While the answer to earlier words stands, its first hit is not what the reader means.
  enter() {
    const [, first] = this.stops();
    const earlier = this.answer.root.contains(first) && this.found.words !== this.words;
    (earlier ? this.lists.querySelector("[data-testid=palette-all]") : first)?.click();
  }

  close() {
    this.asking.stop();
    window.removeEventListener("keydown", this.onKey, { capture: true });
    window.removeEventListener("castmind-palette", this.onAsked);
    this.root.remove();
  }
}

export default function mount({ data: [data], parentElement }) {
  const place = parentElement;
  place.castmindPalette ??= new Palette();
  const palette = place.castmindPalette;
  if (!palette.root.isConnected) place.append(palette.root);
  palette.show(structuredClone(data));
  // Streamlit also runs the cleanup of a call that newer data replaced.
  return () =>
    setTimeout(() => {
      if (palette.root.isConnected) return;
      palette.close();
      delete place.castmindPalette;
    });
}
