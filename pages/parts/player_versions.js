// Earlier versions of the notes: read one, compare it with the one that counts, put it back.

class Versions {
  // `pane` draws notes; `hooks`: restored(), say(message, more).
  constructor(pane, hooks) {
    this.pane = pane;
    this.hooks = hooks;
    this.title = element("summary", { testid: "versions" });
    this.list = element("ol", { testid: "version-list", className: "entries versions" });
    this.compared = element("div", { testid: "comparison", className: "comparison", hidden: true });
    this.root = element("details", { className: "versions", hidden: true }, this.title, this.list, this.compared);
    this.root.addEventListener("toggle", () => this.root.open && this.load());
  }

  show({ id, notes, notes_version: version, notes_versions: count, text, interface: language }) {
    const changed = this.id !== id || this.version !== version || this.count !== count;
    Object.assign(this, { id, version, count, text, language });
    this.root.hidden = !notes || count < 2;
    this.title.textContent = fill(text.versions, { n: count });
    if (changed && this.root.open) this.load();
  }

  get base() {
    return `/api/v1/episodes/${this.id}/summaries`;
  }

  async load() {
    this.compared.hidden = true;
    try {
      const { items } = await ask(this.text, this.base);
      this.items = items;
      this.list.replaceChildren(...items.map((item) => this.entry(item)));
    } catch (error) {
      this.hooks.say(error.message);
    }
  }

  entry(item) {
    const { id, created_at: created, engine, model, language, points, current, outdated } = item;
    const when = created ? new Date(created).toLocaleString(this.language, { dateStyle: "medium", timeStyle: "short" }) : "";
    const who = engine === "ollama" ? model || "Ollama" : this.text.extract_short;
    const facts = [who, language, fill(this.text.version_points, { n: points.length })];
    if (outdated) facts.push(this.text.version_outdated);
    const act = (testid, words, onclick) => element("button", { testid: `${testid}-${id}`, type: "button", className: "plain", textContent: words, onclick });
    return element(
      "li",
      { testid: `version-${id}`, className: current ? "counts" : "" },
      element("p", {}, element("span", { className: "name", textContent: when }), element("span", { className: "aside", textContent: ` ${facts.join(" · ")}` })),
      current
        ? element("p", { className: "badge calm", textContent: this.text.version_current })
        : element(
            "div",
            { className: "row" },
            act("version-compare", this.text.version_compare, () => this.compare(item)),
            outdated ? null : act("version-restore", this.text.version_restore, () => this.restore(item)),
          ),
    );
  }

  async compare(item) {
    try {
      const current = this.items.find((each) => each.current);
      const found = await ask(this.text, `${this.base}/compare?old=${item.id}&new=${current.id}`);
      this.draw(found);
    } catch (error) {
      this.hooks.say(error.message);
    }
  }

  draw({ added, removed, changed, same, tldr }) {
    const { text } = this;
    const point = (sign, className, words) => element("li", { className }, element("span", { className: "sign", textContent: `${sign} ` }), element("span", { textContent: words }));
    const list = (title, items) => (items.length ? [element("h4", { textContent: title }), element("ul", {}, ...items)] : []);
    const pair = (before, after) => [point("−", "gone", before), point("+", "come", after)];
    this.compared.replaceChildren(
      element("p", { className: "label", textContent: fill(text.compare_same, { n: same }) }),
      ...(tldr ? list(text.compare_gist, pair(tldr.old, tldr.new)) : []),
      ...list(text.compare_added, added.map((p) => point("+", "come", p.text))),
      ...list(text.compare_removed, removed.map((p) => point("−", "gone", p.text))),
      ...list(text.compare_changed, changed.flatMap(({ old, new: now }) => pair(old.text, now.text))),
    );
    this.compared.hidden = false;
  }

  async restore(item) {
    const before = this.items.find((each) => each.current);
    try {
      await ask(this.text, `${this.base}/${item.id}/choose`, { method: "POST" });
      await this.load();
      this.hooks.restored();
      this.hooks.say(this.text.version_restored, before ? { label: this.text.undo, onclick: () => this.restore(before) } : {});
    } catch (error) {
      this.hooks.say(error.message);
    }
  }
}
