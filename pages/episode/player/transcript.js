// The transcript: sentences in paragraphs; the current one is marked and kept in view unless the reader scrolls away.
//
//   fetch (without words) ─▶ draw ─▶ mark(seconds) ─▶ sentence, word      a new version ─▶ only changed sentences are redrawn
//                                     └─ words are fetched when the sound first moves
//
// Paragraphs outside the view are in the page but not laid out (content-visibility, with a height estimated from their
// length): five hours open as fast as five minutes, and the browser's own find, selection and screen readers see all of it.

// Seconds: a citation may start slightly before its sentence.
const EARLY = 0.05;
// Milliseconds without automatic scrolling after a click: a second click may follow.
const STILL_AFTER_CLICK = 800;
const SCROLL_KEYS = ["PageUp", "PageDown", "Home", "End"];

class TranscriptPane {
  // `hooks`: seek(seconds), hear(start, end), segments(list), speaker(name).
  constructor(hooks) {
    this.hooks = hooks;
    this.segments = [];
    this.spans = [];
    this.current = -1;
    this.following = true;
    this.marks = new Map();
    this.unclear = [];
    this.timed = true;
    this.status = element("p", { testid: "transcript-status", className: "partial", role: "status", hidden: true });
    this.retry = element("button", { testid: "transcript-retry", type: "button", className: "plain", hidden: true, onclick: () => this.load() });
    this.body = element("div", { testid: "transcript", className: "text" });
    this.scroll = element("div", { testid: "transcript-scroll", className: "scroll", tabIndex: 0, role: "region" }, this.status, this.retry, this.body);
    this.back = element("button", { testid: "follow", type: "button", className: "back", hidden: true, onclick: () => this.follow() });
    this.head = element("div", { className: "tools" });
    this.root = element("section", { className: "pane transcript", id: "castmind-transcript" }, this.head, this.scroll, this.back);
    this.listen();
  }

  listen() {
    for (const name of ["wheel", "touchmove", "pointerdown"]) {
      this.scroll.addEventListener(name, (event) => this.scrolledByReader(event), { passive: true });
    }
    this.scroll.addEventListener("keydown", (event) => {
      if (SCROLL_KEYS.includes(event.key)) this.leave();
    });
    this.body.addEventListener("click", (event) => this.clicked(event));
  }

  // --- content ----------------------------------------------------------------------------------

  async show({ transcript, partial, language, duration, text }) {
    Object.assign(this, { text, duration });
    this.back.textContent = text.follow;
    this.retry.textContent = text.try_again;
    this.scroll.setAttribute("aria-label", text.transcript);
    if (language) this.body.lang = language;
    if (transcript && transcript === this.address) return;
    this.address = transcript;
    if (this.foreign) return;
    if (transcript) await this.load();
    else this.draw(partial, partial.length ? text.partial : text.no_transcript);
  }

  // Show another transcript instead of ours; null switches back. `named` is the label of its source.
  async turn(foreign, named) {
    if ((this.foreign ?? null) === foreign) return;
    Object.assign(this, { foreign, named, segments: [], words: null });
    this.marks = new Map();
    if (foreign || this.address) await this.load();
  }

  async load() {
    const { text } = this;
    const address = this.foreign ?? `${this.address}&words=false`;
    this.fetching?.abort();
    this.fetching = new AbortController();
    this.retry.hidden = true;
    if (!this.segments.length) this.say(text.loading);
    try {
      const answer = await ask(text, address, { signal: this.fetching.signal });
      this.words = null;
      this.body.lang = answer.language || "";
      this.timed = !this.foreign || answer.segments.some(({ start }) => start > 0);
      this.draw(answer.segments, this.messageFor(answer.segments));
    } catch (error) {
      if (error.name === "AbortError") return;
      this.say(text.transcript_trouble);
      this.retry.hidden = false;
    }
  }

  messageFor(segments) {
    if (this.foreign) return this.timed ? this.named : `${this.named} ${this.text.untimed}`;
    return segments.length ? "" : this.text.silence;
  }

  // Whether the transcript accepts edits and highlights: only our own, finished one does.
  get whole() {
    return Boolean(this.address) && !this.foreign;
  }

