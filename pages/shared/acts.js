// The reader's acts on episodes: painted at once, sent to the HTTP API, taken back with a sentence if the server refuses.
//
//   press ─▶ do ─▶ wishes, painted over the rows ("painted") ─▶ POST, in order for each episode: the last press wins
//                    ▲     answered ─▶ the wish stays until data that were read later arrive (`seen`), or agree with it
//                    └──── refused ──▶ the wish goes, the row is as before, "told" says why
//   nothing under way ─▶ "settled" ─▶ one trigger `changed` ─▶ counts, filters and order follow. A lost one does no harm.
//
// A trigger of Streamlit is overwritten by the next one within the same moment, so none carries an act.

const BULK = "/api/v1/episodes/bulk";
const UNDO_MS = 300_000;
const PATIENCE_FOR_ACT = 30_000;
// Browsers refuse to send more than 64 KiB while a page closes.
const SENT_AT_CLOSE = 500;

const ACTS = {
  star: { starred: true },
  unstar: { starred: false },
  read: { unread: false },
  unread: { unread: true },
  delete: { deleted: true },
  restore: { deleted: false },
  // Either way the row is no longer in the trash.
  purge: { deleted: false },
  transcribe: { work: "queued" },
  retry: { work: "queued" },
  cancel: { work: "cancelled" },
  first: { place: "first" },
  last: { place: "last" },
  pause: { paused: true },
  resume: { paused: false },
};
const TAG = "tag:";
// The queue as a whole is painted like a row.
const QUEUE = "queue";

class Acts extends EventTarget {
  constructor() {
    super();
    this.wishes = new Map(); // episode id ─▶ field ─▶ {value, number, open, before, confirmed}
    this.lines = new Map(); // episode id ─▶ its last request
    this.everything = null; // the last request about all that match
    this.underWay = new Set();
    this.number = 0;
    this.tasks = [];
    this.refusals = [];
    this.untold = [];
    this.done = []; // what can be undone
    window.addEventListener("pagehide", () => this.underWay.forEach((act) => act.send()));
  }

  // --- what is asked for

  // `ids` null: all that match `filter`, of which `rows` are shown. `name` is the title of a single episode, `tag` a tag's name.
  do(action, { ids, filter = null, rows = [], name = "", tag = "" }) {
    const wish = action === "tag" || action === "untag" ? { [TAG + tag]: action === "tag" } : ACTS[action];
    const which = ids === null ? { filter } : { episode_ids: ids };
    const body = { action, ...which, background: true, ...(tag ? { tag } : {}) };
    return this.want({ action, ids, name, rows, wish, request: () => this.post(BULK, body, (ids ?? rows).length) });
  }

  order(place, row) {
    const body = { episode_id: row.id, to: place };
    return this.want({ action: place, ids: [row.id], name: row.title, rows: [row], wish: ACTS[place], request: () => this.post("/api/v1/queue/order", body, 1) });
  }

  // Pause or resume the queue.
  turn(action) {
    return this.want({ action, ids: [QUEUE], name: "", rows: [], wish: ACTS[action], request: () => this.post(`/api/v1/queue/${action}`, {}, 1) });
  }

  // Cancel all that is queued or waits; what runs goes on. The two states are the two filters that the API knows for it.
  async cancelQueued(rows) {
    const asked = ["queued", "waiting"].map((state) => this.do("cancel", { ids: null, filter: { state }, rows: rows.filter((row) => row.state === state) }));
    const answers = await Promise.all(asked);
    const ids = answers.flatMap((answer) => (answer ? answer.episode_ids : []));
    if (ids.length) this.remember(ids, "", "retry");
    this.paint([]);
  }

  post(address, body, size) {
    const signal = AbortSignal.timeout(PATIENCE_FOR_ACT);
    return ask(this.text, address, { method: "POST", body, signal, keepalive: size <= SENT_AT_CLOSE });
  }

