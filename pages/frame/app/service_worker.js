// The installed app's helper in the browser: while the server does not answer, an address of a page shows a message of our own.
// Nothing else is kept: pages and data always come from the server.

const KEPT = "castmind-offline-1";
const MESSAGE = "/app/offline";
const FILES = [MESSAGE, "/app/offline.js", "/app/icon-192.png"];

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(KEPT)
      .then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" }))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  const clean = caches.keys().then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name))));
  const early = self.registration.navigationPreload?.enable();
  event.waitUntil(Promise.all([clean, early]).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate") {
    event.respondWith(page(event));
  } else if (FILES.includes(new URL(request.url).pathname)) {
    event.respondWith(fetch(request).catch(() => caches.match(request)));
  }
});

async function page(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return caches.match(MESSAGE);
  }
}
