// Load the page that was asked for as soon as the server answers.

const EVERY_MS = 4000;

const reload = () => location.reload();

const look = () => fetch("/health/live", { cache: "no-store" }).then((answer) => answer.ok && reload(), () => undefined);

document.getElementById("again").addEventListener("click", reload);
// Opened by its own address, while the server answers, the page stays.
if (location.pathname !== "/app/offline") setInterval(look, EVERY_MS);
