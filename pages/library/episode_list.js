// The library's list: rows from data, selection kept here. Acts go to the HTTP API (shared/acts.js) and are painted at once.
//
//   data ─▶ show ─▶ strip · head · rows · bar      click, key ─▶ act(name, ids) ─▶ acts ─▶ painted rows; trigger `changed`
//                                                  more, dialogs ─▶ ask(act, ids) ─▶ trigger `asked` ─▶ Python ─▶ data
//
// continue_strip, selection_bar, undo_bar, tag_sheet: parts around      list_keys: keys      inbox: decisions on new episodes

// The names that these acts have in the HTTP API.
const SENT = { mark_unread: "unread" };
// These ask first.
const SHEETS = { tag: "tagSheet", purge: "purgeSheet" };

class EpisodeList {
  constructor() {
    this.acts = theActs();
    this.messages = new Messages();
    this.rows = new Map();
    this.ticked = new Set();
    this.all = false;
    this.choosing = false;
    this.current = null;
    this.strip = new ContinueStrip();
    this.inbox = new Inbox(this);
    this.count = element("span", { className: "count", testid: "episode-count" });
    this.choose = element("button", { type: "button", className: "bare", testid: "episode-choose" });
    this.choose.onclick = () => this.setChoosing(!this.choosing);
    this.again = element("button", { type: "button", testid: "episode-retry-all", edits: true, hidden: true });
    this.again.onclick = () => this.act("retry", null);
    this.body = element("ol", { className: "rows", testid: "episode-rows", role: "list" });
    this.body.onkeydown = (event) => this.key(event);
    this.more = element("button", { type: "button", testid: "episode-more" });
    this.more.onclick = () => this.ask("more", []);
    this.bar = new SelectionBar(this);
    this.undo = new UndoBar(this.acts);
    this.tagSheet = new TagSheet(this);
    this.purgeSheet = new PurgeSheet(this);
    this.keys = element("p", { className: "keys" });
    this.root = element(
      "div",
      { className: "library" },
      this.strip.root,
      element("div", { className: "head" }, this.count, this.again, this.choose),
      this.body,
      element("div", { className: "more" }, this.more),
      this.undo.root,
      this.bar.root,
      this.keys,
      this.tagSheet.root,
      this.purgeSheet.root,
      this.messages.region,
    );
    this.joined = this.acts.join({
      painted: (ids) => this.painted(ids),
      say: (message) => (this.tagSheet.open ? this.tagSheet : this.messages).say(message),
      changed: (news) => this.changed(news),
    });
    this.onFilter = ({ detail: { name, words } }) => name === "q" && this.narrow(words);
    window.addEventListener("castmind-filter", this.onFilter);
    this.onSound = () => this.heardState();
    this.listen();
  }

  close() {
    this.inbox.close();
    this.joined.close();
    window.removeEventListener("castmind-filter", this.onFilter);
    this.sound?.removeEventListener("state", this.onSound);
  }

  show(data, ask, changed) {
    this.send = ask;
    this.changed = changed;
    // The filters changed: selected episodes may not be in the list any more.
    if (this.data && this.data.what !== data.what) this.endChoosing();
    this.data = data;
    this.acts.speak({ ...data.text, locale: data.locale });
    this.acts.follow(data.rows, data.seen);
    this.messages.name(data.text.close);
    if (this.typed === data.filter.q) this.typed = null;
    this.draw();
  }

  // Narrow the rows that are here to the words being typed, until the server answers.
  narrow(words) {
    this.typed = words === this.data?.filter.q ? null : words;
    if (this.data) this.draw();
  }

  fits(row) {
    return !this.typed || row.title.toLowerCase().includes(this.typed.toLowerCase());
  }

  // The rows as the reader wants them. A row that was deleted or restored is no longer of this list.
  get shown() {
    const { playing } = this;
    const painted = this.data.rows.map((row) => ({ ...this.acts.painted(row), plays: row.id === playing }));
    return painted.filter((row) => row.deleted === this.data.trash && this.fits(row) && (!this.data.inbox || this.inbox.keeps(row)));
  }

  // Only the rows that an act concerns are drawn again, unless one comes or goes.
  painted(ids) {
    if (!this.data) return;
    const { shown } = this;
    const some = ids.length === 1 && shown.length === this.rows.size;
    const one = some && shown.find((row) => row.id === ids[0]);
    if (one) this.drawRow(one);
    else this.draw();
    this.drawStrip();
    this.tagSheet.show(this.data);
  }

  draw() {
    const { data } = this;
    const { text } = data;
    this.drawStrip();
    const { shown } = this;
    const count = data.count - (data.rows.length - shown.length);
    this.count.textContent = count > 0 ? this.acts.count("count", count) : "";
    this.again.hidden = !data.failed || !shown.some(({ work }) => !work);
    this.again.textContent = fill(text.retry_failed, { n: data.count.toLocaleString(data.locale) });
    this.choose.textContent = this.choosing ? text.done : text.select;
    this.choose.hidden = !shown.length;
    this.choose.setAttribute("aria-pressed", String(this.choosing));
    this.root.classList.toggle("choosing", this.choosing);
    this.body.setAttribute("aria-label", text.list);
    this.drawRows(shown);
    this.more.textContent = text.more;
    this.more.hidden = !data.more;
    this.keys.textContent = text.keys;
    this.keys.hidden = !shown.length;
    this.undo.show(text, { hidden: data.trash });
    this.bar.show(data);
    this.tagSheet.show(data);
  }

  drawStrip() {
    const going = this.typed ? [] : this.data.going_on.map((row) => this.acts.painted(row));
    this.strip.show(going.filter((row) => !row.deleted && row.unread !== false), this.data.text.going_on);
  }