  // Paint a wish at once, and send its request after those that concern the same episodes. Returns the answer, false if it was
  // refused.
  async want({ action, ids, name, rows, wish, request }) {
    const number = ++this.number;
    const painted = ids ?? rows.map((row) => row.id);
    let answer;
    const act = { number, send: () => (answer ??= request()) };
    this.underWay.add(act);
    for (const id of painted) for (const [field, value] of Object.entries(wish)) this.put(id, field, value, number, rows);
    const deletion = action === "delete" && ids ? this.remember(ids, name) : null;
    this.paint(painted);
    try {
      await this.inTurn(ids, act);
      const told = await answer;
      this.granted(painted, wish, number, told, { action, all: ids === null });
      return told ?? true;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.refused(painted, wish, number, error, { name, deletion });
      return false;
    } finally {
      this.underWay.delete(act);
      if (!this.underWay.size) this.settle();
    }
  }

  inTurn(ids, act) {
    const before = ids === null ? [...this.lines.values(), this.everything] : [...ids.map((id) => this.lines.get(id)), this.everything];
    const turn = Promise.allSettled(before).then(() => act.send());
    if (ids === null) this.everything = turn;
    else for (const id of ids) this.lines.set(id, turn);
    return turn;
  }

  // --- wishes

  put(id, field, value, number, rows) {
    if (!this.wishes.has(id)) this.wishes.set(id, new Map());
    const fields = this.wishes.get(id);
    const { confirmed, before = rows.find((row) => row.id === id)?.state } = fields.get(field) ?? {};
    fields.set(field, { value, number, open: true, before, confirmed });
  }

  granted(ids, wish, number, answer, { action, all }) {
    this.each(ids, wish, (fields, field, kept) => {
      if (kept.number === number) kept.open = false;
      else kept.confirmed = { value: wish[field], number };
    });
    // Which episodes match is known to the server alone, so all of them can be brought back only now.
    if (action === "delete" && all) this.remember(answer.episode_ids, "");
    if (answer?.task) this.tasks.push(answer.task.id);
    else if ((all || ids.length > 1) && action !== "delete" && answer) this.tell(this.outcome(answer));
    this.paint(ids);
  }

  outcome({ changed, skipped }) {
    const words = this.count("changed", changed);
    return skipped ? `${words} ${this.count("skipped", skipped)}` : words;
  }

  refused(ids, wish, number, error, { name, deletion }) {
    this.each(ids, wish, (fields, field, kept) => {
      if (kept.number !== number) return;
      if (kept.confirmed) fields.set(field, { ...kept, ...kept.confirmed, open: false, confirmed: undefined });
      else fields.delete(field);
    });
    this.done = this.done.filter((each) => each !== deletion);
    this.refusals.push(name);
    const many = this.refusals.length > 1;
    this.tell(many ? fill(this.text.not_done_many, { n: this.refusals.length, why: error.message }) : this.sentence(name, error));
    this.paint(ids);
  }

  sentence(name, error) {
    return name ? fill(this.text.not_done, { title: name, why: error.message }) : error.message;
  }

  each(ids, wish, does) {
    for (const id of ids) {
      const fields = this.wishes.get(id);
      for (const field of Object.keys(wish)) if (fields?.has(field)) does(fields, field, fields.get(field));
    }
  }

  // Drop the wishes that the server's data follow: `rows` as they came, `seen` the last act before they were read.
  follow(rows, seen) {
    const rowOf = new Map(rows.map((row) => [row.id, row]));
    for (const [id, fields] of this.wishes) {
      for (const [field, kept] of fields) {
        if (!kept.open && (kept.number <= seen || agrees(rowOf.get(id), field, kept))) fields.delete(field);
      }
      if (!fields.size) this.wishes.delete(id);
    }
  }

  // The row as the reader wants it.
  painted(row) {
    const fields = this.wishes.get(row.id);
    if (!fields) return row;
    const painted = { ...row };
    for (const [field, { value }] of fields) {
      if (field.startsWith(TAG)) painted.tags = tagged(painted.tags ?? [], field.slice(TAG.length), value);
      else painted[field] = value;
    }
    return painted;
  }

