// Keyboard shortcuts of the search page. Links and field belong to the page around this component, which draws nothing.
//
//   /  ─▶ the field      ↓ ↑  ─▶ the next or previous link      Escape ─▶ back to the field

const FIELD = "[class*=st-key-search-q] input";
const LINKS = "[class*=st-key-found-] a";

const typing = (element) => element?.matches?.("input, textarea, select, [contenteditable=true]") ?? false;

const field = () => document.querySelector(FIELD);

function step(by) {
  const links = [...document.querySelectorAll(LINKS)];
  const next = links.indexOf(document.activeElement) + by;
  if (next < 0) field()?.focus();
  else links[Math.min(next, links.length - 1)]?.focus();
}

function pressed(event) {
  if (event.defaultPrevented || !field()) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const here = document.activeElement;
  const inField = here === field();
  if (event.key === "/" && !typing(here)) field()?.focus();
  else if (event.key === "Escape" && here?.matches?.(LINKS)) field()?.focus();
  else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && (inField || here?.matches?.(LINKS))) {
    if (inField && event.key === "ArrowUp") return;
    step(event.key === "ArrowDown" ? 1 : -1);
  } else return;
  event.preventDefault();
}

// Wait for the field: it may be drawn later than this component.
function whenDrawn(wanted) {
  const waiting = setInterval(() => {
    if (!field()) return;
    clearInterval(waiting);
    field().setAttribute("aria-keyshortcuts", "/");
    // On touch screens the on-screen keyboard would cover the results.
    if (wanted && matchMedia("(hover: hover)").matches && !typing(document.activeElement)) field().focus();
  }, 50);
  return waiting;
}

// The listener stays when the component goes: between two answers, when the old one is gone and the new one is not there yet, a
// key would be lost. Without the field it does nothing.
function listen() {
  document.removeEventListener("keydown", document.castmindSearchKeys);
  document.castmindSearchKeys = pressed;
  document.addEventListener("keydown", pressed);
}

export default function mount({ data: [data], parentElement }) {
  const place = parentElement;
  // Streamlit calls this at every change of data, not always with a cleanup before.
  if (!place.castmindWaits) {
    listen();
    const waiting = whenDrawn(data.focus);
    place.castmindWaits = () => clearInterval(waiting);
  }
  return () =>
    setTimeout(() => {
      if (place.isConnected) return;
      place.castmindWaits?.();
      delete place.castmindWaits;
    });
}
