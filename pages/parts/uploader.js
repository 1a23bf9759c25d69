// Streams picked files to the API, two at a time, each with its progress and its cancel.
//
//   pick, drop ─▶ waiting ─▶ sending ─▶ checking ─▶ done | failed
//                    └──────── cancel ─────────▶ cancelled
//
// `window.castmindUploads` holds the transfers of each endpoint: a request outlives the page that started it, this component
// does not. Names of files and words of the server go in as textContent only.

const AT_ONCE = 2;

const open = (file) => ["waiting", "sending", "checking"].includes(file.state);

function uploadsTo(endpoint) {
  window.castmindUploads ??= {};
  return (window.castmindUploads[endpoint] ??= transfers());
}

// The transfers to one endpoint: `files`, `add(list)`, `cancel(file)`; `news` are the ids that the page has not heard of yet.
function transfers() {
  const uploads = { files: [], news: [], nextId: 1, view: null, settings: null, add, cancel };

  function show(file) {
    uploads.view?.draw(file);
  }

  function startWaiting() {
    const busy = uploads.files.filter((f) => f.state === "sending" || f.state === "checking").length;
    uploads.files.filter((f) => f.state === "waiting").slice(0, Math.max(AT_ONCE - busy, 0)).forEach(send);
  }

  function settle(file, state, said) {
    file.state = state;
    file.said = said;
    file.blob = file.request = null;
    show(file);
    startWaiting();
  }

  function refusal(request) {
    try {
      const problem = JSON.parse(request.responseText);
      return uploads.settings.refusals[problem.code] ?? problem.detail ?? problem.title;
    } catch {
      return uploads.settings.labels.lost;
    }
  }

  function answered(file, request) {
    if (request.status !== 200 && request.status !== 201) {
      settle(file, "failed", refusal(request));
      return;
    }
    let made = {};
    try {
      made = JSON.parse(request.responseText);
    } catch {
      settle(file, "failed", uploads.settings.labels.lost);
      return;
    }
    settle(file, "done", uploads.settings.labels[request.status === 201 ? "done" : "known"]);
    uploads.news.push(made.id ?? made.name);
    uploads.view?.report();
  }

  function send(file) {
    const request = new XMLHttpRequest();
    file.request = request;
    file.state = "sending";
    request.upload.onprogress = (event) => {
      file.sent = event.loaded;
      file.total = event.total || file.size;
      show(file);
    };
    request.upload.onload = () => {
      file.state = "checking";
      show(file);
    };
    request.onload = () => answered(file, request);
    request.onerror = () => settle(file, "failed", uploads.settings.labels.lost);
    request.onabort = () => settle(file, "cancelled", uploads.settings.labels.cancelled);
    if (uploads.settings.method === "PUT") {
      request.open("PUT", `${uploads.settings.endpoint}/${encodeURIComponent(file.name)}`);
      request.send(file.blob);
    } else {
      const form = new FormData();
      form.append("file", file.blob, file.name);
      request.open("POST", uploads.settings.endpoint);
      request.send(form);
    }
    show(file);
  }

  function cancel(file) {
    if (file.request) file.request.abort();
    else if (file.state === "waiting") settle(file, "cancelled", uploads.settings.labels.cancelled);
  }

  function add(list) {
    for (const blob of list) {
      const file = { id: uploads.nextId++, name: blob.name, size: blob.size, sent: 0, total: blob.size, blob, state: "waiting" };
      uploads.files.push(file);
      show(file);
      if (blob.size > (uploads.settings.max_bytes ?? Infinity)) settle(file, "failed", uploads.settings.labels.too_large);
    }
    startWaiting();
  }

  return uploads;
}

