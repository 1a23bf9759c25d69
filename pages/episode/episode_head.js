// The head of an episode's page: cover, title, facts, star, tags, and a menu. Acts are painted at once (shared/acts.js).
//
//   title ─ click, pencil ─▶ field ─ Enter ─▶ PATCH /episodes/{id}      Escape ─▶ as before; a refusal stands beside the field
//   menu ─┬─ mark, delete ─▶ acts; a deletion leads to the library, which offers to undo it
//         └─ downloads, transcribe again ─▶ trigger `asked` ─▶ the page's dialogs

const MORE = "M12 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4zm0 2a2 2 0 1 0 0 4 2 2 0 0 0 0-4zm0 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4z";
const SAVE_FILE = "M19 9h-4V3H9v6H5l7 7zM5 18v2h14v-2z";
const AGAIN = "M12 5V1L7 6l5 5V7a5 5 0 1 1-5 5H5a7 7 0 1 0 7-7z";
const READ = "M9 16.2 4.8 12l-1.4 1.4L9 19 21 7l-1.4-1.4z";
const UNREAD = "M12 6a6 6 0 1 0 0 12 6 6 0 0 0 0-12z";
const LONGEST_TITLE = 500;

class EpisodeHead {
  constructor() {
    this.acts = theActs();
    this.messages = new Messages("head-message");
    this.place = element("div", { className: "words" });
    this.title = element("h1", { testid: "episode-title" });
    this.title.onclick = () => getSelection().toString() || this.edit();
    this.pencil = action("title-edit", "", PEN, () => this.edit(), { className: "small pencil", edits: true });
    this.field = element("textarea", { testid: "title-field", rows: 1, maxLength: LONGEST_TITLE, spellcheck: true });
    this.field.onkeydown = (event) => this.key(event);
    this.field.oninput = () => this.grow();
    // A press elsewhere saves; a turn to another window does not.
    this.field.onblur = () => document.hasFocus() && this.save();
    this.trouble = element("p", { testid: "title-trouble", className: "trouble", role: "alert", hidden: true });
    this.editor = element("div", { className: "editor", hidden: true }, this.field, this.trouble);
    this.star = element("button", { type: "button", testid: "head-star", className: "small star", onclick: () => this.act(this.row.starred ? "unstar" : "star") });
    this.read = element("button", { type: "button", testid: "head-read", className: "small", onclick: () => this.act(this.row.unread ? "read" : "unread") });
    this.more = action("head-menu", "", MORE, null, { className: "small" });
    this.menu = new Menu(this.more, () => this.entries());
    this.facts = element("p", { className: "facts", testid: "episode-facts" });
    this.tags = new TagLine({ put: (name) => this.tag("tag", name), remove: (name) => this.tag("untag", name) });
    this.coverPlace = element("div", { className: "cover-place" });
    this.place.append(
      element("div", { className: "line" }, element("div", { className: "titled" }, this.title, this.pencil, this.editor), element("div", { className: "acts" }, this.star, this.read, this.more)),
      this.facts,
      this.tags.root,
    );
    this.root = element("header", { className: "head", testid: "episode-head" }, this.coverPlace, this.place, this.menu.list, this.messages.region);
    this.joined = this.acts.join({
      painted: () => this.data && this.draw(),
      say: (message) => this.messages.say(message),
      changed: (news) => this.changed(news),
    });
  }

  show(data, ask, changed) {
    this.ask = ask;
    this.changed = changed;
    this.data = data;
    this.acts.speak({ ...data.text, locale: data.locale });
    this.acts.follow([data.row], data.seen);
    this.messages.name(data.text.close);
    this.draw();
  }

  draw() {
    const { text, known } = this.data;
    this.row = this.acts.painted(this.data.row);
    const { row } = this;
    this.drawCover();
    this.title.textContent = row.title;
    this.field.setAttribute("aria-label", text.title);
    this.name(this.pencil, text.rename);
    this.name(this.more, text.more);
    this.drawMark(this.star, row.starred ? STAR : STAR_OPEN, row.starred, text.star);
    this.drawMark(this.read, row.unread ? UNREAD : READ, !row.unread, row.unread ? text.mark_read : text.mark_unread);
    this.read.classList.toggle("unread", row.unread);
    this.drawFacts();
    this.tags.show({ tags: row.tags, known, text });
  }

  name(button, words) {
    button.title = words;
    button.setAttribute("aria-label", words);
  }

  drawMark(button, path, pressed, words) {
    this.name(button, words);
    if (button === this.star) button.setAttribute("aria-pressed", String(pressed));
    if (button.dataset.path === path) return;
    button.dataset.path = path;
    button.replaceChildren(icon(path));
  }

