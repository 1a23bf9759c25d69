// The strip above the list: episodes that were begun and not heard to the end.

class ContinueStrip {
  constructor() {
    this.title = element("h2", { className: "section" });
    this.list = element("ul", { className: "strip" });
    this.root = element("section", { testid: "continue" }, this.title, this.list);
  }

  show(rows, title) {
    this.root.hidden = !rows.length;
    this.title.textContent = title;
    const state = JSON.stringify(rows);
    if (state === this.state) return;
    this.state = state;
    this.list.replaceChildren(...rows.map((row) => element("li", {}, this.link(row))));
  }

  link(row) {
    const link = element(
      "a",
      { href: row.href, testid: "continue-link", title: row.title },
      cover(row),
      element("span", { className: "name", textContent: row.title }),
      element("span", { className: "facts" }, element("span", { textContent: row.left })),
      share(row.heard),
    );
    link.onclick = (event) => follow(event, row.href);
    return link;
  }
}