  drawRows(rows) {
    const wanted = new Set(rows.map((row) => row.id));
    let lost = null;
    for (const [id, row] of this.rows) {
      if (wanted.has(id)) continue;
      if (row.root.contains(row.root.getRootNode().activeElement)) lost = [...this.rows.keys()].indexOf(id);
      row.root.remove();
      this.rows.delete(id);
      this.ticked.delete(id);
    }
    rows.forEach((row, index) => {
      const made = this.drawRow(row);
      if (this.body.children[index] !== made.root) this.body.insertBefore(made.root, this.body.children[index] ?? null);
    });
    if (!this.rows.has(this.current)) this.current = rows[0]?.id ?? null;
    for (const [id, row] of this.rows) row.root.tabIndex = id === this.current ? 0 : -1;
    // The focus goes on to the row that takes the place of the one that went.
    if (lost !== null && rows.length) this.focusRow(rows[Math.min(lost, rows.length - 1)].id);
  }

  drawRow(row) {
    let made = this.rows.get(row.id);
    if (!made) this.rows.set(row.id, (made = new EpisodeRow(this, row)));
    made.show(ordered(row, this.data.text), this.data.text, this.choosing, this.all || this.ticked.has(row.id));
    return made;
  }

  // --- selection

  setChoosing(choosing) {
    if (!choosing) this.endChoosing();
    else this.choosing = true;
    this.draw();
  }

  endChoosing() {
    this.choosing = this.all = false;
    this.ticked.clear();
    this.anchor = null;
  }

  setAll(all) {
    this.all = all;
    this.ticked.clear();
    this.draw();
  }

  tick(id, ticked, event) {
    const ids = event?.shiftKey && this.anchor ? this.between(this.anchor, id) : [id];
    // Deselecting one of “all that match” leaves the visible ones selected.
    if (this.all) this.ticked = new Set(this.data.rows.map((row) => row.id));
    this.all = false;
    for (const each of ids) ticked ? this.ticked.add(each) : this.ticked.delete(each);
    this.anchor = id;
    this.choosing = true;
    this.draw();
  }

  between(one, other) {
    const ids = this.data.rows.map((row) => row.id);
    const [from, to] = [ids.indexOf(one), ids.indexOf(other)].sort((a, b) => a - b);
    return ids.slice(Math.max(from, 0), to + 1);
  }

  bulk(act) {
    const ids = this.all ? null : [...this.ticked];
    this.does(act, ids);
    if (act === "export" || SHEETS[act]) return;
    this.endChoosing();
    this.draw();
  }

  // --- the sound, which belongs to the window (shared/sound.js)

  get playing() {
    const sound = window.castmindSound;
    return sound && !sound.paused ? sound.track?.id : null;
  }

  listen() {
    if (this.sound || !window.castmindSound) return;
    this.sound = window.castmindSound;
    this.sound.addEventListener("state", this.onSound);
  }

  heardState() {
    const { playing } = this;
    if (playing === this.played || !this.data) return;
    const changed = [this.played, playing].filter((id) => this.rows.has(id));
    this.played = playing;
    for (const row of this.shown) if (changed.includes(row.id)) this.drawRow(row);
  }

  play(row) {
    const sound = window.castmindSound;
    if (!row.audio || !sound) return;
    this.listen();
    const { id } = row;
    if (sound.has(id) && sound.played) {
      sound.toggle();
      return;
    }
    sound.playFrom(row, sound.beginning(row));
  }

  // --- requests

  // An act that a button asks for: some need a sheet or a dialog first.
  does(act, ids) {
    if (SHEETS[act]) this[SHEETS[act]].ask(ids);
    else if (act === "export") this.ask(act, ids);
    else this.act(act, ids);
  }

  // Carry out an act on rows, or on all that match (`ids` null).
  // `known`: the one row, which may have left the list.
  act(name, ids, known = null) {
    const { rows, filter } = this.data;
    const title = ids?.length === 1 ? (known ?? rows.find((row) => row.id === ids[0]))?.title : "";
    return this.acts.do(SENT[name] ?? name, { ids, filter, rows, name: title });
  }

  // `ids` null: all that match. The number makes each request distinct, because the server ignores a repeated equal value.
  ask(act, ids) {
    this.send({ act, ids, at: Date.now() });
  }

  // --- keyboard

  at(id) {
    if (this.current === id) return;
    if (this.rows.has(this.current)) this.rows.get(this.current).root.tabIndex = -1;
    this.current = id;
    this.rows.get(id).root.tabIndex = 0;
  }

  step(by) {
    const ids = this.shown.map((row) => row.id);
    this.focusRow(ids[Math.min(Math.max(ids.indexOf(this.current) + by, 0), ids.length - 1)]);
  }

  focusRow(id) {
    this.at(id);
    this.rows.get(id).root.focus();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const holder = event.target.closest("[data-episode]");
    if (!holder) return;
    const made = this.rows.get(Number(holder.dataset.episode));
    this.at(made.row.id);
    const does = (this.data.inbox && this.inbox.keyOf(made.row, event)) || keyOf(this, made, event.target === holder, event);
    if (!does) return;
    event.preventDefault();
    event.stopPropagation();
    does();
  }
}

export default function mount({ data: [data], parentElement, setTriggerValue }) {
  const place = parentElement;
  if (!place.castmindList) {
    place.castmindList = new EpisodeList();
    place.append(place.castmindList.root);
  }
  const list = place.castmindList;
  list.show(structuredClone(data), (wish) => setTriggerValue("asked", [wish]), (news) => setTriggerValue("changed", [news]));
  // Streamlit also runs the cleanup of a call that newer data replaced: destroy the list only once it has left the page.
  return () =>
    setTimeout(() => {
      if (list.root.isConnected) return;
      list.close();
      delete place.castmindList;
    });
}
