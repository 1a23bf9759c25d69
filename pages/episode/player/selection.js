// The toolbar of actions on a passage; it opens on a selection or a click on a highlight.
//
//   selection (mouse, finger, keyboard) ─▶ passage {span, quote, start, end} ─▶ colour · remark · quote · clip · link · edit

const COLOURS = ["yellow", "green", "blue", "pink"];

class SelectionBar {
  // `hooks`: highlight(passage, colour, remark), change(highlight, values), remove(highlight), edit(index), say(message), remark(highlight),
  // area() {top, bottom} of the window that no bar covers.
  constructor(transcript, hooks) {
    this.transcript = transcript;
    this.hooks = hooks;
    this.colours = COLOURS.map((colour) => element("button", { testid: `colour-${colour}`, edits: true, type: "button", className: `colour ${colour}`, onclick: () => this.paint(colour) }));
    this.remark = action("passage-remark", "", REMARK, () => this.withRemark(), { edits: true });
    this.quote = action("passage-quote", "", QUOTE, () => this.copyQuote());
    this.cut = action("passage-clip", "", CUT, () => this.clip());
    this.link = action("passage-link", "", LINK, () => this.share());
    this.edit = action("passage-edit", "", PEN, () => this.toEdit(), { edits: true });
    this.bin = action("passage-remove", "", BIN, () => this.removed(), { edits: true });
    this.root = element(
      "div",
      { testid: "passage-bar", className: "passage", role: "toolbar", hidden: true },
      ...this.colours, this.remark, this.quote, this.cut, this.link, this.edit, this.bin,
    );
    // A press on a button must not clear the selection.
    this.root.addEventListener("pointerdown", (event) => event.preventDefault());
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.onSelection = () => this.soon();
    document.addEventListener("selectionchange", this.onSelection);
    transcript.scroll.addEventListener("pointerup", () => this.soon());
    transcript.body.addEventListener("click", (event) => this.clicked(event));
    // Scrolling inside a component is not heard outside it.
    this.onScroll = () => this.place();
    transcript.scroll.addEventListener("scroll", this.onScroll, { passive: true });
    document.addEventListener("scroll", this.onScroll, { passive: true, capture: true });
  }

  show({ id, title, page, text }) {
    Object.assign(this, { id, title, page, text });
    this.root.setAttribute("aria-label", text.passage);
    for (const [index, colour] of COLOURS.entries()) this.name(this.colours[index], fill(text.highlight_in, { colour: text[`colour_${colour}`] }));
    this.name(this.remark, text.remark);
    this.name(this.quote, text.copy_quote);
    this.name(this.cut, text.clip);
    this.name(this.link, text.copy_link);
    this.name(this.edit, text.edit_sentence);
    this.name(this.bin, text.remove_highlight);
  }

  name(button, words) {
    button.title = words;
    button.setAttribute("aria-label", words);
  }

