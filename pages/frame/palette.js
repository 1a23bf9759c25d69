// A dialog over the page: a field, and below it links. The focus walks: arrow keys go from the field to the links and back.
//
//   empty ─▶ recent searches, pages      words ─▶ pages and actions that fit · episodes with hits (fetched) · all results

const PAUSE_MS = 120;
const KEPT_SEARCHES = 6;
const FITTING = 5;
const MAGNIFIER = "M11 4.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.8 15.8 20.5 20.5";

const withMarks = (text, marks) => {
  const parts = [];
  let done = 0;
  for (const [from, to] of marks) {
    parts.push(text.slice(done, from), element("mark", { textContent: text.slice(from, to) }));
    done = to;
  }
  return [...parts, text.slice(done)];
};

const UNSPACED_ENDS = /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]/;
const between = (left, right) => (!left || !right || UNSPACED_ENDS.test(left.at(-1)) || UNSPACED_ENDS.test(right[0]) ? "" : " ");

// A hit with the words around it.
const inContext = ({ before, snippet, marks, after }) => [before, between(before, snippet), ...withMarks(snippet, marks), between(snippet, after), after];

class Palette {
  constructor() {
    this.sound = theSound();
    this.field = element("input", { type: "search", testid: "palette-field", autocomplete: "off", spellcheck: false });
    this.field.oninput = (event) => !event.isComposing && this.typed();
    this.field.addEventListener("compositionend", () => this.typed());
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
    clearTimeout(this.timer);
    this.asking?.abort();
    if (!this.words) this.found = null;
    this.draw();
    if (this.words) this.timer = setTimeout(() => this.search(), PAUSE_MS);
  }

  async search() {
    const { text } = this.data;
    // A blank after the last word tells that the word is complete.
    const words = this.field.value.trimStart();
    this.asking = new AbortController();
    try {
      const found = await ask(text, `/api/v1/search/quick?q=${encodeURIComponent(words)}`, { signal: this.asking.signal });
      this.found = { words: words.trim(), ...found };
      this.draw();
    } catch (error) {
      if (error.name !== "AbortError") this.said.textContent = error.message;
    }
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
    const recent = this.recent().map((words) => this.again(words));
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
    return [
      this.section(text.jump, jumps.slice(0, FITTING)),
      found ? this.shows(found) : null,
      ...(found?.episodes ?? []).map((episode) => this.episode(episode)),
      found && !found.episodes.length && found.words === this.words
        ? element("p", { className: "nothing", testid: "palette-nothing", textContent: fill(text.nothing, { words: this.words }) })
        : null,
      this.section("", [this.all()]),
    ];
  }

  section(title, rows) {
    if (!rows.length) return null;
    const list = element("ul", { role: "list" }, ...rows.map((row) => element("li", {}, row)));
    return title ? element("section", {}, element("h2", { textContent: title }), list) : list;
  }

  link(href, testid, className, ...children) {
    const made = element("a", { href, testid, className }, ...children);
    made.onclick = (event) => {
      this.keepSearch();
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
    made.onclick = () => {
      this.field.value = words;
      this.field.focus();
      this.typed();
    };
    return made;
  }

  all() {
    const href = `/search?q=${encodeURIComponent(this.words)}`;
    const said = fill(this.data.text.all, { words: this.words });
    return this.link(href, "palette-all", "row all", element("span", { className: "name", textContent: said }));
  }

  // One press narrows the search to a show of the answer.
  shows({ episodes }) {
    if (/(?:^|\s)(?:feed|podcast|订阅|訂閱|播客)[:：]/u.test(this.field.value)) return null;
    const names = [...new Set(episodes.map((episode) => episode.feed_title).filter(Boolean))].slice(0, 4);
    if (names.length < 2) return null;
    const chips = names.map((name) => {
      const chip = element("button", { type: "button", className: "chip", testid: "palette-show", textContent: name });
      chip.onclick = () => {
        this.field.value = `${this.words} feed:"${name.replaceAll('"', "")}"`;
        this.field.focus();
        this.typed();
      };
      return chip;
    });
    return element("div", { className: "chips", role: "group", "aria-label": this.data.text.shows }, ...chips);
  }

  episode(episode) {
    const { text } = this.data;
    const base = `/api/v1/episodes/${episode.id}`;
    const facts = [episode.feed_title, day(episode.published_at, this.data.locale), episode.duration ? clock(episode.duration) : ""].filter(Boolean).join(" · ");
    const head = this.link(
      `/episode?id=${episode.id}`,
      "palette-episode",
      "row episode",
      element("img", { src: `${base}/cover`, alt: "", decoding: "async" }),
      element("span", { className: "words" }, element("span", { className: "name" }, ...withMarks(episode.title, episode.marks)), element("span", { className: "facts", textContent: facts })),
    );
    const rows = episode.hits.map((hit) => element("li", {}, ...this.hit(episode, hit)));
    const rest = episode.count - episode.hits.length;
    if (rest > 0) rows.push(element("li", { className: "rest", textContent: fill(text.more_hits, { n: rest }) }));
    return element("section", {}, head, element("ul", { role: "list", className: "hits" }, ...rows));
  }

  hit(episode, hit) {
    const { kinds, text } = this.data;
    const part = { note: "notes", own_note: "own", remark: "highlights", show_note: "about", published: "publisher" }[hit.kind];
    const place = new URLSearchParams({ id: episode.id, ...(hit.start === null ? {} : { t: hit.start }), ...(part ? { part } : {}) });
    const where = [hit.start === null ? "" : clock(hit.start), hit.kind === "segment" ? hit.speaker : kinds[hit.kind]].filter(Boolean).join(" · ");
    const row = this.link(`/episode?${place}`, "palette-hit", "row hit", element("span", { className: "where", textContent: where }), element("span", { className: "snippet" }, ...inContext(hit)));
    if (hit.start === null || !episode.has_audio) return [row];
    return [row, action("palette-play", fill(text.play_from, { time: clock(hit.start) }), PLAY, () => this.play(episode, hit), { className: "play" })];
  }

  play(episode, hit) {
    const { id, title, feed_title: feed, duration } = episode;
    this.sound.playFrom({ id, title, feed, duration }, hit.start);
    this.said.textContent = fill(this.data.text.playing, { title: episode.title });
  }

  // --- recent searches

  recent() {
    try {
      const kept = JSON.parse(remembered("searches") ?? "[]");
      return Array.isArray(kept) ? kept.filter((each) => typeof each === "string").slice(0, KEPT_SEARCHES) : [];
    } catch {
      return []; // not ours: it is written anew with the next search
    }
  }

  keepSearch() {
    const { words } = this;
    if (words.length > 1) remember("searches", JSON.stringify([words, ...this.recent().filter((each) => each !== words)].slice(0, KEPT_SEARCHES)));
  }

  // --- keyboard

  stops() {
    return [this.field, ...this.lists.querySelectorAll("a, button:not(.play, .chip)")];
  }

  key(event) {
    const held = this.root.getRootNode().activeElement;
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const stops = this.stops();
      stops[Math.min(Math.max(stops.indexOf(held) + step, 0), stops.length - 1)].focus();
    } else if (event.key === "Enter" && held === this.field) {
      event.preventDefault();
      this.stops()[1]?.click();
    } else if (event.key === "ArrowRight" && held !== this.field) {
      held.parentElement.querySelector(".play")?.focus();
    } else if (event.key === "ArrowLeft" && held?.classList.contains("play")) {
      held.parentElement.querySelector("a").focus();
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && held !== this.field && event.key !== " ") {
      this.field.focus();
    }
    // The page below has keys of its own.
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
  }

  close() {
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