  say(message) {
    this.status.textContent = message;
    this.status.hidden = !message;
  }

  draw(segments, message) {
    this.say(message);
    const before = this.segments;
    this.segments = segments;
    if (before.length && sameShape(before, segments)) {
      segments.forEach((segment, index) => {
        const old = before[index];
        if (old.text !== segment.text || old.original !== segment.original) this.drawSentence(index);
      });
    } else {
      this.spans = [];
      this.current = -1;
      this.body.replaceChildren(...paragraphs(segments).map((group, index, all) => this.paragraph(group, all[index - 1])));
    }
    this.drawUnclear();
    this.hooks.segments(segments);
    this.mark(this.now || 0);
  }

  // Take speech without words, [{start, end}] in order; each span gets a label at its place in the text.
  setUnclear(spans) {
    this.unclear = spans;
    this.drawUnclear();
  }

  drawUnclear() {
    for (const old of this.body.querySelectorAll(".unheard")) old.remove();
    if (!this.whole || !this.spans.length) return;
    // Insert from last to first, so that spans after the same sentence end up in order.
    for (const [index, span] of [...this.unclear.entries()].reverse()) {
      const before = this.spans[this.at(span.start)];
      if (before) before.after(this.unheard(span, index));
      else this.spans[0].before(this.unheard(span, index));
    }
  }

  unheard({ start, end }, index) {
    const time = lengthOf(end - start, this.text);
    return element("button", {
      testid: `unheard-${index}`, type: "button", className: "unheard", tabIndex: -1, textContent: fill(this.text.unheard, { time }),
      "aria-label": fill(this.text.unheard_hear, { time, at: clock(start) }), title: this.text.unheard_why, onclick: () => this.hooks.hear(start, end),
    });
  }

  paragraph(group, before) {
    const [{ start, speaker: voice }] = group;
    const speaker = voice === before?.[0].speaker ? null : voice;
    const text = element("p");
    for (const [index, segment] of group.entries()) {
      const span = element("span", { testid: `segment-${segment.id}`, className: "sentence" });
      this.spans.push(span);
      this.drawSentence(this.spans.length - 1);
      text.append(index ? gap(group[index - 1].text, segment.text) : "", span);
    }
    const time = element("button", {
      type: "button", className: "time", textContent: clock(start), tabIndex: -1,
      "aria-label": fill(this.text.play_from, { time: clock(start) }), onclick: () => this.choose(start),
    });
    const name = speaker
      ? element("button", { type: "button", className: "speaker", textContent: speaker, tabIndex: -1, onclick: () => this.hooks.speaker(speaker) })
      : null;
    const made = element("div", { className: "paragraph" }, time, element("div", { className: "said" }, name, text));
    const length = group.reduce((sum, segment) => sum + segment.text.length * (UNSPACED.test(segment.text) ? 2 : 1), 0);
    made.style.setProperty("--lines", Math.ceil(length / 62) + (speaker ? 1 : 0));
    return made;
  }

  // Draw the text of a sentence with the reader's highlights.
  drawSentence(index) {
    const segment = this.segments[index];
    const span = this.spans[index];
    if (span.editing) return;
    const marks = this.marks.get(segment.id) || [];
    span.classList.toggle("edited", segment.original !== undefined);
    span.replaceChildren(...runs(segment.text, marks));
  }

  // Segment id → [{from, to, highlight}], in units of the segment's text.
  setMarks(marks) {
    const touched = new Set([...this.marks.keys(), ...marks.keys()]);
    this.marks = marks;
    for (const id of touched) {
      const index = this.indexOf(id);
      if (index >= 0) this.drawSentence(index);
    }
    this.paintWord();
  }

  setSegment(segment) {
    const index = this.indexOf(segment.id);
    if (index < 0) return;
    this.segments[index] = segment;
    if (this.words) this.words[index] = segment.words;
    this.drawSentence(index);
  }

  // Ids count from 0 in order, but a source may have left some out.
  indexOf(id) {
    if (this.segments[id]?.id === id) return id;
    return this.segments.findIndex((segment) => segment.id === id);
  }

