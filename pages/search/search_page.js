// The search page: a field, chips, the answer as the reader types.
//
//   ?q= ◀─▶ field ─▶ SearchAsking ─▶ hints, number of hits, episodes ─▶ "More episodes"
//                └─ empty ─▶ recent searches, the query syntax with examples
//   /  ─▶ the field      ↓ ↑  ─▶ the next or previous link      Escape ─▶ back to the field

const EPISODES = 15;
const HITS = 4;
const MOST_EPISODES = 200;

// How many episodes of which search were shown, for the way back to it: Streamlit does not keep the state of the history.
const lastShown = (words) => (window.castmindSearched?.words === words ? window.castmindSearched.shown : EPISODES);

const typing = (held) => held?.matches?.("input, textarea, select, [contenteditable=true]") ?? false;

class SearchPage {
  constructor() {
    this.field = element("input", { type: "search", testid: "search-field", autocomplete: "off", spellcheck: false, maxLength: 500, "aria-keyshortcuts": "/" });
    this.field.oninput = (event) => !composing(event) && this.typed();
    this.field.addEventListener("compositionend", () => this.typed());
    this.clear = action("search-clear", "", CLOSE, () => this.write(""), { hidden: true });
    this.filters = new SearchFilters("search-filters", (text) => this.write(text));
    this.status = element("p", { className: "status", role: "status", testid: "search-status" });
    this.hints = element("ul", { className: "hints", role: "list", testid: "search-hints", hidden: true });
    this.trouble = element("div", { className: "trouble", role: "alert", testid: "search-trouble", hidden: true });
    this.nothing = element("div", { className: "nothing", testid: "search-nothing", hidden: true });
    // What is played: a screen reader hears it, the bar at the foot shows it.
    this.told = element("p", { className: "told", role: "status" });
    this.answer = new SearchAnswer("search", { tells: (sentence) => (this.told.textContent = sentence) });
    this.more = element("button", { type: "button", className: "more", testid: "search-more", hidden: true, onclick: () => this.extend() });
    this.start = element("div", { className: "start rows", testid: "search-start" });
    this.asking = new SearchAsking({
      text: () => this.data.text,
      asked: () => this.keep(),
      answered: (found) => this.answered(found),
      failed: (error) => this.failed(error),
      waits: (slow) => this.waits(slow),
      more: () => ({ limit: this.shown, per_episode: /(?<=^|\s)episode:/u.test(this.field.value) ? MOST_EPISODES : HITS }),
    });
    this.top = element("div", { className: "top" }, element("div", { className: "field" }, icon(SEARCH), this.field, this.clear), this.filters.root);
    this.root = element("div", { className: "search", testid: "search" }, this.top, this.status, this.hints, this.trouble, this.nothing, this.answer.root, this.more, this.start, this.told);
    this.root.onkeydown = (event) => this.key(event);
    this.onKey = (event) => this.called(event);
    this.onTurn = () => this.turned();
    document.addEventListener("keydown", this.onKey);
    window.addEventListener("popstate", this.onTurn);
  }

  show(data) {
    const first = !this.data;
    const same = JSON.stringify(data) === JSON.stringify(this.data);
    this.data = data;
    if (same) return;
    const { text } = data;
    this.answer.show(data);
    this.field.placeholder = text.placeholder;
    this.field.setAttribute("aria-label", text.field);
    this.clear.title = text.clear;
    this.clear.setAttribute("aria-label", text.clear);
    this.more.textContent = text.more;
    if (first) this.read();
    else this.draw();
  }

  // On touch screens the on-screen keyboard would cover the answer.
  focus() {
    if (!this.words && matchMedia("(hover: hover)").matches && !typing(document.activeElement)) this.field.focus();
  }

  get words() {
    return this.field.value.trim();
  }

  // --- the address

  get asked() {
    return new URLSearchParams(location.search).get("q") ?? "";
  }

  // A link may have been followed, and this page not yet be gone.
  get here() {
    return location.pathname.endsWith("/search");
  }

  // A link, or back and forward, has changed the query.
  turned() {
    if (this.here && this.asked !== this.words) this.read();
  }

  read() {
    this.field.value = this.asked;
    this.shown = lastShown(this.words);
    this.begin();
    if (this.words) this.asking.now(this.field.value);
  }

  // Once for each request, not for each key: browsers refuse many changes of the address within a few seconds.
  keep() {
    if (!this.here) return;
    window.castmindSearched = { words: this.words, shown: this.shown };
    if (this.asked === this.words) return;
    const address = new URL(location.href);
    if (this.words) address.searchParams.set("q", this.words);
    else address.searchParams.delete("q");
    try {
      history.replaceState(history.state, "", address);
    } catch {
      return; // the next request writes it
    }
  }

  // --- asking

  typed() {
    this.shown = EPISODES;
    this.begin();
    if (this.words) this.asking.later(this.field.value);
    else this.keep();
  }

  write(text) {
    this.field.value = text;
    this.field.focus();
    this.typed();
  }

  // The answer before stays until the next one comes; without words there is none.
  begin() {
    this.asking.stop();
    this.trouble.hidden = true;
    this.told.textContent = "";
    if (!this.words) this.found = null;
    this.draw();
  }

  extend() {
    this.goOnAt = this.found.episodes.length;
    this.shown = Math.min(this.shown + EPISODES, MOST_EPISODES);
    this.asking.now(this.field.value);
  }

