// The reader's own notes: Markdown with times that seek, saved one second after the last keystroke.
//
//   typing ─▶ stored in the browser at once ─▶ PUT …/notes {markdown, version} ─▶ "Saved"
//                                               ├─ no connection ─▶ retried every few seconds
//                                               └─ 409: another window saved ─▶ both are shown, the reader merges them

const QUIET_BEFORE_SAVING = 1000;
const TRY_AGAIN = 5000;

class OwnNotes {
  // `hooks`: now() seconds, seek(seconds), length() seconds.
  constructor(hooks) {
    this.hooks = hooks;
    this.field = element("textarea", { testid: "own-notes", rows: 12, spellcheck: true, readOnly: !mayEdit() });
    this.preview = element("div", { testid: "own-preview", className: "preview", hidden: true });
    this.state = element("span", { testid: "own-state", className: "state", role: "status" });
    this.stamp = element("button", { testid: "own-time", edits: true, type: "button", className: "plain", onclick: () => this.insertTime() });
    this.turn = element("button", { testid: "own-turn", type: "button", className: "plain", onclick: () => this.toggle() });
    this.theirs = element("pre", { testid: "own-theirs" });
    this.told = element("p", {});
    this.keep = element("button", { testid: "own-keep", edits: true, type: "button", className: "plain", onclick: () => this.settle(this.field.value) });
    this.join = element("button", { testid: "own-join", edits: true, type: "button", className: "strong", onclick: () => this.settle(this.joined()) });
    this.conflict = element("div", { testid: "own-conflict", className: "conflict", role: "alert", hidden: true }, this.told, this.theirs, element("div", { className: "row" }, this.join, this.keep));
    this.heading = element("h2", { className: "unseen" });
    this.root = element(
      "section",
      { className: "pane scroll own", id: "castmind-own", tabIndex: -1 },
      this.heading, element("div", { className: "row" }, this.stamp, this.turn, this.state),
      this.conflict, this.field, this.preview,
    );
    this.field.oninput = () => this.typed();
    this.field.onkeydown = (event) => event.stopPropagation();
    this.field.onblur = () => this.flush();
    this.onHide = () => this.flush();
    window.addEventListener("pagehide", this.onHide);
  }

  show({ id, text }) {
    this.text = text;
    this.heading.textContent = text.own_notes;
    this.field.setAttribute("aria-label", text.own_notes);
    this.field.placeholder = mayEdit() ? text.own_notes_hint : "";
    this.stamp.textContent = text.insert_time;
    this.told.textContent = text.own_conflict;
    this.keep.textContent = text.own_keep;
    this.join.textContent = text.own_join;
    this.drawTurn();
    if (this.id === id) return;
    this.id = id;
    this.load();
  }

  get address() {
    return `/api/v1/episodes/${this.id}/notes`;
  }

  get draft() {
    return `own-notes.${this.id}`;
  }

  // Load the notes; restore an unsaved draft of this browser on top of the library's version.
  async load() {
    try {
      const { markdown: words, version } = await ask(this.text, this.address);
      Object.assign(this, { version, saved: words });
      const draft = JSON.parse(remembered(this.draft) || "null");
      this.field.value = words;
      if (!draft || draft.markdown === words) forget(this.draft);
      else if (draft.version === version) {
        this.field.value = draft.markdown;
        this.save();
      } else {
        this.field.value = draft.markdown;
        this.disagree(words);
      }
    } catch (error) {
      this.tell(error.message, true);
    }
  }

  typed() {
    remember(this.draft, JSON.stringify({ markdown: this.field.value, version: this.version }));
    this.tell(this.text.unsaved);
    this.later(QUIET_BEFORE_SAVING);
  }

  later(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), pause);
  }

  flush() {
    if (this.version === undefined || this.field.value === this.saved || !this.conflict.hidden) return;
    this.save({ keepalive: this.field.value.length < 20_000 });
  }

  async save({ keepalive = false } = {}) {
    clearTimeout(this.timer);
    const words = this.field.value;
    if (this.saving || this.version === undefined || !this.conflict.hidden) {
      if (this.saving) this.later(QUIET_BEFORE_SAVING);
      return;
    }
    if (words === this.saved) {
      this.tell(this.text.saved);
      return;
    }
    this.saving = true;
    this.tell(this.text.saving);
    try {
      const { version } = await ask(this.text, this.address, { method: "PUT", keepalive, body: { markdown: words, version: this.version } });
      Object.assign(this, { version, saved: words });
      if (this.field.value === words) {
        forget(this.draft);
        this.tell(this.text.saved);
      }
    } catch (error) {
      await this.refused(error);
    } finally {
      this.saving = false;
    }
  }

  async refused(error) {
    if (error.status !== 409) {
      this.tell(error.status ? error.message : this.text.own_offline, true);
      if (!error.status || error.status >= 500) this.later(TRY_AGAIN);
      return;
    }
    try {
      const { markdown: words, version } = await ask(this.text, this.address);
      this.version = version;
      this.disagree(words);
    } catch {
      this.tell(this.text.own_offline, true);
      this.later(TRY_AGAIN);
    }
  }

  disagree(words) {
    this.saved = words;
    this.theirs.textContent = words;
    this.conflict.hidden = false;
    this.tell(this.text.own_not_saved, true);
  }

  joined() {
    return `${this.theirs.textContent.trimEnd()}\n\n${this.field.value}`;
  }

  settle(words) {
    this.conflict.hidden = true;
    this.field.value = words;
    this.typed();
    this.save();
  }

  tell(words, trouble = false) {
    this.state.textContent = words;
    this.state.classList.toggle("trouble", trouble);
  }

  insertTime() {
    if (this.field.hidden) this.toggle();
    const { selectionStart: from, selectionEnd: to, value } = this.field;
    const before = from && !/\s$/.test(value.slice(0, from)) ? " " : "";
    this.field.setRangeText(`${before}[${clock(this.hooks.now())}] `, from, to, "end");
    this.field.focus();
    this.typed();
  }

  toggle() {
    const read = this.preview.hidden;
    this.preview.hidden = !read;
    this.field.hidden = read;
    if (read) {
      const ways = { length: this.hooks.length(), onSeek: this.hooks.seek, label: this.text.play_from };
      const made = markdown(this.field.value, ways);
      this.preview.replaceChildren(...(made.length ? made : [element("p", { className: "empty", textContent: this.text.own_notes_empty })]));
      this.flush();
    }
    this.drawTurn();
  }

  drawTurn() {
    this.turn.textContent = this.preview.hidden ? this.text.own_read : this.text.own_write;
  }

  close() {
    this.flush();
    clearTimeout(this.timer);
    window.removeEventListener("pagehide", this.onHide);
  }
}
