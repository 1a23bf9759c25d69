// The share of speech that has words, in one line, and a list of unclear places to play or to transcribe again.
//
//   "99.2% of the speech has words; unclear: 12 s at 1:40" ─▶ dialog: play │ transcribe again ─▶ POST …/hear-again {spans, model}
//   running ─▶ one status line with a cancel button      done ─▶ a message, and the page reruns

// Number of places listed at first.
const FIRST_PLACES = 8;

// Format a duration: `1.6 s`, `12 s`, or `3:20` for a long one.
const lengthOf = (seconds, text) => {
  const n = seconds < 10 ? Math.max(0.1, Math.round(seconds * 10) / 10) : Math.round(seconds);
  return seconds < 60 ? fill(text.spoken_seconds, { n }) : clock(seconds);
};

class SpokenLine {
  // `hooks`: hear(start, end), sound, changed(), say(message, more).
  constructor(hooks) {
    this.hooks = hooks;
    this.dialog = new Dialog("spoken");
    this.share = element("span", { testid: "spoken-share" });
    this.opener = element("button", { testid: "spoken-open", type: "button", className: "link", "aria-haspopup": "dialog", onclick: () => this.open() });
    this.line = element("p", { testid: "spoken-line", className: "spoken" }, this.share, this.opener);
    this.words = element("span", {});
    this.stop = element("button", { testid: "spoken-cancel", edits: true, type: "button", className: "plain", onclick: () => this.cancel() });
    this.state = element("p", { testid: "spoken-state", className: "row under-way", role: "status", hidden: true }, this.words, this.stop);
    this.root = element("div", { hidden: true }, this.line, this.state);
    this.model = element("select", { testid: "spoken-model", id: "castmind-spoken-model", onchange: () => this.choose() });
    this.trouble = element("p", { className: "trouble", role: "alert" });
    this.hear = [];
    this.onState = () => this.drawPlaying();
    hooks.sound.addEventListener("state", this.onState);
  }

  show({ id, audio, speech, text }) {
    const before = this.speech;
    Object.assign(this, { id, audio, speech, text });
    this.dialog.name(text.spoken_places, text.close);
    this.opener.textContent = text.spoken_places;
    this.stop.textContent = text.cancel;
    this.root.hidden = !speech;
    if (!speech) return this.dialog.root.close();
    this.share.textContent = speech.share === 1 ? text.spoken_all : fill(text.spoken_share, { share: Math.floor(speech.share * 1000) / 10 });
    this.opener.hidden = !speech.spans.length;
    if (speech.spans.length) this.opener.textContent = this.places(speech.spans);
    this.drawState(speech);
    if (before?.again.length && !speech.again.length && speech.result) this.hooks.say(this.outcome(speech.result));
    if (!this.model.options.length || !speech.models.includes(this.model.value)) this.offer(speech);
    if (this.dialog.root.open) this.draw();
    return undefined;
  }

  places(spans) {
    const { text } = this;
    const total = spans.reduce((sum, { start, end }) => sum + end - start, 0);
    const [{ start } = {}] = spans;
    return spans.length === 1
      ? fill(text.spoken_unclear_one, { time: this.length(total), at: clock(start) })
      : fill(text.spoken_unclear, { time: this.length(total), n: spans.length });
  }

  length(seconds) {
    return lengthOf(seconds, this.text);
  }

  outcome({ found, asked }) {
    return found ? fill(this.text.spoken_found, { found: this.length(found), asked: this.length(asked) }) : this.text.spoken_nothing;
  }

  drawState({ again, job }) {
    const told = again.length && job && this.text[`spoken_${job.state}`];
    this.state.hidden = !told;
    if (!told) return;
    this.words.textContent = job.cancelling ? this.text.again_cancelling : fill(told, { n: again.length });
    this.stop.textContent = job.state === "failed" ? this.text.spoken_leave : this.text.cancel;
    this.stop.hidden = job.cancelling;
  }

  // --- the list -----------------------------------------------------------------------------------

  offer({ models, larger }) {
    this.model.replaceChildren(...models.map((name) => element("option", { value: name, textContent: name })));
    this.model.value = larger ?? models[0];
  }

  choose() {
    for (const button of this.again ?? []) button.title = fill(this.text.spoken_with, { model: this.model.value });
  }

