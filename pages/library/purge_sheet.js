// The question before episodes are deleted permanently: the one act that nothing takes back.

class PurgeSheet {
  constructor(list) {
    this.list = list;
    this.title = element("h2", { id: "castmind-purge-title" });
    this.body = element("p", {});
    this.cancel = element("button", { type: "button", testid: "purge-cancel", onclick: () => this.root.close() });
    this.yes = element("button", { type: "button", className: "main", testid: "purge-yes", onclick: () => this.purge() });
    this.root = sheet("purge-sheet", this.title, this.body, element("div", { className: "foot" }, this.cancel, this.yes));
  }

  // `ids` null: all that match.
  ask(ids) {
    const { text, count, locale } = this.list.data;
    this.ids = ids;
    this.title.textContent = fill(text.purge_title, { n: (ids?.length ?? count).toLocaleString(locale) });
    this.body.textContent = text.purge_body;
    this.cancel.textContent = text.cancel;
    this.yes.textContent = text.purge;
    this.root.showModal();
    this.cancel.focus();
  }

  purge() {
    this.root.close();
    this.list.act("purge", this.ids);
  }
}