  // The rows in the order of the wishes: put first are the latest, put last are the latest at the end.
  placed(rows) {
    const rank = (row) => {
      const wish = this.wishes.get(row.id)?.get("place");
      return wish ? (wish.value === "first" ? -wish.number : wish.number) : 0;
    };
    return rows.map((row, index) => [rank(row), index, row]).sort(([a, i], [b, j]) => a - b || i - j).map(([, , row]) => row);
  }

  // --- undo

  // `back` is the act that takes this one back.
  remember(ids, name, back = "restore") {
    const done = { ids, name, back, at: Date.now() };
    this.done.push(done);
    return done;
  }

  // The last deletion that can still be undone, or the last act that `back` takes back.
  undoable(back = "restore") {
    this.done = this.done.filter(({ at }) => Date.now() - at < UNDO_MS);
    return this.done.findLast((each) => each.back === back) ?? null;
  }

  // One that is refused can be tried again.
  async undo(back = "restore") {
    const last = this.undoable(back);
    if (!last) return;
    this.done = this.done.filter((each) => each !== last);
    if (await this.do(back, { ids: last.ids, name: last.name })) return;
    this.done = [...this.done, last].sort((one, other) => one.at - other.at);
    this.paint([]);
  }

  forgetUndo(back = "restore") {
    this.done = this.done.filter((each) => each.back !== back);
    this.paint([]);
  }

  // --- what is told

  speak(text) {
    this.text = text;
  }

  count(name, n) {
    return n === 1 ? this.text[`${name}_one`] : fill(this.text[name], { n: n.toLocaleString(this.text.locale) });
  }

  paint(ids) {
    this.dispatchEvent(new CustomEvent("painted", { detail: ids }));
  }

  // A sentence that no page can show at this moment waits for the next one.
  tell(message) {
    if (!this.dispatchEvent(new CustomEvent("told", { detail: message, cancelable: true }))) return;
    this.untold.push(message);
  }

  settle() {
    this.lines.clear();
    this.everything = null;
    this.refusals = [];
    this.dispatchEvent(new CustomEvent("settled", { detail: { at: this.number, tasks: this.tasks.splice(0) } }));
  }

  // Join a component to the acts until `close` is called: it draws rows, shows sentences, and sends `changed`.
  join({ painted, say, changed }) {
    const at = here();
    const heard = {
      painted: ({ detail }) => painted(detail),
      told: (event) => {
        event.preventDefault();
        say(event.detail);
      },
      // A trigger that meets the run of another page would break it off.
      settled: ({ detail }) => here() === at && changed(detail),
    };
    for (const [name, listener] of Object.entries(heard)) this.addEventListener(name, listener);
    const waiting = this.untold.splice(0);
    if (waiting.length) queueMicrotask(() => say(waiting.at(-1)));
    return { close: () => Object.entries(heard).forEach(([name, listener]) => this.removeEventListener(name, listener)) };
  }
}

const same = (one, other) => one.toLowerCase() === other.toLowerCase();

const tagged = (tags, name, whether) => {
  const others = tags.filter((tag) => !same(tag, name));
  if (!whether) return others;
  // In the order that the server gives them.
  return others.length < tags.length ? tags : [...tags, name].sort((one, other) => (one.toLowerCase() < other.toLowerCase() ? -1 : 1));
};

const agrees = (row, field, { value, before }) => {
  if (!row || field === "place") return false;
  if (field === "work") return "state" in row && row.state !== before;
  if (field.startsWith(TAG)) return (row.tags ?? []).some((tag) => same(tag, field.slice(TAG.length))) === value;
  return row[field] === value;
};

// What a row or card says once its work is ordered or cancelled, until the server says more.
const ordered = (row, text) =>
  row.work ? { ...row, state: row.work, said: text[row.work], acts: row.work === "queued" ? ["cancel"] : ["retry"], doing: null, reason: null, when: "" } : row;

// The page by its address; the library has two.
const here = () => location.pathname.replace(/\/(library)?$/, "");

// Created once per window, so that a page that is left loses no act.
const theActs = () => (window.castmindActs ??= new Acts());
