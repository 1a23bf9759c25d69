// The rail of the places, the bar of a phone with its sheet "More", breadcrumbs, and the line about a lost connection.

// Pages that are no place of their own, and the place that they belong to.
const BELOW = { episode: "library", show: "feeds" };
const QUEUE_MS = 5000;
const QUIET_QUEUE_MS = 30_000;

class Navigation {
  constructor() {
    this.skip = element("a", { testid: "skip", className: "skip", href: "#stMain" });
    this.skip.onclick = (event) => this.toContent(event);
    this.name = element("span", {});
    this.brand = element("a", { className: "brand", href: "/", testid: "brand" }, stroked(MARK, "mark"), this.name);
    this.brand.onclick = (event) => follow(event, "/");
    this.asked = element("span", { className: "name" });
    this.hint = element("kbd", {});
    this.seek = element("button", { type: "button", testid: "open-palette", className: "seek" }, stroked(STROKES.search), this.asked, this.hint);
    this.seek.onclick = () => window.dispatchEvent(new Event("castmind-palette"));
    this.places = element("ul", { role: "list", className: "places" });
    this.foot = element("ul", { role: "list", className: "places foot" });
    this.version = element("span", { className: "version" });
    this.rail = element("nav", { testid: "rail", className: "rail" }, this.brand, this.seek, this.places, this.foot, this.version);
    this.tabs = element("ul", { role: "list", className: "tabs" });
    this.bar = element("nav", { testid: "tab-bar", className: "bar" }, this.tabs);
    this.sheet = element("dialog", { testid: "more-sheet", className: "sheet" });
    this.sheet.onclick = (event) => event.target === this.sheet && this.sheet.close();
    this.trail = element("nav", { testid: "breadcrumbs", className: "trail" });
    this.line = element("div", { testid: "offline", className: "offline", role: "status", hidden: true });
    this.root = element("div", {}, this.skip, this.rail, this.bar, this.sheet, this.line, this.trail);
    this.connection = new Connection((lost) => this.tell(lost));
    this.streamlit = new StreamlitWords();
    this.onVisible = () => this.follow();
    document.addEventListener("visibilitychange", this.onVisible);
    // Back and forward change the page before its run ends.
    this.onMoved = () => this.markHere();
    window.addEventListener("popstate", this.onMoved);
  }

  show(data) {
    this.data = data;
    this.queue = data.queue;
    const { text } = data;
    document.documentElement.lang = data.language;
    this.streamlit.use(data.streamlit);
    this.skip.textContent = text.skip;
    this.rail.setAttribute("aria-label", text.places);
    this.bar.setAttribute("aria-label", text.places);
    this.trail.setAttribute("aria-label", text.trail);
    this.line.textContent = text.offline;
    this.asked.textContent = text.palette;
    this.hint.textContent = /Mac|iPhone|iPad/.test(navigator.platform) ? text.keys_mac : text.keys;
    this.seek.setAttribute("aria-label", text.palette);
    this.name.textContent = data.brand;
    this.brand.setAttribute("aria-label", data.brand);
    this.version.textContent = data.version;
    this.drawPlaces();
    this.drawTrail();
    this.drawQueue();
    this.follow();
  }

  drawPlaces() {
    const { data } = this;
    const state = JSON.stringify([data.places, data.foot, data.text]);
    if (state !== this.drawnPlaces) {
      this.drawnPlaces = state;
      this.places.replaceChildren(...data.places.map((place) => this.entry(place, "place")));
      this.foot.replaceChildren(...data.foot.map((place) => this.entry(place, "place")));
      const all = [...data.places, ...data.foot];
      const inBar = all.filter((place) => data.bar.includes(place.name));
      this.tabs.replaceChildren(...inBar.map((place) => this.entry(place, "bar")), this.moreTab());
      this.sheet.setAttribute("aria-label", data.text.more);
      const rest = all.filter((place) => !data.bar.includes(place.name));
      this.sheet.replaceChildren(element("ul", { role: "list", className: "places" }, ...rest.map((place) => this.entry(place, "more"))));
    }
    this.markHere(data.page);
  }

