// The bar beneath the list that takes back the last deletion.

class UndoBar {
  constructor(acts) {
    this.acts = acts;
    this.root = element("div", { className: "undo", testid: "episode-undo", role: "status" });
  }

  show(text, { hidden }) {
    const undoable = this.acts.undoable();
    this.root.hidden = !undoable || hidden;
    if (this.root.hidden) return;
    const { ids, name } = undoable;
    const words = name ? fill(text.deleted_named, { title: name }) : this.acts.count("deleted", ids.length);
    if (this.root.dataset.said === words && this.root.childElementCount) return;
    this.root.dataset.said = words;
    const back = element("button", { type: "button", className: "main", testid: "undo", textContent: text.undo });
    back.onclick = () => this.acts.undo();
    const close = element("button", { type: "button", className: "bare", testid: "undo-close", textContent: text.close });
    close.onclick = () => this.acts.forgetUndo();
    this.root.replaceChildren(element("span", { className: "said", textContent: words }), back, close);
  }
}
