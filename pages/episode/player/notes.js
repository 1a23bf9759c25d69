// The notes: every time in them seeks; a claim whose quote was not found in the transcript is labelled.
//
//   head: gist, model and quality, write again (again.js), versions (versions.js)
//   hover or focus a point ─▶ its quote is marked in the transcript

class NotesPane {
  // `hooks`: cite(place), hint(place or null), changed(), say(message, more).
  constructor(hooks) {
    this.hooks = hooks;
    this.again = new NotesAgain(hooks);
    this.versions = new Versions(hooks);
    this.heading = element("h2", { className: "unseen" });
    this.head = element("div", {});
    this.content = element("div", {});
    this.root = element(
      "section",
      { testid: "notes", className: "pane scroll notes", id: "castmind-notes", tabIndex: -1 },
      this.heading, this.head, element("div", { className: "row" }, this.again.opener, this.versions.opener),
      this.again.state, this.versions.list, this.content,
    );
  }

  // Dialogs that open over the whole page.
  get dialogs() {
    return [this.again.root, this.versions.comparison.root];
  }

  show(data) {
    const { notes, notes_version: version, text } = data;
    const same = this.version === version && this.text === text;
    this.text = text;
    this.heading.textContent = text.notes;
    this.again.show(data);
    this.versions.show(data);
    if (same) return;
    this.version = version;
    this.notes = notes;
    this.draw();
  }

  // Show chapters of the publisher, the file or the notes; `select` is the control that switches between them.
  setChapters(list, select) {
    Object.assign(this, { chapters: list, select });
    this.draw();
  }

  draw() {
    const { notes, text } = this;
    const chapters = this.chapterList();
    this.head.replaceChildren(
      ...(notes
        ? [
            this.inLanguage(element("p", { testid: "gist", className: "gist", textContent: notes.gist }), notes.language),
            element("p", { testid: "notes-label", className: "label", textContent: notes.label }),
          ]
        : [element("p", { className: "empty", textContent: text?.no_notes })]),
    );
    this.content.replaceChildren(...(notes ? this.sections(notes, chapters) : chapters));
  }

  chapterList() {
    const list = this.chapters ?? this.notes?.chapters ?? [];
    if (!list.length) return [];
    return [
      element("div", { className: "line between" }, element("h3", { textContent: this.text.chapters }), this.select ?? null),
      element("ol", { testid: "chapters", className: "entries" }, ...list.map((entry, index) => this.chapter(entry, index))),
    ];
  }

  sections(notes, chapters) {
    const { text } = this;
    const list = (name, title, entries, draw) =>
      entries?.length
        ? [
            element("h3", { textContent: title }),
            element("ol", { testid: name, className: "entries" }, ...entries.map((entry, index) => draw.call(this, entry, index))),
          ]
        : [];
    return [
      ...list("points", text.points, notes.points, this.point),
      ...chapters,
      ...list("terms", text.terms, notes.terms, this.term),
      ...list("actions", text.actions, notes.actions, this.action),
    ].map((part) => this.inLanguage(part, notes.language));
  }

  // Titles are in the app's language; everything else is in the language of the notes.
  inLanguage(part, language) {
    if (language && !part.matches("h3, .between")) part.lang = language;
    return part;
  }

  point(point, index) {
    return this.claim(`point-${index}`, point, element("p", { textContent: point.text }));
  }

  action(entry, index) {
    return this.claim(`action-${index}`, entry, element("p", { textContent: entry.text }));
  }

  term(term, index) {
    const name = element("p", {}, element("span", { className: "name", textContent: term.text }));
    if (term.explanation) name.append(element("span", { className: "aside", textContent: ` — ${term.explanation}` }));
    return this.claim(`term-${index}`, term, name);
  }

  chapter(chapter, index) {
    const leads = [["link", chapter.link, this.text.chapter_link], ["picture", chapter.picture, this.text.chapter_picture]];
    const anchors = leads.filter(([, href]) => href).map(([kind, href, textContent]) =>
      element("a", { testid: `chapter-${index}-${kind}`, className: "aside", href, target: "_blank", rel: "noopener noreferrer", textContent }));
    const name = element("span", { className: "name", textContent: chapter.title });
    return element(
      "li",
      { testid: `chapter-${index}` },
      element("div", { className: "line" }, this.time(`chapter-${index}`, chapter), name, ...anchors),
      chapter.summary ? element("p", { className: "aside", textContent: chapter.summary }) : null,
    );
  }

  // Draw a claim with its evidence: the quote and its time, or a label that the quote was not found.
  claim(name, { quote, start, end, verified }, head) {
    const found = start !== null && start !== undefined;
    const place = { quote: verified ? quote : "", start, end };
    const evidence = quote || found
      ? element(
          "div",
          { className: "evidence" },
          found ? this.time(name, place) : null,
          quote ? element("q", { testid: `${name}-quote`, textContent: quote }) : null,
        )
      : null;
    const item = element("li", { testid: name, className: verified || !quote ? "" : "unverified" }, head, evidence);
    if (quote && !verified) {
      item.append(element("p", { testid: `${name}-unverified`, className: "badge", textContent: this.text.unverified }));
    }
    if (found) this.hinting(item, place);
    return item;
  }

  hinting(item, place) {
    for (const name of ["pointerenter", "focusin"]) item.addEventListener(name, () => this.hooks.hint(place));
    for (const name of ["pointerleave", "focusout"]) item.addEventListener(name, () => this.hooks.hint(null));
  }

  time(name, place) {
    return element("button", {
      testid: `${name}-time`,
      type: "button",
      className: "time",
      textContent: clock(place.start),
      "aria-label": fill(this.text.play_from, { time: clock(place.start) }),
      onclick: () => this.hooks.cite(place),
    });
  }
}