  answered(found) {
    this.found = found;
    this.trouble.hidden = true;
    this.draw();
    if (this.goOnAt) this.answer.root.children[this.goOnAt]?.querySelector("a").focus();
    this.goOnAt = 0;
  }

  // What was found before does not answer the words in the field.
  failed(error) {
    this.found = null;
    this.draw();
    const again = element("button", { type: "button", testid: "search-retry", textContent: this.data.text.retry, onclick: () => this.asking.now(this.field.value) });
    this.trouble.replaceChildren(element("span", { textContent: error.message }), again);
    this.trouble.hidden = false;
  }

  waits(slow) {
    this.root.toggleAttribute("data-waits", slow);
    this.root.setAttribute("aria-busy", String(slow));
    if (slow) this.status.textContent = this.data.text.searching;
    else if (this.data) this.count();
  }

  // --- drawing

  draw() {
    const { data, found, words } = this;
    this.clear.hidden = !words;
    this.filters.show(data, this.field.value, found);
    this.answer.draw(found);
    this.count();
    this.drawHints(found?.hints ?? []);
    this.drawNothing();
    this.more.hidden = !found?.more || this.shown >= MOST_EPISODES;
    this.start.hidden = Boolean(words);
    if (!words) this.drawStart();
  }

  count() {
    const { text, locale } = this.data;
    const { found } = this;
    const n = found ? new Intl.NumberFormat(nearest(locale)).format(found.total) : "";
    const said = found?.at_least ? text.at_least : text[found?.order];
    const told = found?.episodes.length ? fill(said, { n }) : found ? text.no_results_short : "";
    if (this.status.textContent !== told) this.status.textContent = told;
  }

  drawHints(hints) {
    const { hints: texts } = this.data;
    this.hints.hidden = !hints.length;
    this.hints.replaceChildren(...hints.map(({ code, value }) => element("li", { textContent: fill(texts[code], { value }) })));
  }

  drawNothing() {
    const { data, found } = this;
    const none = found && !found.episodes.length && !found.hints.some(({ code }) => code.startsWith("only_") || code === "nothing_sought");
    this.nothing.hidden = !none;
    if (!none) return;
    const bare = unfiltered(data, found.words);
    const anywhere = element("button", { type: "button", testid: "search-anywhere", textContent: data.text.anywhere, onclick: () => this.write(bare) });
    this.nothing.replaceChildren(element("p", { textContent: data.text.nothing }), ...(bare.trim() && bare.trim() !== found.words ? [anywhere] : []));
  }

  drawStart() {
    const { text, ways } = this.data;
    const recent = recentSearches();
    const rows = recent.map((words) => element("li", {}, element("button", { type: "button", className: "row", testid: "search-recent", textContent: words, onclick: () => this.write(words) })));
    const forgets = element("button", { type: "button", className: "forget", testid: "search-forget", textContent: text.forget, onclick: () => this.forget() });
    const syntax = ways.map(({ name, example, means }) => {
      const shown = element("code", { textContent: example });
      const button = element("button", { type: "button", className: "row way", testid: `search-way-${name}`, onclick: () => this.write(example) }, shown, element("span", { textContent: means }));
      return element("li", {}, button);
    });
    this.start.replaceChildren(
      ...(recent.length ? [element("div", { className: "line" }, element("h2", { textContent: text.recent }), forgets), element("ul", { role: "list", className: "recent" }, ...rows)] : []),
      element("p", { className: "scope", textContent: text.scope }),
      element("h2", { textContent: text.ways }),
      element("ul", { role: "list", className: "ways" }, ...syntax),
    );
  }

  forget() {
    forget("searches");
    this.drawStart();
    this.field.focus();
  }

  // --- keyboard

  get held() {
    return this.root.getRootNode().activeElement;
  }

  get stops() {
    return [this.field, ...this.root.querySelectorAll(":is(.answer, .start:not([hidden])) :is(a, button.row), .more:not([hidden])")];
  }

  key(event) {
    const { held } = this;
    if (event.defaultPrevented || composing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (walkAnswer(event, held, this.stops)) return;
    if (event.key === "Enter" && held === this.field) this.enter();
    else if (event.key === "Escape" && held !== this.field) this.field.focus();
    else return;
    event.preventDefault();
  }

  // The answer comes by itself; Enter keeps the search, and takes the on-screen keyboard away.
  enter() {
    keepSearch(this.words);
    if (this.words) this.asking.now(this.field.value);
    if (!matchMedia("(hover: hover)").matches) this.field.blur();
  }

  // `/` anywhere on the page.
  called(event) {
    if (event.defaultPrevented || composing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key !== "/" || typing(event.composedPath()[0])) return;
    event.preventDefault();
    this.field.focus();
    this.field.select();
  }

  close() {
    this.asking.stop();
    document.removeEventListener("keydown", this.onKey);
    window.removeEventListener("popstate", this.onTurn);
  }
}

export default function mount({ data: [data], parentElement }) {
  const place = parentElement;
  const first = !place.castmindSearch;
  if (first) {
    place.castmindSearch = new SearchPage();
    place.append(place.castmindSearch.root);
  }
  const page = place.castmindSearch;
  page.show(structuredClone(data));
  if (first) page.focus();
  return () =>
    setTimeout(() => {
      if (page.root.isConnected) return;
      page.close();
      delete place.castmindSearch;
    });
}
