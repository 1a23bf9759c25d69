// The view of an upload queue. File names and server messages enter through textContent only.

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

const actsOf = (file, resumable) =>
  (ACTS[file.state] ?? []).filter(([verb]) => (verb === "pause" ? resumable : verb !== "resume" || file.state !== "failed" || file.again));

function button(verb, label, file, queue) {
  const made = element("button", { testid: `uploader-${verb}`, className: "small", type: "button", textContent: label });
  made.setAttribute("aria-label", `${label}: ${file.name}`);
  made.onclick = () => queue[verb](file);
  return made;
}

function rowOf(file, { labels, resumable }, queue) {
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

function viewOf(root, settings, queue, setTriggerValue) {
  const { labels } = settings;
  const part = (name) => root.querySelector(name);
  const [list, head, remark, sum, stop, clear] = [".files", ".head", ".remarks", ".overall", ".stop", ".clear"].map(part);
  const rows = new Map();

  function drawHead() {
    // Do not repeat an unchanged sentence to screen readers.
    const said = remarks(queue, labels);
    if (remark.textContent !== said) remark.textContent = said;
    sum.textContent = overall(queue.files, labels);
    stop.hidden = queue.files.filter(open).length < 2;
    clear.hidden = !queue.files.some((file) => SETTLED.includes(file.state));
    head.hidden = !remark.textContent && !sum.textContent && stop.hidden && clear.hidden;
  }

  const view = {
    draw(file) {
      if (!rows.has(file)) {
        rows.set(file, rowOf(file, settings, queue));
        list.append(rows.get(file).item);
      }
      rows.get(file).draw();
      drawHead();
    },
    // Announce to screen readers how each file ended, once.
    tell(file) {
      part(".heard").textContent = `${file.name}: ${file.said}`;
    },
    redraw() {
      rows.clear();
      list.replaceChildren();
      queue.files.forEach((file) => view.draw(file));
      drawHead();
    },
    report() {
      if (queue.news.length) setTriggerValue("finished", queue.news.splice(0));
    },
  };
  stop.onclick = () => queue.files.filter(open).forEach(queue.cancel);
  clear.onclick = () => {
    queue.files = queue.files.filter((file) => !SETTLED.includes(file.state));
    queue.skipped = 0;
    view.redraw();
  };
  return view;
}

function listen(root, { labels, compact, accept, resumable }, queue) {
  const part = (name) => root.querySelector(name);
  const [zone, drop, pick, folder] = [".zone", ".drop", ".pick", ".folder"].map(part);
  const [files, folders] = root.querySelectorAll("input");
  zone.classList.toggle("compact", Boolean(compact));
  drop.textContent = labels.drop;
  pick.textContent = labels.pick;
  folder.textContent = labels.folder ?? "";
  folder.hidden = !resumable || !("webkitdirectory" in folders);
  part(".stop").textContent = labels.cancel_all ?? "";
  part(".clear").textContent = labels.clear;
  files.accept = accept;
  pick.onclick = () => files.click();
  folder.onclick = () => folders.click();
  for (const input of [files, folders]) {
    input.onchange = () => {
      queue.add(picked([...input.files]));
      input.value = ""; // the same file may be picked again after it failed
    };
  }
  zone.ondragover = (event) => {
    event.preventDefault();
    zone.classList.add("over");
  };
  zone.ondragleave = () => zone.classList.remove("over");
  zone.ondrop = async (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    queue.add(await dropped(event.dataTransfer));
  };
}

function warnBeforeLeaving(event) {
  if (Object.values(window.castmindUploads ?? {}).some((queue) => queue.files.some(open))) event.preventDefault();
}

export default function ({ data, parentElement, setTriggerValue }) {
  const [settings] = data;
  const queue = uploadsTo(settings.endpoint);
  queue.settings = settings;
  listen(parentElement, settings, queue);
  const view = viewOf(parentElement, settings, queue, setTriggerValue);
  queue.view = view;
  view.redraw();
  view.report();
  queue.lookForUnfinished();
  window.removeEventListener("beforeunload", window.castmindUploadsWarn);
  window.castmindUploadsWarn = warnBeforeLeaving;
  window.addEventListener("beforeunload", window.castmindUploadsWarn);
  return () => {
    if (queue.view === view) queue.view = null;
  };
}
