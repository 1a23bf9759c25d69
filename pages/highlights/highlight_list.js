// The page of all highlights: three of the day, filters, cards fifty at a time, files.
//
//   ?colour= feed= tag= q=  ◀─▶  filters ─▶ GET /api/v1/highlights ─▶ cards      change ─▶ painted ─▶ PATCH ─ refused? ─▶ as before
//   remove ─▶ gone from the list ─▶ "Undo" for nine seconds ─▶ DELETE (also when the page is left)

const FILTERS = ["colour", "feed", "tag", "q"];
const NAMES = { colour: "colour", feed: "feed_id", tag: "tag_id", q: "q" };
const FORMS = ["md", "csv", "readwise"];
const TYPING_MS = 150;
const UNDO_MS = 9000;

class HighlightList {
  constructor() {
    this.sound = theSound();
    this.cards = new Map();
    this.review = element("section", { className: "review", hidden: true, testid: "review" });
    this.search = element("input", { type: "search", testid: "highlight-search", autocomplete: "off" });
    this.search.oninput = (event) => !composing(event) && this.typed();
    this.search.addEventListener("compositionend", () => this.typed());
    this.dots = element("div", { className: "dots", role: "group" });
    this.feed = element("select", { testid: "highlight-feed", onchange: () => this.choose("feed", this.feed.value) });
    this.tag = element("select", { testid: "highlight-tag", onchange: () => this.choose("tag", this.tag.value) });
    this.files = element("div", { className: "files", role: "group" });
    this.tools = element("div", { className: "tools" }, this.search, this.dots, this.feed, this.tag);
    this.count = element("p", { className: "count", role: "status", testid: "highlight-count" });
    this.list = element("ol", { className: "cards", role: "list", testid: "highlight-cards" });
    this.more = element("button", { type: "button", className: "more", hidden: true, testid: "highlight-more", onclick: () => this.load(true) });
    this.empty = element("div", { className: "empty", hidden: true, testid: "highlight-empty" });
    this.messages = new Messages();
    this.root = element(
      "div",
      { className: "highlights" },
      this.review,
      this.tools,
      element("div", { className: "line" }, this.count, this.files),
      this.list,
      this.more,
      this.empty,
      this.messages.region,
    );
    this.onLeave = () => this.sendRemoval(true);
    window.addEventListener("pagehide", this.onLeave);
  }

  show({ text, locale }) {
    const again = JSON.stringify(text) === this.drawnText;
    Object.assign(this, { text, locale, drawnText: JSON.stringify(text) });
    if (again) return;
    this.search.placeholder = text.search;
    this.search.setAttribute("aria-label", text.search);
    this.dots.setAttribute("aria-label", text.colour);
    this.feed.setAttribute("aria-label", text.show);
    this.tag.setAttribute("aria-label", text.tag);
    this.more.textContent = text.more;
    this.files.setAttribute("aria-label", text.export);
    this.messages.name(text.close);
    const asked = new URLSearchParams(location.search);
    this.wanted = Object.fromEntries(FILTERS.map((name) => [name, asked.get(name) ?? ""]));
    this.search.value = this.wanted.q;
    this.begin();
  }

  async begin() {
    await this.loadCounts();
    await Promise.all([this.load(), this.loadReview()]);
  }

  // --- reading

  get query() {
    const query = new URLSearchParams();
    for (const name of FILTERS) if (this.wanted[name]) query.set(NAMES[name], this.wanted[name]);
    return query;
  }

  async loadCounts() {
    try {
      this.counts = await ask(this.text, "/api/v1/highlights/counts");
      this.drawTools();
    } catch (error) {
      this.fail(error);
    }
  }

  async load(more = false) {
    this.asking?.abort();
    this.asking = new AbortController();
    const query = this.query;
    if (more) query.set("before", this.next);
    try {
      const { items, next } = await ask(this.text, `/api/v1/highlights?${query}`, { signal: this.asking.signal });
      this.next = next;
      const kept = items.filter(({ id }) => id !== this.removing?.row.id);
      this.items = more ? [...this.items, ...kept] : kept;
      this.draw();
    } catch (error) {
      this.fail(error);
    }
  }