  indexAt(target) {
    const span = target instanceof Element ? target.closest(".sentence") : null;
    return span ? this.spans.indexOf(span) : -1;
  }

  // --- playback ---------------------------------------------------------------------------------

  clicked(event) {
    const index = this.indexAt(event.target);
    if (index < 0 || this.spans[index].editing) return;
    this.stillUntil = performance.now() + STILL_AFTER_CLICK;
    if (this.timed) this.choose(this.segments[index].start);
  }

  choose(seconds) {
    // A click that ends a selection belongs to the selection: do not seek.
    if (selectedIn(this.root.getRootNode())) return;
    this.follow();
    this.hooks.seek(seconds);
  }

  // Return the last sentence that starts at or before `seconds`; -1 before the first.
  at(seconds) {
    let low = 0;
    let high = this.segments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.segments[middle].start <= seconds + EARLY) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  // The words being said at `seconds`; "" in a pause, and without times.
  said(seconds) {
    const segment = this.timed ? this.segments[this.at(seconds)] : null;
    return segment && seconds < segment.end ? segment.text : "";
  }

  mark(seconds, { moves = false } = {}) {
    this.now = seconds;
    if (moves && this.whole && !this.words) this.fetchWords();
    const index = this.timed ? this.at(seconds) : -1;
    if (index !== this.current) {
      this.spans[this.current]?.classList.remove("current");
      this.spans[this.current]?.removeAttribute("aria-current");
      this.spans[index]?.classList.add("current");
      this.spans[index]?.setAttribute("aria-current", "true");
      this.current = index;
      if (this.following && seconds > 0) this.keepUp();
    }
    this.paintWord();
  }

  async fetchWords() {
    this.words = [];
    const { address } = this;
    try {
      const { segments } = await ask(this.text, address);
      if (address === this.address) this.words = segments.map(({ words }) => words);
    } catch {
      this.words = null; // the sentence is marked without words; the next time update fetches again
    }
  }

  paintWord() {
    const words = this.words?.[this.current];
    const span = this.spans[this.current];
    const place = words && span && !span.editing ? wordAt(words, this.segments[this.current].text, this.now) : null;
    const key = place ? `${this.current}:${place}` : "";
    if (key === this.painted && span?.isConnected) return;
    this.painted = key;
    const range = place && rangeIn(span, ...place);
    paint("word", range ? [range] : []);
  }

  // --- places in it -----------------------------------------------------------------------------

  // Return the Ranges of a quote near [start, end]; whole sentences if its words are not found.
  ranges({ quote, start, end }) {
    const first = Math.max(0, this.at(start));
    const last = Math.max(first, this.at(Math.max(start, (end ?? start) - 2 * EARLY)));
    const inside = quote ? this.locate(quote, Math.max(0, first - 1), Math.min(this.spans.length - 1, last + 2)) : [];
    if (inside.length) return inside;
    return this.spans.slice(first, last + 1).map((span) => rangeIn(span, 0, span.textContent.length)).filter(Boolean);
  }

  locate(quote, first, last) {
    const units = [];
    let all = "";
    for (let index = first; index <= last; index += 1) {
      const { text, places } = foldedWithPlaces(this.segments[index].text);
      [...text].forEach((_, at) => {
        if (!/[\p{L}\p{N}]/u.test(text[at])) return;
        all += text[at];
        units.push([index, places[at]]);
      });
    }
    const wanted = folded(quote).replace(/[^\p{L}\p{N}]/gu, "");
    const at = wanted ? all.indexOf(wanted) : -1;
    if (at < 0) return [];
    const [from, begin] = units[at];
    const [to, stop] = units[at + wanted.length - 1];
    const found = [];
    for (let index = from; index <= to; index += 1) {
      const length = this.segments[index].text.length;
      found.push(rangeIn(this.spans[index], index === from ? begin : 0, index === to ? Math.min(stop + 1, length) : length));
    }
    return found.filter(Boolean);
  }

  hint(place) {
    paint("hint", place ? this.ranges(place) : []);
  }

  cite(place) {
    paint("cite", this.ranges(place));
    this.follow();
  }