  soon() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.look(), 120);
  }

  look() {
    if (!this.transcript.whole || !this.root.isConnected) return;
    const range = selectedIn(this.root.getRootNode());
    const passage = range && this.passageOf(range);
    if (passage) this.open(passage, null);
    else if (!this.highlight && !this.byKey) this.close();
  }

  // Return the first and last sentence of a range with its offsets in them; null outside the transcript.
  passageOf(range) {
    const { spans } = this.transcript;
    if (!this.transcript.body.contains(range.commonAncestorContainer)) return null;
    const first = spans.findIndex((span) => range.intersectsNode(span));
    if (first < 0) return null;
    let last = first;
    while (spans[last + 1] && range.intersectsNode(spans[last + 1])) last += 1;
    const from = offsetIn(spans[first], range.startContainer, range.startOffset);
    let to = offsetIn(spans[last], range.endContainer, range.endOffset);
    if (to === 0 && last > first) {
      last -= 1;
      to = spans[last].textContent.length;
    }
    return this.whole(first, from, last, to);
  }

  // A selection ends where the finger stopped: a passage begins and ends with whole words.
  whole(first, from, last, to) {
    const { segments } = this.transcript;
    if (first === last) {
      const [start, end] = toWholeWords(segments[first].text, from, to);
      return this.passage(first, start, last, end);
    }
    const [start] = toWholeWords(segments[first].text, from, segments[first].text.length);
    const [, end] = toWholeWords(segments[last].text, 0, to);
    return this.passage(first, start, last, end);
  }

  // Move a boundary before the first or after the last letter of a sentence to the adjacent sentence.
  passage(first, from, last, to) {
    const { segments } = this.transcript;
    if (segments[first] && from >= segments[first].text.length && first < last) return this.passage(first + 1, 0, last, to);
    if (first > last || (first === last && from >= to)) return null;
    const inside = segments.slice(first, last + 1);
    const pieces = inside.map(({ text }, index) => text.slice(index ? 0 : from, index === inside.length - 1 ? to : undefined).trim());
    const quote = pieces.reduce((said, piece) => said + gap(said, piece) + piece);
    if (!quote.trim()) return null;
    return {
      first, last, quote,
      ...this.times(first, from, last, to),
      span: {
        start_segment: segments[first].id,
        start_offset: toCharacters(segments[first].text, from),
        end_segment: segments[last].id,
        end_offset: toCharacters(segments[last].text, to),
      },
    };
  }

  // Return start and end: exact to the word if word times are known, otherwise in proportion to the sentence.
  times(first, from, last, to) {
    const place = (index, offset, ends) => {
      const { text, start, end } = this.transcript.segments[index];
      const words = this.transcript.words?.[index] || [];
      let at = 0;
      for (const [begin, stop, word] of words) {
        const found = text.indexOf(word.trim(), at);
        if (found < 0) continue;
        at = found + word.trim().length;
        if (ends ? offset <= at : offset < at) return ends ? stop : begin;
      }
      return start + (end - start) * (text.length ? offset / text.length : 0);
    };
    return { start: place(first, from, false), end: place(last, to, true) };
  }

  clicked(event) {
    const mark = event.target instanceof Element ? event.target.closest("mark") : null;
    if (!mark || selectedIn(this.root.getRootNode())) return;
    const highlight = this.hooks.find(Number(mark.dataset.highlight));
    if (highlight) this.open(this.passageOfHighlight(highlight), highlight);
  }

  passageOfHighlight(highlight) {
    const { start_segment, end_segment, start_offset, end_offset, quote, start, end } = highlight;
    const first = this.transcript.indexOf(start_segment);
    return { first, last: this.transcript.indexOf(end_segment), quote, start, end, span: { start_segment, start_offset, end_segment, end_offset } };
  }

  // Open the toolbar for the focused sentence, else for the one being heard.
  openForSentence(index) {
    const segment = this.transcript.segments[index];
    if (!segment || !this.transcript.whole) return;
    this.open(this.passage(index, 0, index, segment.text.length), null);
    this.byKey = true;
    this.place();
    this.before = index;
    this.colours[0].focus({ preventScroll: true });
  }

  open(passage, highlight) {
    Object.assign(this, { chosen: passage, highlight, byKey: false });
    this.bin.hidden = !highlight;
    this.edit.hidden = passage.first !== passage.last;
    for (const [index, colour] of COLOURS.entries()) this.colours[index].setAttribute("aria-pressed", String(highlight?.colour === colour));
    this.root.hidden = false;
    this.place();
  }

  close() {
    this.root.hidden = true;
    this.highlight = null;
    this.byKey = false;
  }

  // Place the toolbar above the passage; on touch screens below it, because the system's menu appears above. It goes out of sight
  // with its passage, and never covers the player.
  place() {
    if (this.root.hidden) return;
    const first = this.transcript.spans[this.chosen.first]?.getBoundingClientRect();
    const range = selectedIn(this.root.getRootNode());
    const box = range && !this.highlight && !this.byKey ? range.getBoundingClientRect() : first;
    if (!box) return;
    const area = this.shownArea();
    const { width, height } = this.root.getBoundingClientRect();
    const below = matchMedia("(pointer: coarse)").matches || box.top < area.top + height + 8;
    const top = below ? box.bottom + 10 : box.top - height - 8;
    const seen = this.byKey || (box.bottom > area.top && box.top < area.bottom);
    this.root.style.visibility = seen ? "" : "hidden";
    this.root.style.top = `${Math.max(area.top + 8, Math.min(area.bottom - height - 8, top))}px`;
    this.root.style.left = `${Math.max(8, Math.min(innerWidth - width - 8, box.left + box.width / 2 - width / 2))}px`;
  }

  // The transcript scrolls in a box of its own in a wide window.
  shownArea() {
    const { top, bottom } = this.hooks.area();
    const { scroll } = this.transcript;
    if (getComputedStyle(scroll).overflowY === "visible") return { top, bottom };
    const pane = scroll.getBoundingClientRect();
    return { top: Math.max(top, pane.top), bottom: Math.min(bottom, pane.bottom) };
  }

  key(event) {
    const all = [...this.root.children].filter((button) => !button.hidden);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) all[(all.indexOf(event.target) + step + all.length) % all.length].focus();
    else if (event.key === "Escape") {
      this.close();
      if (this.before !== undefined) this.transcript.focusOn(this.before);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  clear() {
    const shadow = this.root.getRootNode();
    (shadow.getSelection?.() ?? document.getSelection())?.removeAllRanges();
    this.close();
  }

  // --- actions of the buttons -------------------------------------------------------------------

  paint(colour) {
    const { chosen: passage, highlight } = this;
    this.clear();
    if (highlight) this.hooks.change(highlight, { colour });
    else this.hooks.highlight(passage, colour);
  }

  async withRemark() {
    const { chosen: passage, highlight } = this;
    this.clear();
    const made = highlight ?? (await this.hooks.highlight(passage, COLOURS[0]));
    if (made) this.hooks.remark(made);
  }

  removed() {
    const { highlight } = this;
    this.clear();
    this.hooks.remove(highlight);
  }

  toEdit() {
    const { first } = this.chosen;
    this.clear();
    this.hooks.edit(first);
  }

  address(seconds) {
    return `${location.origin}${this.page}&t=${Math.floor(seconds)}`;
  }

  async copyQuote() {
    const { quote, start } = this.chosen;
    const words = fill(this.text.quotation, { quote, title: this.title, time: clock(start), link: this.address(start) });
    await this.copied(words, this.text.quote_copied);
  }

  async share() {
    const url = this.address(this.chosen.start);
    if (matchMedia("(pointer: coarse)").matches && navigator.share) {
      await navigator.share({ title: this.title, url }).catch(() => {}); // the share sheet was closed without a choice
      return;
    }
    await this.copied(url, this.text.link_copied);
  }

  async copied(words, told) {
    try {
      await copyText(words);
      this.hooks.say(told);
    } catch {
      this.hooks.say(fill(this.text.not_copied, { words }), { stays: true });
    }
  }

  async clip() {
    const { start, end } = this.chosen;
    this.clear();
    const cutting = new AbortController();
    this.hooks.say(this.text.clip_cutting, { stays: true, label: this.text.cancel, onclick: () => cutting.abort() });
    const address = `/api/v1/episodes/${this.id}/clip?format=mp3&start=${start.toFixed(2)}&end=${end.toFixed(2)}`;
    try {
      const answer = await fetch(address, { signal: cutting.signal });
      if (!answer.ok) throw await refusal(answer, this.text);
      const file = URL.createObjectURL(await answer.blob());
      const link = element("a", { href: file, download: `${this.title.replace(/[\\/:*?"<>|]+/g, " ").slice(0, 80)} ${clock(start).replaceAll(":", ".")}.mp3` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(file), 60_000);
      this.hooks.say(this.text.clip_done);
    } catch (error) {
      if (error.name === "AbortError") this.hooks.say(this.text.clip_cancelled);
      else this.hooks.say(error instanceof Refusal ? error.message : this.text.no_connection, { stays: true });
    }
  }

  destroy() {
    document.removeEventListener("selectionchange", this.onSelection);
    document.removeEventListener("scroll", this.onScroll, { capture: true });
  }
}