  async loadReview() {
    const now = new Date();
    this.day = `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`;
    if (!this.counts || this.counts.total <= 3 || remembered("reviewed") === this.day) return;
    try {
      const { items } = await ask(this.text, `/api/v1/highlights/review?day=${this.day}`);
      this.drawReview(items);
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error) {
    if (error.name !== "AbortError") this.messages.say(error.message);
  }

  // --- drawing

  drawTools() {
    const { counts, text, wanted } = this;
    const dots = COLOURS.filter((colour) => counts.colours[colour] || wanted.colour === colour).map((colour) => {
      const said = `${text[colour]} (${counts.colours[colour] ?? 0})`;
      const dot = element("button", { type: "button", className: `dot ${colour}`, testid: `filter-${colour}`, title: said, "aria-label": said });
      dot.setAttribute("aria-pressed", String(wanted.colour === colour));
      dot.onclick = () => this.choose("colour", this.wanted.colour === colour ? "" : colour);
      return dot;
    });
    this.dots.replaceChildren(...dots);
    this.options(this.feed, text.any_show, counts.feeds, wanted.feed);
    this.options(this.tag, text.any_tag, counts.tags, wanted.tag);
    this.drawFiles();
  }

  options(select, any, groups, chosen) {
    const choices = groups.map(({ id, name, count }) => element("option", { value: String(id), textContent: `${name} (${count})` }));
    select.replaceChildren(element("option", { value: "", textContent: any }), ...choices);
    select.value = chosen;
    select.hidden = !groups.length;
  }

  drawFiles() {
    const { text } = this;
    const links = FORMS.map((form) => {
      const query = this.query;
      query.set("form", form);
      return element("a", { href: `/api/v1/highlights/export?${query}`, download: "", testid: `highlight-${form}`, textContent: text[`form_${form}`] });
    });
    this.files.replaceChildren(element("span", { textContent: text.export }), ...links);
  }

  draw() {
    const { text, items } = this;
    const none = !this.counts?.total;
    this.tools.hidden = none;
    this.files.hidden = !items.length;
    this.count.textContent = none ? "" : fill(this.next ? text.shown_of_more : text.shown, { n: items.length });
    this.more.hidden = !this.next;
    const wanted = new Set(items.map(({ id }) => id));
    for (const [id, card] of this.cards) {
      if (wanted.has(id)) continue;
      card.root.remove();
      this.cards.delete(id);
    }
    items.forEach((row, index) => {
      let card = this.cards.get(row.id);
      if (!card) this.cards.set(row.id, (card = this.card(row)));
      if (this.list.children[index] !== card.root) this.list.insertBefore(card.root, this.list.children[index] ?? null);
    });
    this.drawEmpty(none);
  }

  card(row) {
    return new HighlightCard(row, this.text, {
      change: (changed, values) => this.change(changed, values),
      remove: (removed) => this.remove(removed),
      play: (played) => this.play(played),
    });
  }

  drawEmpty(none) {
    const { text } = this;
    this.empty.hidden = this.items.length > 0;
    const clear = element("button", { type: "button", testid: "highlight-clear", textContent: text.clear, onclick: () => this.clear() });
    this.empty.replaceChildren(
      element("h2", { textContent: none ? text.none_title : text.nothing_title }),
      element("p", { textContent: none ? text.none_body : text.nothing_body }),
      ...(none ? [] : [clear]),
    );
  }

  drawReview(items) {
    const { text } = this;
    this.review.hidden = !items.length;
    const done = element("button", { type: "button", testid: "review-done", textContent: text.review_done });
    done.onclick = () => {
      remember("reviewed", this.day);
      this.review.hidden = true;
    };
    const cards = items.map((row) => {
      const place = `/episode?id=${row.episode_id}&t=${row.start}&part=highlights`;
      const link = element("a", { href: place, className: `card ${row.colour}`, testid: "review-card" }, element("blockquote", { textContent: row.quote }), element("span", { className: "facts", textContent: row.episode_title }));
      link.onclick = (event) => follow(event, place);
      return element("li", {}, link);
    });
    this.review.replaceChildren(element("div", { className: "line" }, element("h2", { textContent: text.review }), done), element("ol", { role: "list" }, ...cards));
  }

  // --- filters

  typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.choose("q", this.search.value.trim()), TYPING_MS);
  }

  choose(name, value) {
    if (this.wanted[name] === value) return;
    this.wanted[name] = value;
    const address = new URL(location.href);
    for (const each of FILTERS) {
      if (this.wanted[each]) address.searchParams.set(each, this.wanted[each]);
      else address.searchParams.delete(each);
    }
    history.replaceState(history.state, "", address);
    this.drawTools();
    this.load();
  }

  clear() {
    this.search.value = "";
    this.wanted = { colour: "", feed: "", tag: "", q: " " };
    this.choose("q", "");
  }

  // --- changes

  async change(row, values) {
    const before = { ...row };
    const card = this.cards.get(row.id);
    card.row = { ...row, ...values };
    card.draw();
    try {
      const made = await ask(this.text, `/api/v1/highlights/${row.id}`, { method: "PATCH", body: { ...values, version: row.version } });
      card.row = { ...row, ...made };
      this.items = this.items.map((item) => (item.id === row.id ? card.row : item));
      if (values.colour) await this.loadCounts();
    } catch (error) {
      card.row = before;
      this.fail(error);
    }
    card.draw();
  }

  remove(row) {
    this.sendRemoval();
    this.removing = { row, at: this.items.findIndex(({ id }) => id === row.id), timer: setTimeout(() => this.sendRemoval(), UNDO_MS) };
    this.items = this.items.filter(({ id }) => id !== row.id);
    this.draw();
    this.messages.say(this.text.removed, { label: this.text.undo, onclick: () => this.putBack() });
  }

  putBack() {
    if (!this.removing) return;
    const { row, at, timer } = this.removing;
    clearTimeout(timer);
    this.removing = null;
    this.items.splice(at, 0, row);
    this.draw();
  }

  async sendRemoval(keepalive = false) {
    const { removing } = this;
    if (!removing) return;
    clearTimeout(removing.timer);
    this.removing = null;
    try {
      await ask(this.text, `/api/v1/highlights/${removing.row.id}`, { method: "DELETE", keepalive });
      if (this.root.isConnected) await this.loadCounts();
    } catch (error) {
      this.items.splice(removing.at, 0, removing.row);
      this.draw();
      this.fail(error);
    }
  }

  play(row) {
    const { episode_id: id, episode_title: title, feed_title: feed, duration, start } = row;
    this.sound.playFrom({ id, title, feed, duration }, start);
  }

  close() {
    this.sendRemoval(true);
    window.removeEventListener("pagehide", this.onLeave);
  }
}

export default function mount({ data: [data], parentElement }) {
  const place = parentElement;
  if (!place.castmindHighlights) {
    place.castmindHighlights = new HighlightList();
    place.append(place.castmindHighlights.root);
  }
  const list = place.castmindHighlights;
  list.show(structuredClone(data));
  return () =>
    setTimeout(() => {
      if (list.root.isConnected) return;
      list.close();
      delete place.castmindHighlights;
    });
}
