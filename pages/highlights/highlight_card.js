// One highlight: its quote and remark, where it was said, and what can be done with it.

const COLOURS = ["yellow", "green", "blue", "pink"];

class HighlightCard {
  // `hooks`: change(row, values), remove(row), play(row).
  constructor(row, text, hooks) {
    Object.assign(this, { row, text, hooks });
    this.root = element("li", { testid: `highlight-${row.id}` });
    this.draw();
  }

  draw() {
    const { row, text } = this;
    this.root.className = `card ${row.colour}`;
    const place = `/episode?id=${row.episode_id}&t=${row.start}&part=highlights`;
    const link = element("a", { href: place, testid: "highlight-link", textContent: row.episode_title });
    link.onclick = (event) => follow(event, place);
    const facts = [row.feed_title, clock(row.start)].filter(Boolean).join(" · ");
    const remark = row.remark ? [element("p", { className: "remark", testid: "highlight-remark", textContent: row.remark })] : [];
    this.root.replaceChildren(
      element("blockquote", { textContent: row.quote }),
      ...remark,
      element(
        "div",
        { className: "foot" },
        row.has_audio ? action("highlight-play", fill(text.play_from, { time: clock(row.start) }), PLAY, () => this.hooks.play(row), { className: "round" }) : null,
        element("div", { className: "where" }, link, element("span", { className: "facts", textContent: facts })),
        this.colours(),
        action("highlight-edit", row.remark ? text.edit_remark : text.add_remark, PEN, () => this.edit(), { className: "round", edits: true }),
        action("highlight-remove", text.remove, BIN, () => this.hooks.remove(row), { className: "round", edits: true }),
      ),
    );
  }

  colours() {
    const dots = COLOURS.map((colour) => {
      const dot = element("button", { type: "button", className: `dot ${colour}`, testid: `highlight-${colour}`, edits: true, title: this.text[colour], "aria-label": this.text[colour] });
      dot.setAttribute("aria-pressed", String(colour === this.row.colour));
      dot.onclick = () => this.hooks.change(this.row, { colour });
      return dot;
    });
    return element("div", { className: "dots", role: "group", "aria-label": this.text.colour }, ...dots);
  }

  edit() {
    const { text } = this;
    const field = element("textarea", { testid: "highlight-field", value: this.row.remark, maxLength: 10_000, rows: 3, placeholder: text.remark_hint });
    field.setAttribute("aria-label", text.remark);
    const save = () => this.hooks.change(this.row, { remark: field.value });
    const leave = () => {
      this.draw();
      this.root.querySelector("[data-testid=highlight-edit]").focus();
    };
    field.onkeydown = (event) => {
      if (composing(event)) return;
      if (event.key === "Escape") leave();
      else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save();
      else return;
      event.stopPropagation();
    };
    const form = element(
      "div",
      { className: "form" },
      field,
      element("button", { type: "button", className: "main", testid: "highlight-save", textContent: text.save, onclick: save }),
      element("button", { type: "button", textContent: text.leave, onclick: leave }),
    );
    this.root.querySelector(".remark")?.remove();
    this.root.querySelector(".form")?.remove();
    this.root.querySelector("blockquote").after(form);
    field.focus();
  }
}
