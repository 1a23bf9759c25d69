// What is done to the whole queue: pause, resume, cancel all that is queued and take that back, retry all that failed.
//
//   press ─▶ acts.turn, acts.cancelQueued, acts.do ─▶ HTTP API      painted at once; a button rests until its answer,
//   and keeps the keyboard, as a disabled one would not

class QueueBar {
  constructor(acts) {
    this.acts = acts;
    this.resting = new Set();
    this.notice = element("p", { className: "paused", testid: "queue-paused", role: "status" });
    this.buttons = element("div", { className: "for-all", testid: "queue-all" });
    this.root = element("div", {}, this.notice, this.buttons);
  }

  show({ queue, text }, cards) {
    Object.assign(this, { queue, text, cards });
    const { paused } = this.acts.painted({ id: QUEUE, paused: queue.paused });
    this.notice.textContent = paused ? text.paused : "";
    this.notice.hidden = !paused;
    const held = this.buttons.getRootNode().activeElement;
    const again = this.buttons.contains(held) ? held.dataset.testid : null;
    this.buttons.replaceChildren(...this.offered(paused).map((button) => this.button(button)));
    this.buttons.hidden = !this.buttons.childElementCount;
    if (again) (this.buttons.querySelector(`[data-testid="${again}"]`) ?? this.buttons.firstChild)?.focus();
  }

  // The buttons that mean something now: [{name, said, does, main}]. Pause and Resume answer at once, the others rest.
  offered(paused) {
    const { acts, queue, text } = this;
    const cancelled = acts.undoable("retry");
    const turn = paused
      ? { name: "resume", said: text.resume, does: () => acts.turn("resume"), main: true, free: true }
      : queue.busy && { name: "pause", said: text.pause, does: () => acts.turn("pause"), free: true };
    return [
      turn,
      queue.queued && { name: "cancel-all", said: text.cancel_all, does: () => acts.cancelQueued(this.cards) },
      cancelled && { name: "undo-cancel", said: fill(text.undo_cancel, { n: cancelled.ids.length }), does: () => acts.undo("retry") },
      queue.failed && { name: "retry-all", said: fill(text.retry_all, { n: queue.failed }), does: () => this.retryFailed() },
    ].filter(Boolean);
  }

  button({ name, said, does, main = false, free = false }) {
    const made = element("button", { type: "button", testid: `queue-${name}`, edits: true, className: main ? "main" : "", textContent: said });
    made.setAttribute("aria-disabled", String(this.resting.has(name)));
    made.onclick = () => (free ? does() : this.rest(name, does));
    return made;
  }

  async rest(name, does) {
    if (this.resting.has(name)) return;
    this.resting.add(name);
    try {
      await does();
    } finally {
      this.resting.delete(name);
      this.acts.paint([]);
    }
  }

  retryFailed() {
    return this.acts.do("retry", { ids: null, filter: { state: "failed" }, rows: this.cards.filter(({ state }) => state === "failed") });
  }
}