  open() {
    this.whole = false;
    this.trouble.textContent = "";
    this.draw();
  }

  draw() {
    const { text, speech } = this;
    const { spans } = speech;
    const focused = this.dialog.root.getRootNode().activeElement?.dataset?.testid;
    const shown = this.whole ? spans : spans.slice(0, FIRST_PLACES);
    this.hear = [];
    this.again = [];
    const rows = shown.map((span, index) => this.row(span, index));
    const rest = spans.length - shown.length;
    const all = element("button", { testid: "spoken-all", edits: true, type: "button", className: "strong", textContent: text.spoken_again_all, onclick: () => this.send(null) });
    all.disabled = spans.every((span) => this.pending(span));
    const label = element("label", { htmlFor: this.model.id, textContent: text.spoken_model });
    const picker = element("p", { className: "field" }, label, this.model);
    const more = rest > 0 ? element("button", { testid: "spoken-more", type: "button", className: "plain", textContent: fill(text.spoken_more, { n: spans.length }), onclick: () => this.drawAll() }) : null;
    const without = this.audio ? [picker, element("p", { className: "row" }, all)] : [];
    this.dialog.open(
      element("p", { className: "label", textContent: spans.length ? text.spoken_help : text.spoken_all }),
      element("ul", { testid: "spoken-list", className: "unclear" }, ...rows),
      ...[more].filter(Boolean),
      ...(spans.length ? without : []),
      this.trouble,
    );
    this.choose();
    this.drawPlaying();
    if (focused) this.dialog.root.querySelector(`[data-testid="${focused}"]`)?.focus();
  }

  drawAll() {
    this.whole = true;
    this.draw();
    this.hear[FIRST_PLACES]?.button.focus();
  }

  row(span, index) {
    const { text } = this;
    const { start, end, why } = span;
    const told = `${clock(start)} · ${this.length(end - start)}`;
    const waits = this.pending(span);
    const play = action(`spoken-hear-${index}`, "", PLAY, () => this.toggle(span), { className: "small" });
    const again = element("button", { testid: `spoken-again-${index}`, edits: true, type: "button", className: "plain", textContent: waits ? text.spoken_waits : text.spoken_again, onclick: () => this.send([span]) });
    again.setAttribute("aria-label", `${again.textContent}: ${told}`);
    again.disabled = waits;
    this.hear.push({ button: play, span, told });
    this.again.push(again);
    return element(
      "li",
      { testid: `spoken-place-${index}` },
      this.audio ? play : null,
      element("span", { className: "told" }, element("span", { className: "when", textContent: told }), element("span", { className: "aside", textContent: why })),
      this.audio ? again : null,
    );
  }

  pending({ start, end }) {
    return this.speech.again.some((wish) => wish.start < end && wish.end > start);
  }

  // --- playback -----------------------------------------------------------------------------------

  playing({ start, end }) {
    const { sound } = this.hooks;
    return sound.has(this.id) && !sound.paused && sound.until === end && sound.now >= start - 0.5;
  }

  toggle(span) {
    if (this.playing(span)) this.hooks.sound.pause();
    else this.hooks.hear(span.start, span.end);
  }

  drawPlaying() {
    for (const { button, span, told } of this.hear) {
      const on = this.playing(span);
      const words = fill(on ? this.text.spoken_stop : this.text.spoken_hear, { place: told });
      button.replaceChildren(icon(on ? PAUSE : PLAY));
      button.title = words;
      button.setAttribute("aria-label", words);
    }
  }

  async send(spans) {
    this.trouble.textContent = "";
    const body = { spans: spans?.map(({ start, end }) => ({ start, end })) ?? null, model: this.model.value };
    try {
      await ask(this.text, `/api/v1/episodes/${this.id}/hear-again`, { method: "POST", body });
      this.hooks.changed();
    } catch (error) {
      this.trouble.textContent = error.message;
    }
  }

  async cancel() {
    try {
      await ask(this.text, `/api/v1/episodes/${this.id}/cancel`, { method: "POST", body: { stage: "transcribe" } });
    } catch (error) {
      this.hooks.say(error.message);
    }
    this.hooks.changed();
  }

  close() {
    this.hooks.sound.removeEventListener("state", this.onState);
  }
}
