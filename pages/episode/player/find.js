// Find in the transcript: n of m, next and previous, all hits marked. Case, accents and letter width are ignored.

const MOST_MARKED = 3000;

class Find {
  constructor(transcript) {
    this.transcript = transcript;
    this.field = element("input", { testid: "find", type: "search", autocomplete: "off", spellcheck: false });
    this.count = element("span", { testid: "find-count", className: "count", role: "status" });
    this.previous = action("find-previous", "", PREVIOUS, () => this.go(-1));
    this.next = action("find-next", "", NEXT, () => this.go(1));
    this.shut = action("find-close", "", CLOSE, () => this.close());
    this.root = element("div", { testid: "find-bar", className: "find", role: "search", hidden: true }, this.field, this.count, this.previous, this.next, this.shut);
    this.field.oninput = () => this.look();
    this.field.onkeydown = (event) => {
      if (composing(event)) return;
      if (event.key === "Enter") this.go(event.shiftKey ? -1 : 1);
      else if (event.key === "Escape") this.close();
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    this.hits = [];
  }

  show(text) {
    this.text = text;
    this.field.placeholder = text.find;
    for (const [part, words] of [[this.field, text.find], [this.previous, text.previous], [this.next, text.next], [this.shut, text.close]]) {
      part.setAttribute("aria-label", words);
      if (part !== this.field) part.title = words;
    }
  }

  open() {
    if (this.root.hidden) this.before = this.root.getRootNode().activeElement;
    this.root.hidden = false;
    this.field.focus();
    this.field.select();
    if (this.field.value) this.look();
  }

  close() {
    this.root.hidden = true;
    this.hits = [];
    paint("find", []);
    paint("found", []);
    (this.before?.isConnected ? this.before : this.transcript.scroll).focus({ preventScroll: true });
  }

  // Search; also after sentences changed, because the hits move then.
  look({ stay = false } = {}) {
    if (this.root.hidden) return;
    const wanted = folded(this.field.value.trim()).replace(/\s+/g, " ");
    this.hits = wanted ? this.transcript.segments.flatMap((segment, index) => this.inside(segment, index, wanted)) : [];
    const near = this.hits.findIndex(({ index }) => index >= Math.max(0, this.transcript.current));
    this.at = stay ? Math.min(this.at, this.hits.length - 1) : Math.max(0, near);
    this.draw({ moves: !stay });
  }

  inside(segment, index, wanted) {
    if (this.cache?.get(segment) === undefined) (this.cache ??= new WeakMap()).set(segment, foldedWithPlaces(segment.text));
    const { text, places } = this.cache.get(segment);
    const found = [];
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
      found.push({ index, from: places[at], to: places[at + wanted.length] });
    }
    return found;
  }

  go(by) {
    if (!this.hits.length) return;
    this.at = (this.at + by + this.hits.length) % this.hits.length;
    this.draw({ moves: true });
  }

  draw({ moves }) {
    const { spans } = this.transcript;
    const range = ({ index, from, to }) => rangeIn(spans[index], from, to);
    const here = this.hits[this.at];
    const looked = Boolean(this.field.value.trim());
    this.count.textContent = here ? fill(this.text.find_count, { n: this.at + 1, m: this.hits.length }) : looked ? this.text.find_none : "";
    paint("find", this.hits.slice(0, MOST_MARKED).map(range).filter(Boolean));
    paint("found", here ? [range(here)].filter(Boolean) : []);
    if (!here || !moves) return;
    this.transcript.leave();
    this.transcript.keepInView(here.index);
  }
}
