// Chapters and transcripts from the publisher or the file; a select chooses where several exist.
//
//   GET …/supplied ─▶ list of sources ─▶ chapters: the first of publisher, file, notes   transcript: ours until one is chosen

class Supplied {
  // `hooks`: chapters(list, select), transcript(address or null), say(message).
  constructor(hooks) {
    this.hooks = hooks;
    this.chapters = element("select", { testid: "chapter-source", className: "source", onchange: () => this.fetchChapters(this.chapters.value) });
    this.transcript = element("select", { testid: "transcript-source", className: "source", hidden: true, onchange: () => this.turn() });
  }

  // `part` "publisher": the URL asks for the publisher's transcript.
  show({ id, notes_version: version, text, transcript, part }) {
    const key = `${id} ${version} ${Boolean(transcript)} ${text.source_notes}`;
    if (this.key === key) return;
    Object.assign(this, { key, id, text, ours: Boolean(transcript), published: part === "publisher" });
    this.chapters.setAttribute("aria-label", text.chapter_source);
    this.transcript.setAttribute("aria-label", text.transcript_source);
    this.load();
  }

  get base() {
    return `/api/v1/episodes/${this.id}`;
  }

  async load() {
    try {
      const { chapters, transcript } = await ask(this.text, `${this.base}/supplied`);
      this.fillIn(this.chapters, chapters);
      this.fillIn(this.transcript, [...(this.ours ? ["ours"] : []), ...transcript]);
      this.transcript.hidden = !transcript.length;
      if (chapters.length) await this.fetchChapters(chapters[0]);
      else this.hooks.chapters([], null);
      if (this.published && transcript.includes("publisher")) this.transcript.value = "publisher";
      if (this.published || (transcript.length && !this.ours)) this.turn();
    } catch (error) {
      this.hooks.say(error.message);
    }
  }

  fillIn(select, sources) {
    const before = select.value;
    select.replaceChildren(...sources.map((value) => element("option", { value, textContent: this.text[`source_${value}`] })));
    if (sources.includes(before)) select.value = before;
  }

  async fetchChapters(source) {
    try {
      const { items } = await ask(this.text, `${this.base}/chapters?source=${source}`);
      // A single source needs no select, unless it is not the notes: then its name is shown.
      this.hooks.chapters(items, this.chapters.options.length > 1 || source !== "notes" ? this.chapters : null);
    } catch (error) {
      this.hooks.say(error.message);
    }
  }

  turn() {
    this.hooks.transcript(this.transcript.value === "ours" ? null : `${this.base}/supplied/transcript`);
  }
}
