// Tell the browser that this is an app: manifest, colour of its bar, and the helper that answers while the server is away.

const LINKS = [
  ["manifest", "/manifest.webmanifest"],
  ["apple-touch-icon", "/app/apple-touch-icon.png"],
];

const install = () => {
  if (document.querySelector("link[rel=manifest]")) return;
  document.head.append(...LINKS.map(([rel, href]) => element("link", { rel, href })));
  for (const [scheme, colour] of [["light", "#f4f0e8"], ["dark", "#171816"]]) {
    document.head.append(element("meta", { name: "theme-color", media: `(prefers-color-scheme: ${scheme})`, content: colour }));
  }
  // Browsers offer workers on localhost and over https alone.
  navigator.serviceWorker?.register("/service-worker.js").catch((error) => console.info(error.message));
};