  entry(place, kind) {
    const badge = place.name === "queue" ? element("span", { className: "badge", testid: `${kind}-badge`, hidden: true }) : null;
    const link = element(
      "a",
      { href: place.href, testid: `${kind}-${place.name}`, title: place.title },
      stroked(STROKES[place.name]),
      element("span", { className: "name", textContent: place.title }),
      badge,
    );
    link.dataset.place = place.name;
    link.onclick = (event) => {
      if (this.sheet.open) this.sheet.close();
      follow(event, place.href);
    };
    return element("li", {}, link);
  }

  moreTab() {
    const more = element("button", { type: "button", testid: "tab-more", "aria-haspopup": "dialog" }, stroked(STROKES.more, "stroked dots"), element("span", { className: "name", textContent: this.data.text.more }));
    more.onclick = () => this.sheet.showModal();
    return element("li", {}, more);
  }

  markHere(page = location.pathname.split("/").pop() || "library") {
    for (const link of this.root.querySelectorAll("[data-place]")) {
      if (link.dataset.place === page) link.setAttribute("aria-current", "page");
      else if (link.dataset.place === BELOW[page]) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  drawTrail() {
    const { crumbs } = this.data;
    this.trail.hidden = !crumbs.length;
    this.trail.replaceChildren(
      element(
        "ol",
        { role: "list" },
        ...crumbs.map((crumb) => {
          const link = element("a", { href: crumb.href, textContent: crumb.title });
          link.onclick = (event) => follow(event, crumb.href);
          return element("li", {}, link);
        }),
      ),
    );
  }

  // --- the queue's badge

  drawQueue() {
    const { busy = 0, failed = 0 } = this.queue ?? {};
    const { text } = this.data;
    const said = failed ? fill(text.queue_failed, { n: failed }) : fill(text.queue_busy, { n: busy });
    for (const badge of this.root.querySelectorAll(".badge")) {
      badge.hidden = !busy && !failed;
      badge.className = `badge${failed ? " failed" : ""}`;
      badge.textContent = String(busy || failed);
      badge.setAttribute("aria-label", said);
      badge.setAttribute("role", "img");
      badge.title = said;
    }
  }

  // Ask while the window is visible; seldom while nothing is under way.
  follow() {
    clearTimeout(this.timer);
    if (document.hidden || !this.data) return;
    this.timer = setTimeout(() => this.askQueue(), this.queue?.busy ? QUEUE_MS : QUIET_QUEUE_MS);
  }

  // A failed request shows nothing new: the line about the connection tells of it.
  async askQueue() {
    const told = await ask(this.data.text, "/api/v1/queue").catch(() => null);
    if (told?.episodes) this.queue = told.episodes;
    if (!this.root.isConnected) return;
    this.drawQueue();
    this.follow();
  }

  // --- the rest

  // The current row of a list, else the heading.
  toContent(event) {
    event.preventDefault();
    const row = [...document.querySelectorAll("[data-testid=stMain] *")]
      .map((holder) => holder.shadowRoot?.querySelector("li[tabindex='0']"))
      .find(Boolean);
    const target = row ?? pageHeading();
    if (!target) return;
    if (!row) target.tabIndex = -1;
    target.focus();
  }

  tell(lost) {
    this.line.hidden = !lost;
  }

  close() {
    clearTimeout(this.timer);
    this.connection.close();
    this.streamlit.stop();
    document.removeEventListener("visibilitychange", this.onVisible);
    window.removeEventListener("popstate", this.onMoved);
    this.root.remove();
  }
}

export default function mount({ data: [data], parentElement }) {
  const place = parentElement;
  install();
  place.castmindNavigation ??= new Navigation();
  const navigation = place.castmindNavigation;
  if (!navigation.root.isConnected) place.append(navigation.root);
  navigation.show(structuredClone(data));
  // Streamlit also runs the cleanup of a call that newer data replaced.
  return () =>
    setTimeout(() => {
      if (navigation.root.isConnected) return;
      navigation.close();
      delete place.castmindNavigation;
    });
}
