// The notes: every time in them moves the player; what code could not find in the transcript says so.

class NotesPane {
  constructor(onCite) {
    this.onCite = onCite;
    this.scroll = element("div", { testid: "notes", className: "scroll", tabIndex: 0, role: "region" });
    this.root = element("section", { className: "pane notes" }, this.scroll);
  }

  show({ notes, notes_version: version, text }) {
    this.scroll.setAttribute("aria-label", text.notes);
    if (this.version === version && this.text?.notes === text.notes && this.text?.no_notes === text.no_notes) return;
    this.version = version;
    this.text = text;
    this.scroll.replaceChildren(...(notes ? this.sections(notes) : [element("p", { className: "empty", textContent: text.no_notes })]));
  }

  sections(notes) {
    const { text } = this;
    const list = (name, title, entries, draw) =>
      entries.length
        ? [
            element("h3", { textContent: title }),
            element("ol", { testid: name, className: "entries" }, ...entries.map((entry, index) => draw.call(this, entry, index))),
          ]
        : [];
    return [
      element("p", { testid: "gist", className: "gist", textContent: notes.gist }),
      element("p", { testid: "notes-label", className: "label", textContent: notes.label }),
      ...list("points", text.points, notes.points, this.point),
      ...list("chapters", text.chapters, notes.chapters, this.chapter),
      ...list("terms", text.terms, notes.terms, this.term),
      ...list("actions", text.actions, notes.actions, this.action),
    ].map((part) => this.inLanguage(part, notes.language));
  }

  inLanguage(part, language) {
    if (language) part.lang = language;
    return part;
  }

  point(point, index) {
    return this.claim(`point-${index}`, point, element("p", { textContent: point.text }));
  }

  action(action, index) {
    return this.claim(`action-${index}`, action, element("p", { textContent: action.text }));
  }

  term(term, index) {
    const name = element("p", {}, element("span", { className: "name", textContent: term.text }));
    if (term.explanation) name.append(element("span", { className: "aside", textContent: ` — ${term.explanation}` }));
    return this.claim(`term-${index}`, term, name);
  }

  chapter(chapter, index) {
    return element(
      "li",
      { testid: `chapter-${index}` },
      element("div", { className: "line" }, this.time(`chapter-${index}`, chapter), element("span", { className: "name", textContent: chapter.title })),
      chapter.summary ? element("p", { className: "aside", textContent: chapter.summary }) : null,
    );
  }

  // A claim with its evidence: the quote, and where it is heard, or that it was not found.
  claim(name, { quote, start, end, verified }, head) {
    const found = start !== null && start !== undefined;
    const evidence = quote || found
      ? element(
          "div",
          { className: "evidence" },
          found ? this.time(name, { start, end }) : null,
          quote ? element("q", { testid: `${name}-quote`, textContent: quote }) : null,
        )
      : null;
    const item = element("li", { testid: name, className: verified || !quote ? "" : "unverified" }, head, evidence);
    if (quote && !verified) {
      item.append(element("p", { testid: `${name}-unverified`, className: "badge", textContent: this.text.unverified }));
    }
    return item;
  }

  time(name, { start, end }) {
    return element("button", {
      testid: `${name}-time`,
      type: "button",
      className: "time",
      textContent: clock(start),
      "aria-label": `${this.text.play_from} ${clock(start)}`,
      onclick: () => this.onCite(start, end),
    });
  }
}
