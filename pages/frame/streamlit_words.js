// Streamlit's own words in another language: changed where Streamlit puts them, and only when they are known ones.
//
//   mutation of the page ─▶ an element of PARTS? ─▶ its text or attribute is one of the pairs ─▶ set the other one
//
// React sets a text only when its own changes, so ours stays; ours is no known one, so nothing goes in a circle. What people and
// publishers write stands elsewhere, or is no known text.

// Where Streamlit's words are texts.
const WORD_PARTS = [
  "[data-testid=InputInstructions]",
  "[data-testid=stFileUploaderDropzone]",
  "[data-testid^=stTooltipError]",
  "[data-testid=stAudioInput]",
  "[data-testid=stNumberInputContainer]",
  "[data-testid=stToastViewButton]",
  "[data-testid=stSkipToContent]",
  "[data-live-announcer]",
  "[role=listbox][data-empty]",
  '[role=option][data-key^="__"]',
  // The dialog about a lost connection; dialogs of pages have blocks.
  "[data-testid=stDialog] section:not(:has([data-testid=stVerticalBlock]))",
].join();
// The names of files stand among them.
const NO_WORDS = "[data-testid=stFileChipName]";
// Where they are attributes.
const NAMED = ["button", "a", "[data-testid=stToastContainer]", "[data-testid=stFileUploaderDropzoneInput]", "[data-testid=stProgress]"];
const ATTRIBUTE_PARTS = [
  ["aria-label", NAMED.join()],
  ["placeholder", "[data-testid=stSelectbox] input, [data-testid=stMultiSelect] input"],
];
const ICON = '[role=img][aria-label$=" icon"]';

class StreamlitWords {
  constructor() {
    this.observer = new MutationObserver((changes) => this.follow(changes));
  }

  use(pairs) {
    const state = JSON.stringify(pairs);
    if (state === this.state) return;
    this.state = state;
    this.observer.disconnect();
    this.exact = new Map(pairs.filter(([words]) => !words.includes("{")));
    this.patterns = pairs.filter(([words]) => words.includes("{")).map(([words, other]) => [pattern(words), other]);
    if (!pairs.length) return;
    const attributeFilter = ATTRIBUTE_PARTS.map(([name]) => name);
    this.observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter });
    this.within(document.body);
  }

  follow(changes) {
    for (const { type, target, addedNodes } of changes) {
      if (type === "characterData") this.text(target);
      else if (type === "attributes") this.attributes(target);
      else for (const node of addedNodes) node.nodeType === Node.TEXT_NODE ? this.text(node) : this.within(node);
    }
  }

  within(root) {
    if (root.nodeType !== Node.ELEMENT_NODE) return;
    for (const [name, parts] of ATTRIBUTE_PARTS) {
      for (const each of [root, ...root.querySelectorAll(parts)]) this.attribute(each, name, parts);
    }
    for (const icon of [root, ...root.querySelectorAll(ICON)]) if (icon.matches(ICON)) icon.ariaHidden = "true";
    const parts = root.closest(WORD_PARTS) ? [root] : root.querySelectorAll(WORD_PARTS);
    for (const part of parts) {
      const texts = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) this.text(texts.currentNode);
    }
  }

  text(node) {
    if (!node.parentElement?.closest(WORD_PARTS) || node.parentElement.closest(NO_WORDS)) return;
    const other = this.other(node.data);
    if (other !== undefined) node.data = other;
  }

  attributes(element) {
    for (const [name, parts] of ATTRIBUTE_PARTS) this.attribute(element, name, parts);
  }

  attribute(element, name, parts) {
    if (!element.matches(parts)) return;
    const other = this.other(element.getAttribute(name));
    if (other !== undefined) element.setAttribute(name, other);
  }

  other(words) {
    if (!words) return undefined;
    const found = this.exact.get(words);
    if (found !== undefined) return found;
    for (const [known, other] of this.patterns) {
      const places = known.exec(words)?.groups;
      if (places) return fill(other, places);
    }
    return undefined;
  }

  stop() {
    this.observer.disconnect();
  }
}

// "Help for {name}" ─▶ /^Help for (?<name>.+)$/s
const pattern = (words) => {
  const parts = words.split(/\{(\w+)\}/);
  return new RegExp(`^${parts.map((part, at) => (at % 2 ? `(?<${part}>.+?)` : part.replace(/[.*+?^$()[\]\\|]/g, "\\$&"))).join("")}$`, "s");
};
