// Keys of the search page. The links and the field belong to the page around this component, which draws nothing itself.
//
//   /  ─▶ the field      ↓ ↑  ─▶ the next or last link      Escape ─▶ back to the field

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

// One press moves one step, also while an old mount of the component and a new one both listen.
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

// The field may be drawn later than this component.
function whenDrawn(wanted) {
  const waiting = setInterval(() => {
    if (!field()) return;
    clearInterval(waiting);
    field().setAttribute("aria-keyshortcuts", "/");
    // Where a finger types, the keyboard would cover what the page has to say.
    if (wanted && matchMedia("(hover: hover)").matches && !typing(document.activeElement)) field().focus();
  }, 50);
  return waiting;
}

export default function mount({ data: [data], parentElement }) {
  const place = parentElement;
  // Streamlit calls this at every change of data, and not always cleans up before: a key is listened to once. Each place has a
  // listener of its own, for it can be taken away after the next one has come.
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
