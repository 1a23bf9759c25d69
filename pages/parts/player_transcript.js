// The transcript: sentences in paragraphs, the one being heard marked and kept in view unless the reader scrolled.
// Paragraphs outside the view are not laid out (content-visibility), so ten hours open as fast as one.

const PAUSE_BETWEEN_PARAGRAPHS = 2.5;
const PARAGRAPH_LENGTH = 420;
// A citation may start a breath before its sentence does.
const EARLY = 0.05;
const UNSPACED = /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]|[\ud840-\udfff]/;

const paragraphs = (segments) => {
  const made = [];
  let length = 0;
  for (const [index, segment] of segments.entries()) {
    const before = segments[index - 1];
    const breaks =
      !before ||
      length > PARAGRAPH_LENGTH ||
      segment.speaker !== before.speaker ||
      segment.start - before.end > PAUSE_BETWEEN_PARAGRAPHS;
    if (breaks) {
      made.push([]);
      length = 0;
    }
    made.at(-1).push(segment);
    length += segment.text.length;
  }
  return made;
};

const gap = (before, after) => (UNSPACED.test(before.trim().slice(-1)) || UNSPACED.test(after.trim()[0] || "") ? "" : " ");

class TranscriptPane {
  constructor(onSeek) {
    this.onSeek = onSeek;
    this.segments = [];
    this.sentences = [];
    this.current = -1;
    this.following = true;
    this.status = element("p", { testid: "transcript-status", className: "partial", role: "status", hidden: true });
    this.body = element("div", { testid: "transcript" });
    this.scroll = element("div", { className: "scroll", tabIndex: 0, role: "region" }, this.status, this.body);
    this.back = element("button", { testid: "follow", type: "button", className: "back", hidden: true, onclick: () => this.follow() });
    this.root = element("section", { className: "pane transcript" }, this.scroll, this.back);
    for (const name of ["wheel", "touchmove", "pointerdown"]) {
      this.scroll.addEventListener(name, (event) => this.scrolledByReader(event), { passive: true });
    }
    this.scroll.addEventListener("keydown", (event) => {
      if (["PageUp", "PageDown", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) this.leave();
    });
  }

  async show({ transcript, partial, language, text }) {
    this.text = text;
    this.back.textContent = text.follow;
    this.scroll.setAttribute("aria-label", text.transcript);
    if (language) this.body.lang = language;
    if (transcript && transcript === this.address) return;
    this.address = transcript;
    if (!transcript) {
      this.draw(partial, partial.length ? text.partial : text.no_transcript);
      return;
    }
    this.fetching?.abort();
    this.fetching = new AbortController();
    if (!this.segments.length) this.say(text.loading);
    try {
      const answer = await fetch(transcript, { signal: this.fetching.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      const { segments, language: spoken } = await answer.json();
      this.body.lang = spoken || "";
      this.draw(segments, segments.length ? "" : text.silence);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.address = null;
      this.say(text.transcript_trouble);
    }
  }

  say(message) {
    this.status.textContent = message;
    this.status.hidden = !message;
  }

  draw(segments, message) {
    this.say(message);
    this.segments = segments;
    this.sentences = [];
    this.current = -1;
    this.body.replaceChildren(...paragraphs(segments).map((group) => this.paragraph(group)));
    this.mark(this.now || 0);
  }

  paragraph(group) {
    const text = element("p");
    for (const [index, segment] of group.entries()) {
      const sentence = element("span", {
        testid: `segment-${segment.id}`,
        className: "sentence",
        textContent: segment.text.trim(),
        title: clock(segment.start),
        onclick: () => this.choose(segment.start),
      });
      this.sentences.push(sentence);
      text.append(index ? gap(group[index - 1].text, segment.text) : "", sentence);
    }
    const start = group[0].start;
    const time = element("button", { type: "button", className: "time", textContent: clock(start), onclick: () => this.choose(start) });
    return element("div", { className: "paragraph" }, time, text);
  }

  choose(seconds) {
    // A click that ends a selection is somebody copying, not seeking.
    if (!document.getSelection()?.isCollapsed) return;
    this.follow();
    this.onSeek(seconds);
  }

  // Last sentence that starts at or before `seconds`; -1 before the first.
  at(seconds) {
    let low = 0;
    let high = this.segments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.segments[middle].start <= seconds + EARLY) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  mark(seconds) {
    this.now = seconds;
    const index = this.at(seconds);
    if (index !== this.current) {
      this.sentences[this.current]?.classList.remove("current");
      this.sentences[this.current]?.removeAttribute("aria-current");
      this.sentences[index]?.classList.add("current");
      this.sentences[index]?.setAttribute("aria-current", "true");
      this.current = index;
    }
    if (this.following && seconds > 0) this.keepInView();
  }

  cite(start, end) {
    for (const sentence of this.body.querySelectorAll(".cited")) sentence.classList.remove("cited");
    const last = this.at(Math.max(start, (end ?? start) - 2 * EARLY));
    for (let index = Math.max(0, this.at(start)); index <= last; index += 1) this.sentences[index].classList.add("cited");
    this.follow();
  }

  keepInView() {
    const sentence = this.sentences[this.current];
    if (!sentence || !this.scroll.clientHeight) return;
    const view = this.scroll.getBoundingClientRect();
    const place = sentence.getBoundingClientRect();
    const comfortable = place.top >= view.top + 0.08 * view.height && place.bottom <= view.bottom - 0.2 * view.height;
    if (!comfortable) this.scroll.scrollTop += place.top - view.top - 0.3 * view.height;
  }

  scrolledByReader(event) {
    const onScrollbar = event.type === "pointerdown" && event.offsetX < this.scroll.clientWidth;
    if (!onScrollbar) this.leave();
  }

  leave() {
    if (this.current < 0 || this.scroll.scrollHeight <= this.scroll.clientHeight) return;
    this.following = false;
    this.back.hidden = false;
  }

  follow() {
    this.following = true;
    this.back.hidden = true;
    this.keepInView();
  }

  close() {
    this.fetching?.abort();
  }
}
