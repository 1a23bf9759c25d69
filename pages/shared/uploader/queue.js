// The uploads of one endpoint, three at a time. The queue lives on `window`: transfers outlive the page that began them.
//
//   add ─▶ waiting ─▶ sending ⇄ broken ─▶ checking ─▶ done | failed ─ retry ─▶ waiting
//             ▲          ├─ pause ─▶ paused ─ resume ─▶ waiting
//             └ unfinished (the server has a part of it) ─ the same file again ─┘    cancel, discard ─▶ deleted on the server too

const AT_ONCE = 3;
const SPEED_OVER_MS = 5000;
// Every rerun draws the page; the server is asked at most this often.
const LOOK_AGAIN_MS = 10000;
// A creating request that was cancelled in flight can reach the server after the first look.
const LOOKS_MS = [0, 500, 2000, 5000];
const OPEN = ["waiting", "sending", "broken", "checking"];
const MOVING = ["sending", "broken", "checking"];
const ON_THE_WAY = [...OPEN, "paused"];

const open = (file) => OPEN.includes(file.state);
const fingerprintOf = (blob, folder) => [folder, blob.name, blob.size, blob.lastModified].join("|");

function uploadsTo(endpoint) {
  window.castmindUploads ??= {};
  return (window.castmindUploads[endpoint] ??= queueOf());
}

// `view` draws; `news` are the ids not yet reported to the page; `skipped` counts files without sound in a folder.
function queueOf() {
  const queue = { files: [], news: [], nextId: 1, skipped: 0, lookedAt: -Infinity, view: null, settings: null };
  const words = () => queue.settings.labels;
  const show = (file) => queue.view?.draw(file);

  function startWaiting() {
    const busy = queue.files.filter((file) => MOVING.includes(file.state)).length;
    queue.files.filter((file) => file.state === "waiting").slice(0, Math.max(AT_ONCE - busy, 0)).forEach(send);
  }

  function settle(file, state, said, more = {}) {
    Object.assign(file, { state, said, sender: null, samples: [] }, more);
    show(file);
    if (said) queue.view?.tell(file);
    startWaiting();
  }

  function refused(file, problem) {
    const said = problem ? (sentenceFor(problem, queue.settings.errors) ?? words().lost) : words().lost;
    const hopeless = ["not_audio", "empty_upload", "too_large", "backup_foreign", "backup_unsafe", "backup_too_new"].includes(problem?.code);
    // An upload that the server no longer has starts again from zero.
    if (problem?.code === "not_found" || hopeless) file.place = null;
    settle(file, "failed", said, { again: !hopeless });
  }

  function done(file, answer) {
    const known = answer.getHeader("CastMind-Known") === "true";
    settle(file, "done", words()[known ? "known" : "done"], { blob: null, place: null, sent: file.size });
    queue.news.push(answer.made?.name ?? Number(answer.getHeader("CastMind-Episode")));
    queue.view?.report();
  }

  function progress(file, sent) {
    if (!MOVING.includes(file.state)) return;
    const now = performance.now();
    file.sent = sent;
    file.samples = [...file.samples.filter(([at]) => now - at < SPEED_OVER_MS), [now, sent]];
    file.state = sent >= file.size ? "checking" : "sending";
    show(file);
  }

  function broke(file) {
    Object.assign(file, { state: "broken", samples: [] });
    show(file);
  }

  function send(file) {
    const mine = {};
    const heard = (act) => (...said) => file.sender?.mark === mine && act(file, ...said);
    Object.assign(file, { state: "sending", said: null, samples: [] });
    const way = queue.settings.resumable ? byTus : byPut;
    file.sender = { mark: mine };
    const sender = way(file, queue.settings, { progress: heard(progress), broke: heard(broke), done: heard(done), refused: heard(refused) });
    if (file.sender?.mark === mine) Object.assign(file.sender, sender);
    show(file);
  }

  const erase = (place) => fetch(place, { method: "DELETE", headers: { "Tus-Resumable": "1.0.0" } });

  // Delete the upload on the server. One whose creating request was in flight has no URL yet, but has a fingerprint.
  async function forget(file) {
    if (!queue.settings.resumable) return;
    if (file.place) {
      await erase(file.place);
      return;
    }
    for (const pause of LOOKS_MS) {
      await new Promise((go) => setTimeout(go, pause));
      // The file was chosen again meanwhile: keep its part on the server.
      if (file.state !== "cancelled") return;
      const places = (await unfinishedAt(queue.settings.endpoint)).filter((row) => row.fingerprint === file.fingerprint).map(placeOf);
      await Promise.all(places.map(erase));
      if (places.length) return;
    }
  }

  const placeOf = (row) => new URL(`${queue.settings.endpoint}/${row.id}`, location.origin).href;

  function cancel(file) {
    const { state, sender } = file;
    if (state === "unfinished") queue.files = queue.files.filter((each) => each !== file);
    else settle(file, "cancelled", words().cancelled, { blob: null });
    sender?.pause?.();
    queue.view?.redraw();
    // If the server is out of reach, it deletes the upload after a week, and lists it as unfinished until then.
    if (state !== "waiting" || file.place) forget(file).catch(() => {}).then(() => (file.place = null));
  }

  function pause(file) {
    const sender = file.sender;
    settle(file, "paused", null);
    sender?.pause();
  }

  function resume(file) {
    Object.assign(file, { state: "waiting", said: null });
    show(file);
    startWaiting();
  }

  function hurry() {
    queue.files.filter((file) => file.state === "broken").forEach((file) => file.sender?.hurry?.());
  }

  // List the server's unfinished uploads that nobody sends: of a closed browser, or of another one.
  async function lookForUnfinished() {
    const now = performance.now();
    if (!queue.settings.resumable || now - queue.lookedAt < LOOK_AGAIN_MS) return;
    queue.lookedAt = now;
    const rows = await unfinishedAt(queue.settings.endpoint).catch(() => []);
    queue.files = queue.files.filter((file) => file.state !== "unfinished");
    const here = new Set(queue.files.filter((file) => ON_THE_WAY.includes(file.state) || file.again).map((file) => file.fingerprint));
    for (const row of rows.filter((each) => !each.active && each.offset < each.length && !here.has(each.fingerprint))) {
      const { filename: name, length: size, offset: sent, fingerprint } = row;
      queue.files.push({ id: queue.nextId++, name, size, sent, fingerprint, place: placeOf(row), state: "unfinished", samples: [] });
    }
    queue.view?.redraw();
  }

  function add({ files, skipped }) {
    queue.skipped = skipped;
    for (const { blob, folder } of files) {
      const fingerprint = fingerprintOf(blob, folder);
      const there = queue.files.find((file) => file.fingerprint === fingerprint);
      if (there && ON_THE_WAY.includes(there.state)) continue;
      const file = there ?? { id: queue.nextId++, name: blob.name, size: blob.size, sent: 0, fingerprint, place: null };
      Object.assign(file, { blob, folder, state: "waiting", said: null, samples: [], again: false });
      if (!there) queue.files.push(file);
      if (blob.size > (queue.settings.max_bytes ?? Infinity)) settle(file, "failed", words().too_large);
    }
    queue.view?.redraw();
    startWaiting();
  }

  window.addEventListener("online", hurry);
  return Object.assign(queue, { add, cancel, pause, resume, lookForUnfinished });
}
