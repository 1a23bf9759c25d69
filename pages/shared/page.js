// Building blocks of the pages. Text from elsewhere enters through `textContent` only.

// Whether the reader may change what everybody sees. The server decides; this only hides what it would refuse.
const mayEdit = () => document.documentElement.dataset.role !== "viewer";

const LINKED = ["http:", "https:", "blob:"];

// `edits`: a control for those who may edit; it is not shown to others.
const element = (tag, { testid, edits = false, ...properties } = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("aria-") || name === "role" || name === "lang") made.setAttribute(name, value);
    else made[name] = value;
  }
  // A feed or a model may have written the address: javascript: and the like lead nowhere.
  if (made.href && !LINKED.includes(made.protocol)) made.removeAttribute("href");
  if (testid) made.dataset.testid = testid;
  if (edits && !mayEdit()) made.style.setProperty("display", "none", "important");
  made.append(...children.filter((child) => child !== null));
  return made;
};

const icon = (path) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
};

// Icon paths of the buttons, in a 24 × 24 square.
const PLAY = "M8 5v14l11-7z";
const PAUSE = "M6 5h4v14H6zM14 5h4v14h-4z";
const LOUD = "M3 9v6h4l5 5V4L7 9H3zm13.5 3A4.5 4.5 0 0 0 14 7.97v8.05A4.5 4.5 0 0 0 16.5 12zM14 3.23v2.06a7 7 0 0 1 0 13.42v2.06a9 9 0 0 0 0-17.54z";
const MUTE = "M3 9v6h4l5 5V4L7 9H3zm18 .4L19.6 8 17 10.6 14.4 8 13 9.4l2.6 2.6-2.6 2.6 1.4 1.4 2.6-2.6 2.6 2.6 1.4-1.4-2.6-2.6z";
const PEN = "M3 17.25V21h3.75L17.8 9.94l-3.75-3.75zM20.7 7.04a1 1 0 0 0 0-1.41l-2.34-2.34a1 1 0 0 0-1.41 0l-1.83 1.83 3.75 3.75z";
const QUOTE = "M6 17h3l2-4V7H5v6h3zm8 0h3l2-4V7h-6v6h3z";
const CUT = "M9.6 7.6a4 4 0 1 0-2 2L10 12l-2.4 2.4a4 4 0 1 0 2 2L12 14l7 7h3v-1zM6 8a2 2 0 1 1 0-4 2 2 0 0 1 0 4zm0 12a2 2 0 1 1 0-4 2 2 0 0 1 0 4zM19 3l-6 6 2 2 7-7V3z";
const LINK = "M3.9 12A3.1 3.1 0 0 1 7 8.9h4V7H7a5 5 0 0 0 0 10h4v-1.9H7A3.1 3.1 0 0 1 3.9 12zM8 13h8v-2H8zm9-6h-4v1.9h4a3.1 3.1 0 0 1 0 6.2h-4V17h4a5 5 0 0 0 0-10z";
const REMARK = "M20 2H4a2 2 0 0 0-2 2v18l4-4h14a2 2 0 0 0 2-2V4a2 2 0 0 0-2-2zM6 9h12v2H6zm8 5H6v-2h8zm4-6H6V6h12z";
const BIN = "M6 19a2 2 0 0 0 2 2h8a2 2 0 0 0 2-2V7H6zM19 4h-3.5l-1-1h-5l-1 1H5v2h14z";
const PREVIOUS = "M7.4 15.4 12 10.8l4.6 4.6L18 14l-6-6-6 6z";
const NEXT = "M7.4 8.6 12 13.2l4.6-4.6L18 10l-6 6-6-6z";
const CLOSE = "M19 6.4 17.6 5 12 10.6 6.4 5 5 6.4 10.6 12 5 17.6 6.4 19 12 13.4 17.6 19 19 17.6 13.4 12z";
const SEARCH = "M15.5 14h-.8l-.3-.3a6.5 6.5 0 1 0-.7.7l.3.3v.8l5 5 1.5-1.5zm-6 0a4.5 4.5 0 1 1 0-9 4.5 4.5 0 0 1 0 9z";
const PEOPLE = "M16 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zm-8 0a3 3 0 1 0 0-6 3 3 0 0 0 0 6zm0 2c-2.3 0-7 1.2-7 3.5V19h14v-2.5C15 14.2 10.3 13 8 13zm8 0h-1c1.2.8 2 2 2 3.5V19h6v-2.5c0-2.3-4.7-3.5-7-3.5z";

const STAR = "M12 17.3 18.2 21l-1.6-7L22 9.2l-7.2-.6L12 2 9.2 8.6 2 9.2 7.5 14l-1.7 7z";
const STAR_OPEN =
  "M22 9.2l-7.2-.6L12 2 9.2 8.6 2 9.2l5.5 4.8L5.8 21 12 17.3l6.2 3.7-1.6-7zM12 15.4l-3.8 2.3 1-4.3-3.3-2.9 4.4-.4L12 6.1l1.7 4 4.4.4-3.3 2.9 1 4.3z";

// Whether a key or an input is the input method's own. Safari sends the Enter that ends a composition after its end, as 229.
const composing = (event) => event.isComposing || event.keyCode === 229;

// The heading of a page stands in the page itself or in one of its components.
const pageHeading = () => {
  const main = document.querySelector("[data-testid=stMain]");
  const hosts = [...(main?.querySelectorAll("[data-testid=stBidiComponentIsolated]") ?? [])];
  return main?.querySelector("h1") ?? hosts.map((host) => host.shadowRoot?.querySelector("h1")).find(Boolean) ?? null;
};