function sizeInWords(bytes) {
  const [value, unit] = bytes >= 1e9 ? [bytes / 1e9, "GB"] : bytes >= 1e6 ? [bytes / 1e6, "MB"] : [bytes / 1e3, "kB"];
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

function status(file, labels) {
  if (file.state !== "sending") return file.said ?? labels[file.state];
  return `${labels.sending} · ${sizeInWords(file.sent)} / ${sizeInWords(file.total)}`;
}

function element(tag, className, testId) {
  const made = document.createElement(tag);
  made.className = className;
  if (testId) made.dataset.testid = testId;
  return made;
}

function row(file, labels, uploads) {
  const item = element("li", "file", "uploader-file");
  const name = element("span", "name");
  name.textContent = name.title = file.name;
  const said = element("span", "said", "uploader-status");
  const bar = element("progress", "bar", "uploader-progress");
  bar.setAttribute("aria-label", file.name);
  const stop = element("button", "cancel", "uploader-cancel");
  stop.type = "button";
  stop.textContent = labels.cancel;
  stop.setAttribute("aria-label", `${labels.cancel}: ${file.name}`);
  stop.onclick = () => uploads.cancel(file);
  item.append(name, said, bar, stop);
  return item;
}

function viewOf(root, labels, uploads, setTriggerValue) {
  const list = root.querySelector(".files");
  const clear = root.querySelector(".clear");
  const rows = new Map();
  list.replaceChildren();
  return {
    draw(file) {
      if (!rows.has(file.id)) {
        rows.set(file.id, row(file, labels, uploads));
        list.append(rows.get(file.id));
      }
      const item = rows.get(file.id);
      item.className = `file ${file.state}`;
      item.dataset.state = file.state;
      item.querySelector(".said").textContent = status(file, labels);
      const bar = item.querySelector(".bar");
      bar.hidden = !["sending", "checking"].includes(file.state);
      if (file.state === "checking") bar.removeAttribute("value");
      else bar.value = file.total ? file.sent / file.total : 0;
      item.querySelector(".cancel").hidden = !open(file);
      clear.hidden = !uploads.files.some((f) => !open(f));
    },
    clear() {
      uploads.files = uploads.files.filter(open);
      rows.clear();
      list.replaceChildren();
      clear.hidden = true;
      uploads.files.forEach((f) => this.draw(f));
    },
    report() {
      if (uploads.news.length) setTriggerValue("finished", uploads.news.splice(0));
    },
  };
}

function listen(root, labels, uploads) {
  const zone = root.querySelector(".zone");
  const input = root.querySelector("input");
  const pick = root.querySelector(".pick");
  const clear = root.querySelector(".clear");
  zone.classList.toggle("compact", Boolean(uploads.settings.compact));
  root.querySelector(".drop").textContent = labels.drop;
  pick.textContent = labels.pick;
  clear.textContent = labels.clear;
  pick.onclick = () => input.click();
  clear.onclick = () => uploads.view.clear();
  input.onchange = () => {
    uploads.add(input.files);
    input.value = ""; // the same file may be picked again after it failed
  };
  zone.ondragover = (event) => {
    event.preventDefault();
    zone.classList.add("over");
  };
  zone.ondragleave = () => zone.classList.remove("over");
  zone.ondrop = (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    uploads.add(event.dataTransfer.files);
  };
}

function warnBeforeLeaving(event) {
  if (Object.values(window.castmindUploads ?? {}).some((uploads) => uploads.files.some(open))) event.preventDefault();
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const [settings] = data;
  const { labels } = settings;
  const uploads = uploadsTo(settings.endpoint);
  uploads.settings = settings;
  parentElement.querySelector("input").accept = settings.accept;
  listen(parentElement, labels, uploads);
  const view = viewOf(parentElement, labels, uploads, setTriggerValue);
  uploads.view = view;
  uploads.files.forEach((file) => view.draw(file));
  view.report();
  window.removeEventListener("beforeunload", window.castmindUploadsWarn);
  window.castmindUploadsWarn = warnBeforeLeaving;
  window.addEventListener("beforeunload", window.castmindUploadsWarn);
  return () => {
    if (uploads.view === view) uploads.view = null;
  };
}
