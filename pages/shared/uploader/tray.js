// The tray at the foot of every page: all uploads of this window, folded to one line while nobody needs to see more.
//
//   strips, drops ─▶ Tray.add ─▶ the queue of the endpoint ─▶ rows, sum
//
// It unfolds when files are added and when one fails; it folds when the reader turns the page and when all is done, and goes
// some seconds later. File names and server messages enter through textContent only.

// Actions on a file by its state: [the queue's method, its label].
const ACTS = {
  waiting: [["cancel", "cancel"]],
  sending: [["pause", "pause"], ["cancel", "cancel"]],
  broken: [["pause", "pause"], ["cancel", "cancel"]],
  paused: [["resume", "resume"], ["cancel", "cancel"]],
  unfinished: [["cancel", "discard"]],
  failed: [["resume", "again"]],
};
const SETTLED = ["done", "failed", "cancelled"];
const WELL = ["done", "cancelled"];
const GOES_AFTER_MS = 10_000;
const FOLD = "M7.4 8.6 12 13.2l4.6-4.6L18 10l-6 6-6-6z";

const actsOf = (file, resumable) =>
  (ACTS[file.state] ?? []).filter(([verb]) => (verb === "pause" ? resumable : verb !== "resume" || file.state !== "failed" || file.again));

function button(verb, label, file, queue) {
  const made = element("button", { testid: `uploader-${verb}`, className: "small", type: "button", textContent: label });
  made.setAttribute("aria-label", `${label}: ${file.name}`);
  made.onclick = () => queue[verb](file);
  return made;
}

function rowOf(file, queue) {
  const { labels, resumable } = queue.settings;
  const name = element("span", { className: "name", textContent: file.name, title: file.folder ? `${file.folder}/${file.name}` : file.name });
  const said = element("span", { testid: "uploader-status", className: "said" });
  const bar = element("progress", { testid: "uploader-progress", "aria-label": file.name });
  const acts = element("span", { className: "acts" });
  const item = element("li", { testid: "uploader-file" }, name, said, acts, bar);
  let drawn = null;
  return {
    item,
    draw() {
      said.textContent = status(file, labels);
      bar.hidden = !["sending", "checking", "broken", "paused", "unfinished"].includes(file.state);
      if (file.state === "checking") bar.removeAttribute("value");
      else bar.value = file.size ? file.sent / file.size : 0;
      if (drawn === file.state + file.again) return;
      drawn = file.state + file.again;
      item.className = `file ${file.state}`;
      item.dataset.state = file.state;
      const focused = acts.contains(acts.getRootNode().activeElement);
      acts.replaceChildren(...actsOf(file, resumable).map(([verb, label]) => button(verb, labels[label], file, queue)));
      if (focused) acts.firstElementChild?.focus();
    },
  };
}

class Tray {
  constructor() {
    this.rows = new Map();
    this.folded = true;
    this.sum = element("span", { testid: "uploader-sum", className: "sum" });
    this.pace = element("span", { testid: "uploader-overall", className: "overall" });
    this.fold = element("button", { testid: "uploader-fold", type: "button", className: "fold", onclick: () => this.toggle() });
    this.stop = element("button", { testid: "uploader-cancel-all", type: "button", className: "small", onclick: () => this.cancelAll() });
    this.clear = action("uploader-clear", "", CLOSE, () => this.clearSettled(), { className: "clear" });
    this.remark = element("p", { testid: "uploader-remarks", className: "remarks" });
    this.list = element("ul", { testid: "uploader-files", className: "files" });
    this.done = element("span", { className: "done" });
    this.heard = element("p", { className: "heard", role: "status" });
    this.fold.append(icon(FOLD), element("span", { className: "words" }, this.sum, this.pace));
    this.body = element("div", { className: "body" }, this.remark, this.list);
    this.section = element(
      "section",
      { testid: "uploader-tray", className: "tray", hidden: true },
      element("div", { className: "line", "aria-hidden": "true" }, this.done),
      element("div", { className: "head" }, this.fold, this.stop, this.clear),
      this.body,
    );
    // The live region exists before it speaks: screen readers skip one that is inserted with its text.
    this.drops = new DropTarget((found) => this.add(uploadsTo(this.endpoint).settings, found));
    this.root = element("div", {}, this.section, this.heard, this.drops.root);
    for (const name of ["pointerenter", "focusin"]) this.section.addEventListener(name, () => clearTimeout(this.going));
    for (const name of ["pointerleave", "focusout"]) this.section.addEventListener(name, () => this.goSoon());
  }

  // Take the settings of the page: its texts are in the reader's language.
  show(settings, report) {
    const turned = this.page !== undefined && this.page !== settings.page;
    const { labels } = settings;
    Object.assign(this, { labels, page: settings.page, endpoint: settings.endpoint, report });
    this.queueOf(settings);
    this.drops.words.textContent = labels.drop_here;
    this.section.setAttribute("aria-label", labels.tray);
    this.stop.textContent = labels.cancel_all;
    for (const name of ["title", "aria-label"]) this.clear.setAttribute(name, labels.clear);
    if (turned && !this.urgent) this.folded = true;
    this.redraw();
    this.report();
  }

