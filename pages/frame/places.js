// Browser history: one entry per page. Back and forward restore the scroll position; a new page begins at its top, and its
// heading takes the focus.
//
//   scroll, press ─▶ position by URL      back, forward ─▶ the page is drawn ─▶ scroll there, unless the reader acts first
//                                         link ─▶ the heading changes ─▶ top ─▶ the page is drawn ─▶ focus
//
// A page that is being replaced shrinks, which scrolls it while the URL is still its own. So a position is recorded when the
// reader acts and when scrolling has stopped; never while a page is being drawn.

const PATIENCE_FOR_PAGE = 15_000;
const PATIENCE_FOR_FOCUS = 2000;
const AT_REST = 200;
const GESTURES = ["wheel", "touchstart", "pointerdown", "keydown"];

class Places {
  constructor() {
    this.tops = new Map();
    document.addEventListener("scroll", (event) => this.scrolled(event.target), { capture: true, passive: true });
    // An event of the browser means back or forward, one of our own a link (goTo in page.js).
    window.addEventListener("popstate", (event) => (event.isTrusted ? this.comeBack() : this.arrive()));
    for (const name of GESTURES) window.addEventListener(name, () => this.acted(), { capture: true, passive: true });
    this.pushOnce();
  }

  // Streamlit navigates to a page with parameters in two steps; the first pushes the old page with the new parameters. Going
  // back would land there, on a search without its query.
  pushOnce() {
    const push = history.pushState.bind(history);
    history.pushState = (state, title, address) => {
      const to = new URL(address ?? location.href, location.href);
      const between = !to.pathname.endsWith("/episode") && to.pathname === location.pathname && to.searchParams.has("id");
      if (!between) push(state, title, address);
    };
  }

  get key() {
    const { pathname, search } = location;
    return pathname.endsWith("/episode") ? `${pathname}?${new URLSearchParams(search).get("id")}` : pathname;
  }

  get scroller() {
    return document.querySelector("[data-testid=stMain]");
  }

  get drawn() {
    return document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning";
  }

  acted() {
    if (!this.wanted) this.keep(this.key);
    this.letGo();
  }

  scrolled(target) {
    if (target !== this.scroller || this.wanted) return;
    const { key } = this;
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.keep(key), AT_REST);
  }

  keep(key) {
    if (this.drawn && key === this.key && this.scroller) this.tops.set(key, this.scroller.scrollTop);
  }

  comeBack() {
    this.letGo();
    const top = this.tops.get(this.key);
    if (!top) return;
    this.wanted = { top, until: performance.now() + PATIENCE_FOR_PAGE, reached: 0 };
    this.timer = setInterval(() => this.tryAgain(), 100);
  }

  // The old page stays until the new one is drawn: the position counts only once it holds.
  tryAgain() {
    const { scroller, wanted, drawn } = this;
    if (scroller && scroller.scrollHeight - scroller.clientHeight >= wanted.top - 1) scroller.scrollTop = wanted.top;
    wanted.reached = drawn && Math.abs((scroller?.scrollTop ?? 0) - wanted.top) < 2 ? wanted.reached + 1 : 0;
    if (wanted.reached > 5 || performance.now() > wanted.until) this.letGo();
  }

  // Wait for the heading of the new page, and for the end of its run: until then the old page is shown.
  arrive() {
    this.letGo();
    const address = location.href;
    const before = this.heading;
    const until = performance.now() + PATIENCE_FOR_PAGE;
    let atTop = false;
    let drawnAt = null;
    this.timer = setInterval(() => {
      const now = performance.now();
      if (location.href.split("?")[0] !== address.split("?")[0] || now > until) return this.letGo();
      if (!atTop && this.heading !== before) {
        atTop = true;
        this.scroller.scrollTop = 0;
      }
      if (!atTop || !this.drawn) return;
      drawnAt ??= now;
      this.announce();
      if (now - drawnAt > PATIENCE_FOR_FOCUS) this.letGo();
    }, 50);
  }

  get heading() {
    return pageHeading()?.textContent ?? "";
  }

  // A screen reader reads the heading that has the focus: the reader hears where the link led. A part of the page that is drawn
  // anew can lose it again, so it is given for a while, unless the reader acts.
  announce() {
    const heading = pageHeading();
    if (!heading || !this.idle) return;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }

  // The page may have put the focus into a field of its own, as the search does.
  get idle() {
    const held = document.activeElement;
    return !held || held === document.body || held.shadowRoot?.activeElement?.closest("nav") || !held.isConnected;
  }

  letGo() {
    clearInterval(this.timer);
    this.wanted = null;
  }
}

// Created once per window.
const thePlaces = () => (window.castmindPlaces ??= new Places());
