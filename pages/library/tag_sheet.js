// The sheet for the tags of the selected episodes, and for the tags themselves. What is pressed is painted at once.
//
//   add, cross ─▶ acts ─▶ HTTP API; Undo takes back exactly what changed      rename ─▶ PATCH /tags/{id}, a fault beside the field
//   delete ─▶ DELETE /tags/{id}; Undo gives the tag to the same episodes again

const PAGE_OF_IDS = 200;

class TagSheet {
  constructor(list) {
    this.list = list;
    this.title = element("h2", { id: "castmind-tags-title" });
    this.line = new TagLine({ put: (name) => this.change("tag", name), remove: (name) => this.change("untag", name), eager: false });
    this.said = element("span", { testid: "tag-said" });
    this.back = element("button", { type: "button", className: "bare", testid: "tag-undo", hidden: true });
    this.summary = element("summary", {});
    this.all = element("ul", { className: "all-tags", role: "list" });
    this.own = element("details", { testid: "tags-themselves" }, this.summary, this.all);
    this.done = element("button", { type: "button", className: "main", testid: "tags-done", onclick: () => this.root.close() });
    const told = element("p", { className: "told", role: "status" }, this.said, " ", this.back);
    this.root = sheet("tag-sheet", this.title, this.line.root, told, this.own, element("div", { className: "foot" }, this.done));
  }

  get acts() {
    return this.list.acts;
  }

  get open() {
    return this.root.open;
  }

  // `ids` null: all that match.
  ask(ids) {
    this.ids = ids;
    this.tell("");
    this.own.open = false;
    this.root.showModal();
    this.show(this.list.data);
    this.line.open();
  }

  show({ tags, count, text }) {
    if (!this.open) return;
    this.title.textContent = fill(text.tag_title, { n: this.ids?.length ?? count });
    this.done.textContent = text.done;
    this.back.textContent = text.undo;
    this.summary.textContent = text.tags_themselves;
    this.own.hidden = !tags.length;
    const worn = new Set(this.rows.flatMap((row) => row.tags));
    this.line.show({ tags: [...worn].sort((one, other) => one.localeCompare(other)), known: tags.map(({ name }) => name), text });
    const state = JSON.stringify(tags);
    if (state === this.state) return;
    this.state = state;
    this.all.replaceChildren(...tags.map((tag) => this.entry(tag, text)));
  }

  // The selected rows that are here, as the reader wants them.
  get rows() {
    const chosen = this.list.data.rows.filter(({ id }) => this.ids === null || this.ids.includes(id));
    return chosen.map((row) => this.acts.painted(row));
  }

  // --- tags of episodes

  async change(action, name) {
    const { data } = this.list;
    const does = action === "tag";
    const changed = this.rows.filter(({ tags }) => tags.some((each) => same(each, name)) !== does).map(({ id }) => id);
    // Of rows that are not here nobody knows which ones change.
    const known = this.ids !== null || !data.more;
    const words = fill(does ? data.text.tag_added : data.text.tag_removed, { name, n: this.ids?.length ?? data.count });
    this.tell(words, known && changed.length ? () => this.again(does ? "untag" : "tag", changed, name) : null);
    const done = await this.acts.do(action, { ids: this.ids, filter: data.filter, rows: data.rows, tag: name });
    if (!done) this.back.hidden = true;
  }

  async again(action, ids, name) {
    const undo = this.back.onclick;
    const turn = this.tell("");
    const done = await this.acts.do(action, { ids, rows: this.list.data.rows, tag: name });
    // One that is refused can be tried again, beside the sentence that says why.
    if (!done && turn === this.turn) Object.assign(this.back, { hidden: false, onclick: undo });
  }

  // What the acts tell stands here while the sheet covers the page. Returns the number of what is told.
  tell(words, undo = null) {
    this.said.textContent = words;
    this.back.hidden = !undo;
    this.back.onclick = undo;
    return (this.turn = (this.turn ?? 0) + 1);
  }

  say(words) {
    this.said.textContent = words;
  }

  // --- tags themselves

  entry(tag, text) {
    const field = element("input", { type: "text", value: tag.name, maxLength: LONGEST_TAG, testid: "tag-name", spellcheck: false, "aria-label": text.tag_rename });
    const fault = element("p", { className: "fault", role: "alert" });
    const save = element("button", { type: "button", testid: "tag-save", textContent: text.tag_save, "aria-label": `${text.tag_save}: ${tag.name}`, disabled: true });
    const away = element("button", { type: "button", testid: "tag-delete", textContent: text.tag_delete, "aria-label": `${text.tag_delete}: ${tag.name}` });
    const complain = (words) => {
      fault.textContent = words;
      field.setAttribute("aria-invalid", String(Boolean(words)));
    };
    field.oninput = () => {
      complain("");
      save.disabled = ["", tag.name].includes(tagName(field.value));
    };
    save.onclick = () => this.rename(tag, tagName(field.value), complain);
    field.onkeydown = (event) => {
      if (event.key === "Enter" && !composing(event)) save.click();
    };
    away.onclick = () => this.remove(tag);
    return element("li", {}, element("div", {}, field, save, away), fault);
  }

  async rename(tag, name, complain) {
    try {
      await ask(this.list.data.text, `/api/v1/tags/${tag.id}`, { method: "PATCH", body: { name } });
      this.refresh();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      complain(error.message);
    }
  }

  // Nothing is painted: the page follows with what the server has now.
  refresh() {
    return this.acts.want({ action: "tags", ids: [], name: "", rows: [], wish: {}, request: () => Promise.resolve(null) });
  }

  async remove(tag) {
    const { rows, text } = this.list.data;
    const worn = rows.filter(({ tags }) => tags.some((each) => same(each, tag.name))).map(({ id }) => id);
    let everywhere = [];
    const request = async () => {
      everywhere = await this.episodesOf(tag);
      return ask(text, `/api/v1/tags/${tag.id}`, { method: "DELETE" });
    };
    this.tell(fill(text.tag_deleted, { name: tag.name }));
    const done = await this.acts.want({ action: "untag", ids: worn, name: "", rows, wish: { [TAG + tag.name]: false }, request });
    if (done && everywhere.length) this.tell(fill(text.tag_deleted, { name: tag.name }), () => this.again("tag", everywhere, tag.name));
  }

  // Those in the trash too: they lose the tag as well.
  async episodesOf(tag) {
    const ids = [];
    for (const deleted of [false, true]) {
      for (let cursor = ""; cursor !== null; ) {
        const address = `/api/v1/episodes?tag=${tag.id}&deleted=${deleted}&limit=${PAGE_OF_IDS}`;
        const page = await ask(this.list.data.text, address + (cursor && `&cursor=${encodeURIComponent(cursor)}`));
        ids.push(...page.items.map(({ id }) => id));
        cursor = page.next_cursor;
      }
    }
    return ids;
  }
}
