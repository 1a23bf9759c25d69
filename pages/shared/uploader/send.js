// Send one file, in one of two ways; both report to `on`: progress(sent), broke(), done(answer), refused(problem).
//
//   byTus   POST the first megabyte ─▶ PATCH 64 MB at a time ─┬▶ done
//             ▲ refused before gigabytes are sent             ├ connection lost: HEAD, resume there; retry with backoff
//                                                             └ superseded: the same, unless somebody else sends it now
//   byPut   one request; a broken one starts again from zero (backups)

const FIRST_BYTES = 1 << 20;
// Below the request limit of tunnels in front of a home server.
const BYTES_AT_ONCE = 64 << 20;
const TRIES_AFTER_MS = [0, 1000, 2000, 4000, 8000, 15000, ...Array(20).fill(30000)];
// Another sender pauses between two requests for less than this.
const RIVAL_LOOKS_MS = [500, 1000, 2000];

const problemOf = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

let tusLoading = null;
// Load the tus library: a separate script, fetched once per window, at the first file.
function tusLibrary(address) {
  tusLoading ??= import(new URL(address, location.origin).href).then(
    () => window.tus,
    (error) => {
      tusLoading = null;
      throw error;
    },
  );
  return tusLoading;
}

// The uploads that wait for the rest of their file. Rejects without a whole answer.
async function unfinishedAt(endpoint) {
  const answer = await fetch(endpoint);
  return answer.ok ? (await answer.json()).items : [];
}

function byTus(file, settings, on) {
  let upload = null;
  let stopped = false;
  let starts = 0;

  const problemIn = (error) => problemOf(error.originalResponse?.getBody() ?? "");
  const isSuperseded = (error) => error.originalResponse?.getStatus() === 409 && problemIn(error)?.params?.state === "superseded";

  function mayGoOn(error) {
    const status = error.originalResponse?.getStatus() ?? 0;
    const again = status === 0 || status === 423 || (status === 409 && !isSuperseded(error)) || (status >= 500 && status !== 507);
    if (again) on.broke();
    return again;
  }

  // Whether another sender, such as another tab, sends the same upload.
  async function isSentElsewhere() {
    for (const pause of RIVAL_LOOKS_MS) {
      await new Promise((go) => setTimeout(go, pause));
      const rows = await unfinishedAt(settings.endpoint).catch(() => []);
      if (rows.some((row) => row.active && row.fingerprint === file.fingerprint)) return true;
    }
    return false;
  }

  // The newest request takes over an upload. It can be our own: aborted here, but handled late by a busy server.
  async function goOnUnlessRivalled(refuse) {
    const mine = starts;
    on.broke();
    const rivalled = await isSentElsewhere();
    if (stopped || mine !== starts) return;
    if (rivalled) refuse();
    else start();
  }

  function start() {
    starts += 1;
    upload.start();
  }

  const options = {
    endpoint: new URL(settings.endpoint, location.origin).href,
    chunkSize: FIRST_BYTES,
    uploadDataDuringCreation: true,
    retryDelays: TRIES_AFTER_MS,
    // The server lists unfinished uploads to every browser: nothing is stored here.
    storeFingerprintForResuming: false,
    metadata: { filename: file.name, fingerprint: file.fingerprint, ...(file.folder && { folder: file.folder }) },
    onShouldRetry: mayGoOn,
    onUploadUrlAvailable: () => (file.place = upload.url),
    onChunkComplete: () => (upload.options.chunkSize = BYTES_AT_ONCE),
    onProgress: (sent) => on.progress(sent),
    onSuccess: ({ lastResponse }) => on.done(lastResponse),
    onError: (error) => {
      const response = error.originalResponse;
      const refuse = () => on.refused(response ? (problemIn(error) ?? { code: response.getStatus() === 404 ? "not_found" : "internal" }) : null);
      if (isSuperseded(error)) goOnUnlessRivalled(refuse);
      else refuse();
    },
  };

  tusLibrary(settings.client).then(
    (tus) => {
      if (stopped) return;
      upload = new tus.Upload(file.blob, file.place ? { ...options, uploadUrl: file.place } : options);
      start();
    },
    () => stopped || on.refused(null),
  );
  return {
    pause() {
      stopped = true;
      upload?.abort();
    },
    // Retry at once when the connection is back, instead of after the backoff.
    hurry() {
      if (!upload) return;
      upload.abort();
      start();
    },
  };
}

function byPut(file, settings, on) {
  const request = new XMLHttpRequest();
  request.upload.onprogress = (event) => on.progress(event.loaded);
  request.onload = () => {
    const said = problemOf(request.responseText);
    if (request.status === 200 || request.status === 201) on.done({ getHeader: () => null, made: said });
    else on.refused(said);
  };
  request.onerror = () => on.refused(null);
  request.open("PUT", `${settings.endpoint}/${encodeURIComponent(file.name)}`);
  request.send(file.blob);
  return { pause: () => request.abort() };
}
