// The inbox: new episodes of feeds, one decision each, by one key.
//
//   k keep ─▶ star      s skip ─▶ read      t transcribe ─ 6 s, or the next decision, or another page ─▶ queue
//   z undo ─▶ the opposite, the last decision first; a transcription that was sent stays in the queue
//
// The row goes at once, the next one takes the focus. A transcription waits, because one that was begun cannot be undone.

const HELD_MS = 6000;
const DECIDES = { keep: "star", skip: "read", transcribe: "transcribe" };
const TAKES_BACK = { keep: "unstar", skip: "mark_unread" };
const DECISION_KEYS = { k: "keep", s: "skip", t: "transcribe" };

class Inbox {
  constructor(list) {
    this.list = list;
    this.decided = [];
    this.held = null;
    this.onLeave = () => this.release();
    window.addEventListener("pagehide", this.onLeave);
  }

  close() {
    this.release();
    window.removeEventListener("pagehide", this.onLeave);
  }

  // Whether a row still waits for a decision.
  keeps(row) {
    return row.unread && !row.starred && !row.work && row.id !== this.held?.row.id;
  }

  decide(name, row) {
    const { text } = this.list.data;
    this.release();
    this.decided.push({ name, row });
    if (name === "transcribe") {
      this.held = { row, timer: setTimeout(() => this.release(), HELD_MS) };
      this.list.draw();
    } else this.list.act(DECIDES[name], [row.id], row);
    this.list.messages.say(fill(text[`decided_${name}`], { title: row.title }), { label: text.undo, onclick: () => this.undo() });
  }

  // Send the transcription that waits.
  release() {
    const { held } = this;
    if (!held) return;
    clearTimeout(held.timer);
    this.held = null;
    this.decided = this.decided.filter(({ row }) => row !== held.row);
    this.list.act(DECIDES.transcribe, [held.row.id], held.row);
  }

  undo() {
    const last = this.decided.pop();
    if (!last) return;
    const { name, row } = last;
    this.list.messages.hide();
    this.list.current = row.id;
    if (name === "transcribe") {
      clearTimeout(this.held.timer);
      this.held = null;
      this.list.draw();
    } else this.list.act(TAKES_BACK[name], [row.id], row);
    if (this.list.rows.has(row.id)) this.list.focusRow(row.id);
  }

  keyOf(row, event) {
    const name = DECISION_KEYS[event.key.toLowerCase()];
    if (name) return () => this.decide(name, row);
    return event.key.toLowerCase() === "z" ? () => this.undo() : null;
  }
}
