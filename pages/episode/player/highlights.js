// The reader's highlights: marks in the transcript, and a list of them with remarks.
//
//   GET …/highlights ─▶ marks per sentence ─▶ transcript        a delete takes effect at once and can be undone

class HighlightsPane {
  // `hooks`: seek(highlight), marked(highlights), say(message, more).
  constructor(transcript, hooks) {
    this.transcript = transcript;
    this.hooks = hooks;
    this.items = [];
    this.heading = element("h2", { className: "unseen" });
    this.list = element("ol", { testid: "highlights", className: "entries" });
    this.empty = element("p", { className: "empty", hidden: true });
    this.root = element("section", { className: "pane scroll highlights", id: "castmind-highlights", tabIndex: -1 }, this.heading, this.empty, this.list);
  }

  show({ id, text, transcript }) {
    const again = this.id !== id || this.version !== transcript;
    Object.assign(this, { id, text, version: transcript });
    this.heading.textContent = text.highlights;
    this.empty.textContent = text.no_highlights;
    if (again) this.load();
    else this.draw();
  }

  async load() {
    try {
      const { items } = await ask(this.text, `/api/v1/episodes/${this.id}/highlights`);
      this.items = items;
      this.draw();
      this.mark();
    } catch (error) {
      this.empty.hidden = false;
      this.empty.textContent = error.message;
    }
  }

  find(id) {
    return this.items.find((highlight) => highlight.id === id);
  }

  // Pass the highlights to the transcript as offsets per sentence.
  mark() {
    const marks = new Map();
    for (const highlight of this.items.filter(({ anchored }) => anchored)) {
      const first = this.transcript.indexOf(highlight.start_segment);
      const last = this.transcript.indexOf(highlight.end_segment);
      for (let index = first; index >= 0 && index <= last; index += 1) {
        const { id, text } = this.transcript.segments[index];
        const from = index === first ? toUnits(text, highlight.start_offset) : 0;
        const to = index === last ? toUnits(text, highlight.end_offset) : text.length;
        marks.set(id, [...(marks.get(id) || []), { from, to, highlight }]);
      }
    }
    this.transcript.setMarks(marks);
    this.hooks.marked(this.items);
  }

  changed() {
    this.items.sort((a, b) => a.start - b.start || a.id - b.id);
    this.draw();
    this.mark();
  }

  async add(span, colour, remark = "") {
    try {
      const made = await ask(this.text, `/api/v1/episodes/${this.id}/highlights`, { method: "POST", body: { ...span, colour, remark } });
      this.items.push(made);
      this.changed();
      return made;
    } catch (error) {
      this.hooks.say(error.message);
      return null;
    }
  }

  async change(highlight, values) {
    try {
      const made = await ask(this.text, `/api/v1/highlights/${highlight.id}`, { method: "PATCH", body: { ...values, version: highlight.version } });
      this.items = this.items.map((item) => (item.id === made.id ? made : item));
      this.changed();
      return true;
    } catch (error) {
      this.hooks.say(error.message, { stays: true });
      if (error.status === 404) this.load();
      return false;
    }
  }

  async remove(highlight) {
    try {
      await ask(this.text, `/api/v1/highlights/${highlight.id}`, { method: "DELETE" });
    } catch (error) {
      if (error.status !== 404) {
        this.hooks.say(error.message);
        return;
      }
    }
    this.items = this.items.filter(({ id }) => id !== highlight.id);
    this.changed();
    const { start_segment, start_offset, end_segment, end_offset, colour, remark, anchored } = highlight;
    // Offer no undo for a highlight whose text has left the transcript: it could not be placed again.
    const back = () => this.add({ start_segment, start_offset, end_segment, end_offset }, colour, remark);
    this.hooks.say(this.text.highlight_removed, anchored ? { label: this.text.undo, onclick: back } : {});
  }

  draw() {
    this.empty.hidden = this.items.length > 0;
    this.empty.textContent = this.text.no_highlights;
    this.list.replaceChildren(...this.items.map((highlight) => this.entry(highlight)));
  }

  entry(highlight) {
    const { id, start, quote, colour, remark, anchored } = highlight;
    const time = element("button", {
      testid: `highlight-${id}-time`, type: "button", className: "time", textContent: clock(start),
      "aria-label": fill(this.text.play_from, { time: clock(start) }), onclick: () => this.hooks.seek(highlight),
    });
    const words = element("p", { className: "words", textContent: quote });
    words.lang = this.transcript.body.lang;
    const bin = action(`highlight-${id}-remove`, this.text.remove_highlight, BIN, () => this.remove(highlight), { className: "small", edits: true });
    const pen = action(`highlight-${id}-remark`, this.text.remark, REMARK, () => this.write(highlight), { className: "small", edits: true });
    const item = element(
      "li",
      { testid: `highlight-${id}`, className: `kept ${colour}` },
      element("div", { className: "line" }, time, words),
      anchored ? null : element("p", { className: "badge", textContent: this.text.unanchored }),
      remark ? element("p", { testid: `highlight-${id}-words`, className: "remark", textContent: remark }) : null,
      element("div", { className: "acts" }, pen, bin),
    );
    return item;
  }

  // Edit the remark of one highlight, in place in the list.
  write(highlight) {
    const item = [...this.list.children].find((entry) => entry.dataset.testid === `highlight-${highlight.id}`);
    if (!item) return;
    const field = element("textarea", { testid: "remark-field", rows: 3, value: highlight.remark, maxLength: 10_000, "aria-label": this.text.remark, placeholder: this.text.remark_hint });
    const leave = () => {
      form.remove();
      this.draw();
    };
    const save = async () => {
      if (await this.change(this.find(highlight.id) ?? highlight, { remark: field.value })) form.remove();
    };
    field.onkeydown = (event) => {
      event.stopPropagation();
      if (composing(event)) return;
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save();
      else if (event.key === "Escape") leave();
    };
    const form = element(
      "div",
      { className: "form" },
      field,
      element(
        "div",
        { className: "row" },
        element("button", { testid: "remark-save", type: "button", className: "strong", textContent: this.text.save, onclick: save }),
        element("button", { type: "button", className: "plain", textContent: this.text.cancel, onclick: leave }),
      ),
    );
    item.querySelector(".remark")?.remove();
    item.append(form);
    item.scrollIntoView({ block: "nearest" });
    field.focus();
  }
}
