// The timeline: a slider over the whole audio with a tick at the start of each chapter, and marks under unclear speech.

class Timeline {
  constructor(onSeek) {
    this.onSeek = onSeek;
    this.slider = new SeekSlider("seek", onSeek);
    this.ticks = element("div", { testid: "ticks", className: "ticks" });
    this.gaps = element("div", { testid: "gaps", className: "gaps", "aria-hidden": "true" });
    this.root = element("div", { className: "timeline" }, this.gaps, this.slider.root, this.ticks);
    this.ticks.addEventListener("keydown", (event) => this.walk(event));
    this.chapters = [];
    this.unclear = [];
  }

  label(text) {
    this.text = text;
    this.slider.label(text);
  }

  draw(now, length) {
    if (this.length !== length) this.place(length);
    this.slider.draw(now, length);
  }

  setChapters(chapters, length) {
    this.chapters = chapters;
    this.length = null;
    this.place(length);
  }

  setUnclear(spans, length) {
    this.unclear = spans;
    this.place(length);
  }

  place(length) {
    this.length = length;
    const inside = length ? this.chapters.filter(({ start }) => start < length) : [];
    this.ticks.replaceChildren(...inside.map((chapter, index) => this.tick(chapter, index, length)));
    this.gaps.replaceChildren(...(length ? this.unclear.map((span) => this.mark(span, length)) : []));
  }

  mark({ start, end }, length) {
    const made = element("span", {});
    made.style.insetInlineStart = `calc(.5rem + (100% - 1rem) * ${start / length})`;
    made.style.width = `calc((100% - 1rem) * ${(end - start) / length})`;
    return made;
  }

  tick({ title, start }, index, length) {
    const words = `${clock(start)} ${title}`;
    const made = element(
      "button",
      { testid: `tick-${index}`, type: "button", className: "tick", "aria-label": `${this.text.chapter}: ${words}`, onclick: () => this.onSeek(start) },
      element("span", { className: "tip", textContent: words, "aria-hidden": "true" }),
    );
    // The centre of the slider's thumb stays half a rem inside the track at each end.
    const share = start / length;
    made.style.insetInlineStart = `calc(.5rem + (100% - 1rem) * ${share})`;
    if (share > 0.6) made.classList.add("late");
    made.tabIndex = index ? -1 : 0;
    return made;
  }

  // The ticks are one tab stop; the arrow keys move between chapters.
  walk(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const all = [...this.ticks.children];
    const next = all[all.indexOf(event.target) + (step || 0)];
    if (!step || !next) return;
    event.preventDefault();
    event.stopPropagation();
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }
}