  // --- scrolling --------------------------------------------------------------------------------

  // A narrow page scrolls as a whole: then Streamlit's own element is the scroll container.
  get scroller() {
    if (getComputedStyle(this.scroll).overflowY !== "visible") return this.scroll;
    for (let node = this.root.getRootNode().host; node; node = node.parentElement) {
      if (/auto|scroll/.test(getComputedStyle(node).overflowY)) return node;
    }
    return document.scrollingElement;
  }

  keepUp() {
    if (performance.now() > (this.stillUntil ?? 0)) this.keepInView();
  }

  keepInView(index = this.current) {
    const sentence = this.spans[index];
    if (!sentence || !this.scroll.clientHeight) return;
    const { scroller } = this;
    const view = scroller.getBoundingClientRect();
    const place = sentence.getBoundingClientRect();
    const comfortable = place.top >= view.top + 0.12 * view.height && place.bottom <= view.bottom - 0.25 * view.height;
    if (comfortable) return;
    scroller.scrollTop += place.top - view.top - 0.3 * view.height;
    // The heights in between were estimates; once laid out, they may have moved the sentence out of view.
    const again = sentence.getBoundingClientRect();
    if (again.top < view.top || again.bottom > view.bottom) scroller.scrollTop += again.top - view.top - 0.3 * view.height;
  }

  scrolledByReader(event) {
    const onScrollbar = event.type === "pointerdown" && event.target === this.scroll && event.offsetX >= this.scroll.clientWidth;
    if (event.type !== "pointerdown" || onScrollbar) this.leave();
  }

  leave() {
    const { scroller } = this;
    if (this.current < 0 || scroller.scrollHeight <= scroller.clientHeight) return;
    this.following = false;
    this.back.hidden = false;
  }

  follow() {
    this.following = true;
    this.back.hidden = true;
    this.keepUp();
  }

  // Move the keyboard focus by `by` sentences.
  step(by) {
    const here = this.indexAt(this.root.getRootNode().activeElement);
    const from = here >= 0 ? here : Math.max(0, this.current);
    const to = Math.min(this.spans.length - 1, Math.max(0, here >= 0 ? from + by : from));
    if (!this.spans[to]) return;
    this.leave();
    this.focusOn(to);
    this.keepInView(to);
  }

  // Make a sentence focusable only while it has the focus: a mouse selection cannot start at the edge of a focusable element.
  focusOn(index) {
    const span = this.spans[index];
    span.tabIndex = -1;
    span.addEventListener("blur", () => span.removeAttribute("tabindex"), { once: true });
    span.focus({ preventScroll: true });
  }

  close() {
    this.fetching?.abort();
    for (const name of ["word", "hint", "cite", "find", "found"]) paint(name, []);
  }
}

const sameShape = (before, after) =>
  before.length === after.length &&
  before.every(({ id, start, speaker }, index) => id === after[index].id && start === after[index].start && speaker === after[index].speaker);

// Split a sentence into plain and marked runs. Where highlights overlap, the later one wins.
const runs = (text, marks) => {
  if (!marks.length) return [text];
  const edges = [...new Set([0, text.length, ...marks.flatMap(({ from, to }) => [from, to])])].sort((a, b) => a - b);
  return edges.slice(0, -1).map((from, at) => {
    const piece = text.slice(from, edges[at + 1]);
    const over = marks.findLast((mark) => mark.from <= from && mark.to > from);
    if (!over) return piece;
    const { id, colour, remark } = over.highlight;
    const made = element("mark", { className: `highlight ${colour}`, textContent: piece, title: remark });
    made.dataset.highlight = id;
    return made;
  });
};

// Return [from, to] in `text` of the word spoken at `seconds`; null between words.
const wordAt = (words, text, seconds) => {
  let at = 0;
  for (const [start, end, word] of words) {
    const plain = word.trim();
    const found = text.indexOf(plain, at);
    if (found < 0) continue;
    if (seconds < start - EARLY) return null;
    if (seconds < end + EARLY) return [found, found + plain.length];
    at = found + plain.length;
  }
  return null;
};
