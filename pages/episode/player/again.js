// Request new notes with a chosen model and language, and follow the job until it ends. The present notes stay meanwhile.
//
//   "Write again…" ─▶ dialog ◀─ GET /language-models ─▶ POST …/summaries {model, language} ─▶ the page reruns
//   running ─▶ one status line with a cancel button      failed, cancelled ─▶ the status line says so

class NotesAgain {
  // `hooks`: changed(), say(message, more).
  constructor(hooks) {
    this.hooks = hooks;
    this.dialog = new Dialog("notes-again-dialog");
    this.root = this.dialog.root;
    this.opener = element("button", { testid: "notes-again", type: "button", className: "plain", hidden: true, onclick: () => this.open() });
    this.words = element("span", {});
    this.stop = element("button", { testid: "notes-again-cancel", type: "button", className: "plain", onclick: () => this.cancel() });
    this.state = element("p", { testid: "notes-again-state", className: "row under-way", hidden: true }, this.words, this.stop);
  }

  show({ id, transcript, notes, notes_job: job, wishes, languages, text }) {
    Object.assign(this, { id, wishes, languages, text });
    this.dialog.name(notes ? text.again : text.again_first, text.close);
    this.opener.textContent = `${notes ? text.again : text.again_first}…`;
    this.opener.hidden = !transcript;
    this.stop.textContent = text.cancel;
    this.draw(job);
  }

  draw(job) {
    const told = job && this.text[`again_${job.state}`];
    this.state.hidden = !told;
    if (!told) return;
    this.words.textContent = job.cancelling ? this.text.again_cancelling : told;
    this.stop.hidden = job.cancelling || !["queued", "running", "waiting"].includes(job.state);
  }

  async open() {
    const { text } = this;
    const model = this.choice("again-model", text.again_model, this.modelNames([]), this.wishes.model);
    const language = this.choice("again-language", text.again_language, Object.entries(this.languages), this.wishes.language);
    const told = element("p", { className: "label", role: "status", textContent: text.again_looking });
    const trouble = element("p", { className: "trouble", role: "alert" });
    const go = element("button", { testid: "again-go", type: "button", className: "strong", textContent: text.again_go });
    go.onclick = () => this.send(model.field.value, language.field.value, trouble);
    this.dialog.open(told, model.root, language.root, element("p", { className: "row" }, go), trouble);
    try {
      const { answers, items } = await ask(text, "/api/v1/language-models");
      told.textContent = answers ? text.again_help : text.again_offline;
      model.offer(this.modelNames(items));
    } catch (error) {
      told.textContent = error.message;
    }
  }

  modelNames(items) {
    return [...new Set([...items, ...(this.wishes.model ? [this.wishes.model] : [])])].map((name) => [name, name]);
  }

  // Build a select with the settings' default first; an option that was requested before is preselected.
  choice(testid, label, known, wish) {
    const field = element("select", { testid, id: `castmind-${testid}` });
    const offer = (pairs) => {
      const before = field.options.length ? field.value : wish || "";
      const rest = wish && !pairs.some(([value]) => value === wish) ? [...pairs, [wish, wish]] : pairs;
      field.replaceChildren(...[["", this.text.again_as_set], ...rest].map(([value, words]) => element("option", { value, textContent: words })));
      field.value = before;
    };
    offer(known);
    return { field, offer, root: element("p", { className: "field" }, element("label", { htmlFor: field.id, textContent: label }), field) };
  }

  // Send the request; "" stands for the settings' default.
  async send(model, language, trouble) {
    try {
      await ask(this.text, `/api/v1/episodes/${this.id}/summaries`, { method: "POST", body: { model, language } });
      this.dialog.root.close();
      this.hooks.changed();
    } catch (error) {
      trouble.textContent = error.message;
    }
  }

  async cancel() {
    try {
      await ask(this.text, `/api/v1/episodes/${this.id}/cancel`, { method: "POST", body: { stage: "summarise" } });
    } catch (error) {
      this.hooks.say(error.message);
    }
    this.hooks.changed();
  }
}
