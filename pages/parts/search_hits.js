// Keys of the search page. The links and the field belong to the page around this component, which draws nothing itself.
//
//   /  ─▶ the field      ↓ ↑  ─▶ the next or last link      Escape ─▶ back to the field

const FIELD = "[class*=st-key-search-q] input";
const LINKS = "[class*=st-key-found-] a";

const typing = (element) => element?.matches?.("input, textarea, select, [contenteditable=true]") ?? false;

export default function ({ data }) {
  const field = () => document.querySelector(FIELD);

  function step(by) {
    const links = [...document.querySelectorAll(LINKS)];
    const at = links.indexOf(document.activeElement);
    const next = at + by;
    if (next < 0) field()?.focus();
    else links[Math.min(next, links.length - 1)]?.focus();
  }

  function pressed(event) {
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
  const waiting = setInterval(() => {
    if (!field()) return;
    clearInterval(waiting);
    field().setAttribute("aria-keyshortcuts", "/");
    // Where a finger types, the keyboard would cover what the page has to say.
    if (data?.[0]?.focus && matchMedia("(hover: hover)").matches && !typing(document.activeElement)) field().focus();
  }, 50);
  document.addEventListener("keydown", pressed);
  return () => {
    clearInterval(waiting);
    document.removeEventListener("keydown", pressed);
  };
}