  drawCover() {
    const state = JSON.stringify([this.row.cover, this.row.initial, this.row.hue]);
    if (state === this.coverState) return;
    this.coverState = state;
    this.coverPlace.replaceChildren(cover(this.row));
  }

  drawFacts() {
    const { show, facts } = this.data.row;
    const state = JSON.stringify([show, facts]);
    if (state === this.factsState) return;
    this.factsState = state;
    const first = show.href ? element("a", { href: show.href, textContent: show.name, testid: "head-show", onclick: (event) => follow(event, show.href) }) : show.name;
    const rest = facts.map(({ said, title }) => element("span", { textContent: said, title: title ?? "" }));
    this.facts.replaceChildren(element("span", {}, first), ...rest);
  }

  // --- acts

  act(name) {
    const { row } = this.data;
    return this.acts.do(name, { ids: [row.id], rows: [row], name: this.row.title });
  }

  tag(name, tag) {
    const { row } = this.data;
    return this.acts.do(name, { ids: [row.id], rows: [row], name: this.row.title, tag });
  }

  entries() {
    const { text, menu } = this.data;
    const { row } = this;
    const dialog = (name) => ({ testid: `menu-${name}`, label: text[name], path: { downloads: SAVE_FILE, again: AGAIN }[name], does: () => this.ask(name) });
    const mark = row.unread
      ? { testid: "menu-read", label: text.mark_read, path: READ, does: () => this.act("read") }
      : { testid: "menu-unread", label: text.mark_unread, path: UNREAD, does: () => this.act("unread") };
    const downloads = menu.filter((name) => name === "downloads" || mayEdit());
    if (!mayEdit()) return [...downloads.map(dialog), mark];
    return [
      ...downloads.map(dialog),
      mark,
      { testid: "menu-rename", label: text.rename, path: PEN, does: () => this.edit() },
      row.deleted
        ? { testid: "menu-restore", label: text.restore, path: AGAIN, does: () => this.act("restore") }
        : { testid: "menu-delete", label: text.delete, path: BIN, does: () => this.remove() },
    ];
  }

  // The library hides the row at once, and offers to undo; if the server refuses, the row is there again, with a sentence.
  remove() {
    this.act("delete");
    goTo("/");
  }

  // --- the title

  edit() {
    if (!this.editor.hidden || !mayEdit()) return;
    this.title.hidden = this.pencil.hidden = true;
    this.editor.hidden = false;
    this.say("");
    this.field.value = this.row.title;
    this.grow();
    this.field.focus();
    this.field.select();
  }

  grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight}px`;
  }

  key(event) {
    event.stopPropagation();
    // Enter also confirms a Chinese character in an input method: that must not save.
    if (composing(event)) return;
    if (event.key === "Enter") this.save({ byKey: true });
    else if (event.key === "Escape") this.leave({ byKey: true });
    else return;
    event.preventDefault();
  }

  async save({ byKey = false } = {}) {
    if (this.editor.hidden || this.saving) return;
    const title = this.field.value.split(/\s+/).filter(Boolean).join(" ");
    if (title === this.row.title) this.leave({ byKey });
    else if (!title && byKey) this.say(this.data.text.title_empty);
    else if (!title) this.leave();
    else await this.rename(title, byKey);
  }

  async rename(title, byKey) {
    const { id } = this.data.row;
    this.saving = true;
    try {
      await ask(this.data.text, `/api/v1/episodes/${id}`, { method: "PATCH", body: { title } });
      this.acts.want({ action: "title", ids: [id], name: title, rows: [], wish: { title }, request: () => Promise.resolve(null) });
      this.saving = false;
      this.leave({ byKey });
    } catch (error) {
      this.saving = false;
      this.say(error.message);
    }
  }

  say(words) {
    this.trouble.textContent = words;
    this.trouble.hidden = !words;
    this.field.setAttribute("aria-invalid", String(Boolean(words)));
  }

  leave({ byKey = false } = {}) {
    this.editor.hidden = true;
    this.title.hidden = this.pencil.hidden = false;
    if (byKey) this.pencil.focus();
  }

  close() {
    this.joined.close();
    this.root.remove();
  }
}

export default function mount({ data: [data], parentElement, setTriggerValue }) {
  const place = parentElement;
  if (!place.castmindHead) {
    place.castmindHead = new EpisodeHead();
    place.append(place.castmindHead.root);
  }
  const head = place.castmindHead;
  head.show(structuredClone(data), (what) => setTriggerValue("asked", [what, Date.now()]), (news) => setTriggerValue("changed", [news]));
  return () =>
    setTimeout(() => {
      if (head.root.isConnected) return;
      head.close();
      delete place.castmindHead;
    });
}
