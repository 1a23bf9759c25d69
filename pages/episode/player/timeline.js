// The timeline: a slider over the whole audio, on the waveform, with chapters, highlights and unclear speech marked on it.
//
//   pointer over it ─▶ time, chapter, sentence      Tab ─▶ slider, chapters, highlights; arrow keys go from mark to mark

class Timeline {
  constructor(onSeek) {
    this.onSeek = onSeek;
    this.slider = new SeekSlider("seek", onSeek);
    this.waveform = new Waveform();
    this.ticks = this.group("ticks");
    this.highlights = this.group("highlight-marks");
    this.gaps = element("div", { testid: "gaps", className: "gaps", "aria-hidden": "true" });
    this.when = element("span", { className: "when" });
    this.saying = element("span", { className: "saying" });
    this.tip = element("div", { testid: "seek-tip", className: "tip over", "aria-hidden": "true", hidden: true }, this.when, this.saying);
    this.root = element("div", { className: "timeline" }, this.waveform.root, this.gaps, this.slider.root, this.highlights, this.ticks, this.tip);
    this.root.addEventListener("pointermove", (event) => this.hover(event));
    for (const name of ["pointerleave", "pointercancel"]) this.root.addEventListener(name, () => (this.tip.hidden = true));
    this.chapters = [];
    this.marks = [];
    this.unclear = [];
    this.sentenceAt = () => "";
  }

  group(testid) {
    const made = element("div", { testid, className: "ticks", role: "group" });
    made.addEventListener("keydown", (event) => this.walk(event, made));
    return made;
  }

  label(text) {
    this.text = text;
    this.slider.label(text);
    this.ticks.setAttribute("aria-label", text.chapters);
    this.highlights.setAttribute("aria-label", text.highlights);
  }

  draw(now, length) {
    if (this.length !== length) this.place(length);
    this.slider.draw(now, length);
    this.waveform.heard(length ? Math.min(1, now / length) : 0);
  }

  setChapters(chapters, length) {
    this.chapters = chapters;
    this.place(length);
  }

  // Take the reader's highlights, [{start, end, quote, colour}, …].
  setHighlights(highlights, length) {
    this.marks = highlights;
    this.place(length);
  }

  setUnclear(spans, length) {
    this.unclear = spans;
    this.place(length);
  }

  place(length) {
    this.length = length;
    const inside = (all) => (length ? all.filter(({ start }) => start < length) : []);
    this.ticks.replaceChildren(...inside(this.chapters).map((chapter, index) => this.tick(chapter, index)));
    this.highlights.replaceChildren(...inside(this.marks).map((mark, index) => this.highlight(mark, index)));
    this.gaps.replaceChildren(...inside(this.unclear).map((span) => this.lay(element("span", {}), span)));
  }

  // The centre of the slider's thumb stays half a rem inside the track at each end.
  lay(made, { start, end }) {
    made.style.insetInlineStart = `calc(.5rem + (100% - 1rem) * ${start / this.length})`;
    if (end) made.style.width = `calc((100% - 1rem) * ${(end - start) / this.length})`;
    return made;
  }

  tick({ title, start }, index) {
    const words = `${clock(start)} ${title}`;
    return this.mark(`tick-${index}`, "tick", `${this.text.chapter}: ${words}`, words, { start }, index);
  }

  highlight({ start, end, quote, colour }, index) {
    const words = `${clock(start)} ${quote}`;
    const name = `${fill(this.text.highlight_mark, { colour: this.text[`colour_${colour}`] })}: ${words}`;
    return this.mark(`highlight-mark-${index}`, `mark ${colour}`, name, words, { start, end }, index);
  }

  mark(testid, className, name, words, span, index) {
    const tip = element("span", { className: "tip", textContent: words, "aria-hidden": "true" });
    const made = element("button", { testid, type: "button", className, "aria-label": name, onclick: () => this.onSeek(span.start) }, tip);
    if (span.start / this.length > 0.6) made.classList.add("late");
    made.tabIndex = index ? -1 : 0;
    return this.lay(made, span);
  }

  // The marks of a group are one tab stop; the arrow keys move between them.
  walk(event, group) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const all = [...group.children];
    const next = all[all.indexOf(event.target) + (step || 0)];
    if (!step || !next) return;
    event.preventDefault();
    event.stopPropagation();
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  // Say what is under the pointer: the time, the chapter, the sentence.
  hover({ clientX }) {
    const { left, width } = this.slider.root.getBoundingClientRect();
    const inset = parseFloat(getComputedStyle(document.documentElement).fontSize) / 2;
    const share = Math.min(1, Math.max(0, (clientX - left - inset) / (width - 2 * inset)));
    if (!this.length || width <= 2 * inset) return;
    const seconds = share * this.length;
    const chapter = this.chapters.findLast(({ start }) => start <= seconds);
    this.when.textContent = [clock(seconds), chapter?.title].filter(Boolean).join(" · ");
    this.saying.textContent = this.sentenceAt(seconds);
    this.tip.hidden = false;
    const room = width - this.tip.offsetWidth;
    this.tip.style.insetInlineStart = `${Math.max(0, Math.min(room, clientX - left - this.tip.offsetWidth / 2))}px`;
    this.tip.style.setProperty("--at", `${clientX - left}px`);
  }

  close() {
    this.waveform.close();
  }
}
