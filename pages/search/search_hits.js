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

// Move one step per key press, even while an old and a new mount of the component both listen.
function pressed(event) {
  if (event.defaultPrevented) return;
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

export default function mount({ data: [data], parentElement }) {
  const place = parentElement;
  // Streamlit calls this at every change of data, not always with a cleanup before: listen once per mount. Each mount has its
  // own listener, because an old mount may be removed after the next one is added.
  if (!place.castmindKeys) {
    const listen = (event) => pressed(event);
    const waiting = whenDrawn(data.focus);
    document.addEventListener("keydown", listen);
    place.castmindKeys = () => {
      clearInterval(waiting);
      document.removeEventListener("keydown", listen);
    };
  }
  return () =>
    setTimeout(() => {
      if (place.isConnected) return;
      place.castmindKeys?.();
      delete place.castmindKeys;
    });
}
