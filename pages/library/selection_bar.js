// The bar of the selection: how many are selected, and the acts on them.

// Marks of the reader alone, and what changes nothing.
const OWN = new Set(["star", "read", "mark_unread", "export"]);

class SelectionBar {
  constructor(list) {
    this.list = list;
    this.root = element("div", { className: "bar", testid: "episode-bar", role: "toolbar" });
  }

  show(data) {
    const { list, root } = this;
    const { text } = data;
    root.hidden = !list.choosing;
    if (root.hidden) return;
    const chosen = list.all ? data.count : list.ticked.size;
    root.setAttribute("aria-label", text.bulk);
    const words = element("span", { className: "count", testid: "episode-chosen", role: "status", textContent: text.chosen.replace("{n}", chosen.toLocaleString(data.locale)) });
    const all = element("button", { type: "button", className: "bare", testid: "bulk-all", textContent: list.all ? text.none : text.all });
    all.onclick = () => list.setAll(!list.all);
    const buttons = data.bulk.map((act) => {
      const button = element("button", { type: "button", testid: `bulk-${act}`, edits: !OWN.has(act), textContent: text[act], disabled: !chosen });
      button.onclick = () => list.bulk(act);
      return button;
    });
    const held = root.getRootNode().activeElement;
    const again = root.contains(held) ? held.dataset.testid : null;
    root.replaceChildren(words, all, ...buttons);
    if (again) root.querySelector(`[data-testid="${again}"]`)?.focus();
  }
}
