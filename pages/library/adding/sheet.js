// The sheet for the address of a recording, or of a page that plays one.
//
//   open(address) ─▶ the field ─ Enter, "Add" ─▶ POST ─▶ added()      an error stands beneath the field until it changes

const IMPORT = "/api/v1/episodes/import";

class AddressSheet {
  constructor(added) {
    this.added = added;
    this.title = element("h2", { id: "castmind-add-title" });
    this.note = element("p", { className: "note", testid: "add-note" });
    this.label = element("label", { htmlFor: "castmind-add-field" });
    this.field = element("input", {
      type: "url", id: "castmind-add-field", testid: "add-field", autocomplete: "off", spellcheck: false, "aria-describedby": "castmind-add-fault",
    });
    this.fault = element("p", { className: "fault", id: "castmind-add-fault", testid: "add-fault", role: "alert" });
    this.cancel = element("button", { type: "button", testid: "add-cancel", onclick: () => this.root.close() });
    this.send = element("button", { type: "button", className: "main", testid: "add-send", onclick: () => this.submit() });
    this.field.oninput = () => this.complain("");
    // Not a form: Streamlit lets none of a component send itself.
    this.field.onkeydown = (event) => {
      if (event.key !== "Enter" || composing(event)) return;
      event.preventDefault();
      this.submit();
    };
    const foot = element("div", { className: "foot" }, this.cancel, this.send);
    this.root = sheet("add-sheet", this.title, this.note, this.label, this.field, this.fault, foot);
  }

  show(text) {
    this.text = text;
    this.title.textContent = text.sheet;
    this.label.textContent = text.field;
    this.cancel.textContent = text.cancel;
    this.send.textContent = text.send;
    this.field.placeholder = text.hint;
  }

  open(address = "", note = "") {
    if (this.root.open) return;
    this.field.value = address;
    this.note.textContent = note;
    this.note.hidden = !note;
    this.complain("");
    this.root.showModal();
    this.field.focus();
  }

  complain(words) {
    this.fault.textContent = words;
    this.field.setAttribute("aria-invalid", String(Boolean(words)));
  }

  async submit() {
    if (this.send.disabled) return;
    this.send.disabled = true;
    try {
      const made = await ask(this.text, IMPORT, { method: "POST", body: { url: this.field.value.trim() } });
      this.root.close();
      this.added(made);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.complain(error.message);
      this.field.focus();
    } finally {
      this.send.disabled = false;
    }
  }
}