// Turn to another page inside the app: one rerun, and the sound plays on. Streamlit follows the browser's history, so that a
// new entry and its event are enough.
const goTo = (href) => {
  const to = new URL(href, location.href);
  if (to.href === location.href) return;
  history.pushState({}, "", to);
  window.dispatchEvent(new PopStateEvent("popstate"));
};

// Follow a link inside the app; the browser itself opens new tabs and windows.
const follow = (event, href) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button) return;
  event.preventDefault();
  goTo(href);
};

const clock = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60;
  return whole >= 3600 ? `${Math.floor(whole / 3600)}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
};

// The reader's own variant of the pages' language, which decides the order of a date.
const nearest = (language) => navigator.languages.find((each) => each.startsWith(language)) ?? (language === "en" ? "en-GB" : language);

// Format a date and time for this reader: the browser's time zone, its region's order, 12 or 24 hours.
const moment = (iso, language) => {
  if (!iso) return "";
  const { hourCycle } = new Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions();
  return new Intl.DateTimeFormat(nearest(language), { year: "numeric", month: "short", day: "numeric", hour: "numeric", minute: "2-digit", hourCycle }).format(new Date(iso));
};

// Format a date without its time.
const day = (iso, language) => (iso ? new Intl.DateTimeFormat(nearest(language), { year: "numeric", month: "short", day: "numeric" }).format(new Date(iso)) : "");

// The browser may forbid storage: then positions and speeds are not remembered, and nothing else changes.
const remembered = (name) => {
  try {
    return localStorage.getItem(`castmind.${name}`);
  } catch {
    return null;
  }
};

const remember = (name, value) => {
  try {
    localStorage.setItem(`castmind.${name}`, String(value));
  } catch {
    return;
  }
};

const forget = (name) => {
  try {
    localStorage.removeItem(`castmind.${name}`);
  } catch {
    return;
  }
};

// Fill in the places of a text: `{n}`, and words that follow a number, `{n|hit|hits}`.
const fill = (text, values) =>
  text.replace(/\{(\w+)(?:\|([^|{}]*)\|([^|{}]*))?\}/g, (place, name, one, many) => {
    if (values[name] === undefined) return place;
    return one === undefined ? String(values[name]) : String(values[name]) === "1" ? one : many;
  });

// The sentence for an error of the API: of its case, else of its code. `errors` are sentences by code, with unfilled places.
const sentenceFor = ({ code, params = {} }, errors = {}) => {
  const said = [errors[`${code}.${params.case}`], errors[code], errors.internal].filter(Boolean).map((text) => fill(text, params));
  return said.find((text) => !/\{\w+[|}]/.test(text));
};

// A request to the HTTP API. An error answer is thrown as Refusal, with a sentence in the reader's language.
class Refusal extends Error {
  constructor(message, { status = 0, code = "", params = {} } = {}) {
    super(message);
    Object.assign(this, { status, code, params });
  }
}

const refusal = async (answer, text) => {
  const told = await answer.json().catch(() => ({}));
  const params = told.params || {};
  return new Refusal(sentenceFor({ code: told.code, params }, text.errors) ?? text.went_wrong, { status: answer.status, code: told.code, params });
};

const ask = async (text, address, { method = "GET", body, keepalive = false, signal } = {}) => {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  let answer;
  try {
    answer = await fetch(address, { method, headers, keepalive, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal(text.no_connection);
  }
  if (!answer.ok) throw await refusal(answer, text);
  return answer.status === 204 ? null : answer.json();
};

// Without https the browser blocks the clipboard API, but still copies a selection in a field.
const copyText = async (words) => {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(words);
  const field = element("textarea", { value: words, readOnly: true });
  field.style.cssText = "position:fixed;inset:0;opacity:0";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Refusal("clipboard");
  return undefined;
};

const action = (testid, label, path, onclick, more = {}) => {
  const made = element("button", { testid, type: "button", title: label, "aria-label": label, onclick, ...more });
  made.append(icon(path));
  return made;
};

// Show one message at a time at the foot of the window, with "Undo" where possible.
class Messages {
  // `name`: the test id, on a page with messages of two components.
  constructor(name = "message") {
    this.line = element("span", { className: "message" });
    this.again = element("button", { testid: `${name}-action`, type: "button", hidden: true });
    this.shut = element("button", { testid: `${name}-close`, type: "button", className: "shut", textContent: "×", onclick: () => this.hide() });
    this.root = element("div", { testid: name, className: "toast", hidden: true }, this.line, this.again, this.shut);
    // The live region exists empty from the start: screen readers skip one that is inserted with its text.
    this.region = element("div", { role: "status", "aria-live": "polite", className: "region" }, this.root);
    this.root.onpointerenter = () => clearTimeout(this.timer);
    this.root.onpointerleave = () => this.later();
  }

  name(close) {
    this.shut.setAttribute("aria-label", close);
  }

  say(message, { label = "", onclick = null, stays = false } = {}) {
    this.line.textContent = message;
    this.again.hidden = !label;
    this.again.textContent = label;
    this.again.onclick = () => {
      this.hide();
      onclick?.();
    };
    this.stays = stays;
    this.root.hidden = false;
    this.later();
  }

  later() {
    clearTimeout(this.timer);
    if (!this.stays) this.timer = setTimeout(() => this.hide(), 9000);
  }

  hide() {
    clearTimeout(this.timer);
    this.root.hidden = true;
  }
}