  get queues() {
    return Object.values(window.castmindUploads ?? {});
  }

  get files() {
    return this.queues.flatMap((queue) => queue.files);
  }

  // A person has to see these: a refusal, and what of a folder stayed behind.
  get urgent() {
    return this.files.some((file) => file.state === "failed") || this.queues.some((queue) => queue.skipped);
  }

  queueOf(settings) {
    const queue = uploadsTo(settings.endpoint);
    queue.settings = settings;
    queue.view = {
      draw: (file) => this.draw(queue, file),
      tell: (file) => this.tell(file),
      redraw: () => this.redraw(),
      report: () => this.report(),
    };
    return queue;
  }

  add(settings, found) {
    const queue = this.queueOf(settings);
    this.clearSettled(WELL);
    this.folded = false;
    queue.add(found);
  }

  draw(queue, file) {
    if (!this.rows.has(file)) {
      this.rows.set(file, rowOf(file, queue));
      this.list.append(this.rows.get(file).item);
    }
    this.rows.get(file).draw();
    this.drawHead();
  }

  // Announce to screen readers how each file ended, once.
  tell(file) {
    this.heard.textContent = `${file.name}: ${file.said}`;
    if (file.state !== "failed") return;
    this.folded = false;
    this.drawHead();
    this.rows.get(file)?.item.scrollIntoView({ block: "nearest" });
  }

  redraw() {
    this.rows.clear();
    this.list.replaceChildren();
    for (const queue of this.queues) queue.files.forEach((file) => this.draw(queue, file));
    this.drawHead();
  }

  drawHead() {
    const { files, labels, urgent } = this;
    // What an earlier visit left behind is shown once: only a person can finish or discard it.
    if (!this.leftOver && files.some((file) => file.state === "unfinished")) Object.assign(this, { leftOver: true, folded: false });
    const said = this.queues.map((queue) => remarks(queue, labels)).filter(Boolean).join(" ");
    // Do not repeat an unchanged sentence to screen readers.
    if (this.remark.textContent !== said) this.remark.textContent = said;
    const settled = files.length > 0 && files.every((file) => WELL.includes(file.state));
    if (settled && !this.settled && !urgent) this.folded = true;
    this.settled = settled;
    this.sum.textContent = summary(files, labels);
    this.pace.textContent = overall(files, labels);
    this.done.style.width = `${Math.round(100 * shareOf(files))}%`;
    this.stop.hidden = files.filter(open).length < 2;
    this.clear.hidden = !files.some((file) => SETTLED.includes(file.state));
    this.fold.setAttribute("aria-expanded", String(!this.folded));
    this.section.classList.toggle("folded", this.folded);
    this.body.hidden = this.folded;
    this.section.hidden = files.length === 0 || (settled && this.gone === files.length);
    this.goSoon();
  }

  toggle() {
    this.folded = !this.folded;
    this.drawHead();
  }

  // Go out of sight once all is well and nobody looks; the files stay listed until the next ones come.
  goSoon() {
    clearTimeout(this.going);
    const held = this.section.matches(":hover") || this.section.contains(this.section.getRootNode().activeElement);
    if (!this.settled) this.gone = null;
    if (!this.settled || this.urgent || held || !this.folded) return;
    this.going = setTimeout(() => {
      this.gone = this.files.length;
      this.section.hidden = true;
    }, GOES_AFTER_MS);
  }

  cancelAll() {
    for (const queue of this.queues) queue.files.filter(open).forEach(queue.cancel);
  }

  clearSettled(states = SETTLED) {
    for (const queue of this.queues) {
      queue.files = queue.files.filter((file) => !states.includes(file.state));
      queue.skipped = 0;
    }
    this.redraw();
  }

  get news() {
    return this.queues.flatMap((queue) => queue.news.splice(0));
  }
}

// Created once per window.
const theTray = () => (window.castmindTray ??= new Tray());

function warnBeforeLeaving(event) {
  if (Object.values(window.castmindUploads ?? {}).some((queue) => queue.files.some(open))) event.preventDefault();
}

export default function mount({ data: [settings], parentElement, setTriggerValue }) {
  const tray = theTray();
  if (tray.root.parentNode !== parentElement) parentElement.append(tray.root);
  tray.show(settings, () => {
    const { news } = tray;
    if (news.length) setTriggerValue("finished", news);
  });
  // A strip of this page may have been quicker.
  for (const [wanted, found] of (window.castmindPicked ?? []).splice(0)) tray.add(wanted, found);
  uploadsTo(settings.endpoint).lookForUnfinished();
  window.removeEventListener("beforeunload", window.castmindUploadsWarn);
  window.castmindUploadsWarn = warnBeforeLeaving;
  window.addEventListener("beforeunload", window.castmindUploadsWarn);
}
