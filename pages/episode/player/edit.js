// Edit a sentence in place. The library keeps the first wording; text being typed survives a refused save.
//
//   open ─▶ field in the sentence ─▶ Enter ─▶ PATCH …/segments/{id} {text, expected} ─▶ redrawn, "Undo" offered
//                                 └─ Escape ─▶ as before             409 ─▶ the other wording is shown, either can be kept

class SentenceEditor {
  // `hooks`: changed(), say(message, more).
  constructor(transcript, hooks) {
    this.transcript = transcript;
    this.hooks = hooks;
    this.undoable = [];
    this.redoable = [];
  }

  show({ id, text }) {
    if (this.id !== id) Object.assign(this, { undoable: [], redoable: [] });
    Object.assign(this, { id, text });
  }

  get base() {
    return `/api/v1/episodes/${this.id}`;
  }

  open(index) {
    const segment = this.transcript.segments[index];
    if (!segment || !this.transcript.whole || !mayEdit()) return;
    if (this.form?.isConnected) {
      this.field.focus();
      return;
    }
    this.index = index;
    this.expected = segment.text;
    const span = this.transcript.spans[index];
    span.editing = true;
    this.field = element("textarea", { testid: "edit-field", value: segment.text, rows: 2, "aria-label": this.text.edit_sentence, spellcheck: true });
    this.field.lang = this.transcript.body.lang;
    this.trouble = element("span", { testid: "edit-trouble", className: "trouble", role: "alert" });
    this.first = segment.original !== undefined ? this.original(segment.original) : null;
    this.form = element(
      "span",
      { className: "edit" },
      this.field,
      element(
        "span",
        { className: "row" },
        element("button", { testid: "edit-save", type: "button", className: "strong", textContent: this.text.save, onclick: () => this.save() }),
        element("button", { testid: "edit-cancel", type: "button", className: "plain", textContent: this.text.cancel, onclick: () => this.leave() }),
        this.trouble,
      ),
      this.first,
    );
    this.form.onclick = (event) => event.stopPropagation();
    this.field.onkeydown = (event) => this.key(event);
    this.field.oninput = () => this.grow();
    span.replaceChildren(this.form);
    this.grow();
    this.field.focus({ preventScroll: true });
    this.form.scrollIntoView({ block: "nearest" });
  }

  original(words) {
    const take = () => {
      this.field.value = words;
      this.save();
    };
    return element(
      "span",
      { testid: "edit-original", className: "original" },
      element("span", { textContent: `${this.text.original} ` }),
      element("span", { className: "words", textContent: words }),
      element("button", { testid: "edit-restore", type: "button", className: "plain", textContent: this.text.restore_original, onclick: take }),
    );
  }

  grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight + 2}px`;
  }

  key(event) {
    event.stopPropagation();
    // Enter also confirms a Chinese character in an input method: that must not save.
    if (composing(event)) return;
    if (event.key === "Enter" && !event.shiftKey) this.save();
    else if (event.key === "Escape") this.leave();
    else return;
    event.preventDefault();
  }

  async save() {
    const segment = this.transcript.segments[this.index];
    const words = this.field.value;
    if (words.trim() === segment.text) {
      this.leave();
      return;
    }
    this.trouble.textContent = this.text.saving;
    try {
      const made = await ask(this.text, `${this.base}/transcript/segments/${segment.id}`, { method: "PATCH", body: { text: words, expected: this.expected } });
      this.leave({ drawn: false });
      this.transcript.setSegment(made);
      this.transcript.focusOn(this.index);
      this.pending = this.remember();
      await this.pending;
      this.hooks.changed();
      this.hooks.say(this.text.edited, { label: this.text.undo, onclick: () => this.undo() });
    } catch (error) {
      this.refused(error);
    }
  }

  // Another window changed the sentence: show its wording; a second save overwrites it with this one.
  refused(error) {
    this.trouble.textContent = error.message;
    const theirs = error.params?.text;
    if (error.status !== 409 || theirs === undefined) return;
    this.expected = theirs;
    this.trouble.textContent = fill(this.text.edit_conflict, { text: theirs });
  }

  // Whether an edit can be undone, or is about to be saved and can then be undone.
  get undoing() {
    return this.undoable.length > 0 || Boolean(this.pending);
  }

  // Remember the edit to undo: another window may have edited since.
  async remember() {
    const { items } = await ask(this.text, `${this.base}/edits`);
    const last = items.find((edit) => !edit.undone && !edit.outdated);
    if (last) this.undoable.push(last.id);
    this.redoable = [];
    this.pending = null;
  }

  undo() {
    return this.again("undo", "undoable", "redoable", this.text.undone);
  }

  redo() {
    return this.again("redo", "redoable", "undoable", this.text.redone);
  }

  async again(name, from, onto, told) {
    try {
      await this.pending;
      const edit = this[from].at(-1);
      if (edit === undefined) return;
      const done = await ask(this.text, `${this.base}/edits/${name}`, { method: "POST", body: { edit_id: edit } });
      this[onto].push(this[from].pop());
      await this.transcript.load();
      this.hooks.changed();
      const back = name === "undo" ? { label: this.text.redo, onclick: () => this.redo() } : { label: this.text.undo, onclick: () => this.undo() };
      this.hooks.say(told, back);
      if (done.segment_id !== null) this.transcript.keepInView(this.transcript.indexOf(done.segment_id));
    } catch (error) {
      this.hooks.say(error.message);
    }
  }

  leave({ drawn = true } = {}) {
    const span = this.transcript.spans[this.index];
    this.form?.remove();
    this.form = null;
    if (!span) return;
    span.editing = false;
    if (!drawn) return;
    this.transcript.drawSentence(this.index);
    this.transcript.focusOn(this.index);
  }
}
