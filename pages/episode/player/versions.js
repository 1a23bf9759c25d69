// Versions of the notes: list them, compare two side by side, restore an earlier one.
//
//   GET …/summaries ─▶ list ─┬─ compare ─▶ comparison.js
//                            └─ restore ──▶ POST …/{id}/choose ─▶ the page reruns, "Undo" offered

class Versions {
  // `hooks`: changed(), say(message, more).
  constructor(hooks) {
    this.hooks = hooks;
    this.items = [];
    this.comparison = new Comparison({ say: hooks.say, name: (item) => this.nameOf(item) });
    this.opener = element("button", { testid: "versions", type: "button", className: "plain", "aria-expanded": "false", "aria-controls": "castmind-versions", hidden: true, onclick: () => this.toggle() });
    this.list = element("ol", { testid: "version-list", className: "entries versions", id: "castmind-versions", hidden: true });
  }

  show({ id, notes, notes_version: version, notes_versions: count, text, interface: language }) {
    const changed = this.id !== id || this.version !== version || this.count !== count;
    Object.assign(this, { id, version, count, text, language });
    this.opener.hidden = !notes || count < 2;
    this.opener.textContent = fill(text.versions, { n: count });
    this.comparison.show(text, this.base);
    if (this.opener.hidden) this.open(false);
    else if (changed && !this.list.hidden) this.load();
  }

  get base() {
    return `/api/v1/episodes/${this.id}/summaries`;
  }

  toggle() {
    const wanted = this.list.hidden;
    this.open(wanted);
    if (wanted) this.load();
  }

  open(wanted) {
    this.list.hidden = !wanted;
    this.opener.setAttribute("aria-expanded", String(wanted));
  }

  async load() {
    try {
      const { items } = await ask(this.text, this.base);
      this.items = items;
      this.list.replaceChildren(...items.map((item) => this.entry(item)));
    } catch (error) {
      this.hooks.say(error.message);
    }
  }

  writer({ engine, model }) {
    return engine === "ollama" ? model || "Ollama" : this.text.extract_short;
  }

  nameOf(item) {
    return `${moment(item.created_at, this.language)} · ${this.writer(item)}${item.current ? ` · ${this.text.version_current}` : ""}`;
  }

  entry(item) {
    const { id, created_at: created, language, points, current, outdated } = item;
    const facts = [this.writer(item), language, fill(this.text.version_points, { n: points.length })];
    if (outdated) facts.push(this.text.version_outdated);
    const act = (testid, words, onclick) => element("button", { testid: `${testid}-${id}`, edits: testid === "version-restore", type: "button", className: "plain", textContent: words, onclick });
    return element(
      "li",
      { testid: `version-${id}`, className: current ? "counts" : "" },
      element("p", {}, element("span", { className: "name", textContent: moment(created, this.language) }), element("span", { className: "aside", textContent: ` ${facts.join(" · ")}` })),
      current
        ? element("p", { className: "badge calm", textContent: this.text.version_current })
        : element(
            "div",
            { className: "row" },
            act("version-compare", this.text.version_compare, () => this.comparison.open(this.items, item, this.current)),
            outdated ? null : act("version-restore", this.text.version_restore, () => this.restore(item)),
          ),
    );
  }

  get current() {
    return this.items.find((each) => each.current);
  }

  async restore(item) {
    const before = this.current;
    try {
      await ask(this.text, `${this.base}/${item.id}/choose`, { method: "POST" });
      await this.load();
      this.hooks.changed();
      this.hooks.say(this.text.version_restored, before ? { label: this.text.undo, onclick: () => this.restore(before) } : {});
    } catch (error) {
      this.hooks.say(error.message);
    }
  }
}
