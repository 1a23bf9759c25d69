// The grid of podcasts. All tiles are here: words and the choice of the failing ones narrow them without the server.

// Below this number the search field is left out.
const WORTH_SEARCHING = 8;

class FeedGrid {
  constructor() {
    this.search = element("input", { type: "search", testid: "feed-search", autocomplete: "off", oninput: () => this.narrow() });
    this.problems = element("button", { type: "button", className: "chip", testid: "feed-problems" });
    this.problems.onclick = () => {
      this.onlyFailing = !this.onlyFailing;
      this.narrow();
    };
    this.tools = element("div", { className: "tools" }, this.search, this.problems);
    this.folders = element("div", { testid: "feed-grid" });
    this.clear = element("button", { type: "button", testid: "feed-clear" });
    this.clear.onclick = () => {
      this.search.value = "";
      this.onlyFailing = false;
      this.narrow();
    };
    this.nothing = element("span", {});
    this.none = element("p", { className: "none", hidden: true, role: "status" }, this.nothing, " ", this.clear);
    this.root = element("div", { className: "feeds" }, this.tools, this.folders, this.none);
    const asked = new URLSearchParams(location.search);
    this.search.value = asked.get("q") ?? "";
    this.onlyFailing = asked.get("problems") === "1";
  }

  show(data) {
    const state = JSON.stringify(data);
    if (state === this.drawn) return;
    Object.assign(this, { data, drawn: state });
    const { text } = data;
    this.search.placeholder = text.search;
    this.search.setAttribute("aria-label", text.search);
    this.nothing.textContent = text.nothing;
    this.clear.textContent = text.clear;
    this.problems.textContent = fill(text.problems, { n: data.failing });
    this.draw();
    this.narrow();
  }

  draw() {
    this.tiles = [];
    this.folders.replaceChildren(
      ...this.data.folders.map((folder) => {
        const list = element("ul", { role: "list", className: "grid", "aria-label": folder.title || this.data.text.title }, ...folder.tiles.map((tile) => this.tile(tile)));
        return folder.title ? element("section", {}, element("h2", { textContent: folder.title }), list) : element("section", {}, list);
      }),
    );
  }

  tile(tile) {
    const link = element(
      "a",
      { href: tile.href, testid: "feed-tile" },
      element("span", { className: "art" }, element("img", { src: tile.cover, alt: "", loading: "lazy", decoding: "async" }), this.badge(tile)),
      element("span", { className: "name", textContent: tile.title }),
      element("span", { className: "facts", textContent: [tile.facts, tile.sign].filter(Boolean).join(" · ") }),
    );
    link.onclick = (event) => follow(event, tile.href);
    const root = element("li", { className: tile.busy ? "busy" : "" }, link);
    root.dataset.feed = String(tile.id);
    this.tiles.push({ root, tile });
    return root;
  }

  badge(tile) {
    if (!tile.failing) return null;
    const { failing } = this.data.text;
    return element("span", { className: "failing", role: "img", "aria-label": failing, title: failing, textContent: "!" });
  }

  narrow() {
    const words = this.search.value.trim().toLowerCase().split(/\s+/u).filter(Boolean);
    const { failing } = this.data;
    if (!failing) this.onlyFailing = false;
    let shown = 0;
    for (const { root, tile } of this.tiles) {
      root.hidden = !words.every((word) => tile.words.includes(word)) || (this.onlyFailing && !tile.failing);
      shown += root.hidden ? 0 : 1;
    }
    for (const section of this.folders.children) section.hidden = [...section.querySelectorAll("li")].every((each) => each.hidden);
    this.none.hidden = shown > 0;
    this.search.hidden = this.tiles.length < WORTH_SEARCHING && !words.length;
    this.problems.hidden = !failing;
    this.problems.setAttribute("aria-pressed", String(this.onlyFailing));
    this.keep();
  }

  keep() {
    const address = new URL(location.href);
    const wanted = { q: this.search.value.trim(), problems: this.onlyFailing ? "1" : "" };
    for (const [name, value] of Object.entries(wanted)) {
      if (value) address.searchParams.set(name, value);
      else address.searchParams.delete(name);
    }
    if (address.href !== location.href) history.replaceState(history.state, "", address);
  }
}

export default function mount({ data: [data], parentElement }) {
  const place = parentElement;
  if (!place.castmindFeeds) {
    place.castmindFeeds = new FeedGrid();
    place.append(place.castmindFeeds.root);
  }
  const grid = place.castmindFeeds;
  grid.show(structuredClone(data));
  return () =>
    setTimeout(() => {
      if (!grid.root.isConnected) delete place.castmindFeeds;
    });
}
