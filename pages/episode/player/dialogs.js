// Dialogs over the page: the list of keyboard shortcuts, and the speakers' names.

class Dialog {
  constructor(testid) {
    this.title = element("h2", { id: `castmind-${testid}` });
    this.shut = action(`${testid}-close`, "", CLOSE, () => this.root.close(), { className: "small" });
    this.content = element("div", {});
    this.root = element("dialog", { testid, "aria-labelledby": `castmind-${testid}` }, element("header", {}, this.title, this.shut), this.content);
    this.root.addEventListener("click", (event) => event.target === this.root && this.root.close());
    this.root.onkeydown = (event) => event.stopPropagation();
  }

  name(title, close) {
    this.title.textContent = title;
    this.shut.title = close;
    this.shut.setAttribute("aria-label", close);
  }

  open(...content) {
    this.content.replaceChildren(...content);
    if (!this.root.open) this.root.showModal();
  }
}

const keyList = (text) =>
  element(
    "dl",
    { className: "keys" },
    ...[
      [`${text.key_space}, K`, text.keys_play],
      ["J, ←", text.back],
      ["L, →", text.ahead],
      ["↑, ↓", text.keys_sentence],
      ["Enter", text.keys_hear],
      ["[, ]", text.keys_speed],
      ["M", text.mute],
      ["/", text.find],
      ["E", text.edit_sentence],
      ["H", text.keys_highlight],
      ["Ctrl+Z", text.keys_undo],
      ["Esc", text.keys_escape],
      ["?", text.keys],
    ].flatMap(([key, words]) => [element("dt", {}, element("kbd", { textContent: key })), element("dd", { textContent: words })]),
  );

// Edit the speakers' names. Giving two speakers the same name merges them.
class Speakers {
  // `hooks`: changed(), say(message, more), undo().
  constructor(hooks) {
    this.hooks = hooks;
    this.dialog = new Dialog("speakers");
    this.root = this.dialog.root;
  }

  show({ id, text }) {
    Object.assign(this, { id, text });
    this.dialog.name(text.speakers, text.close);
  }

  async open() {
    this.fields = [];
    try {
      const { items } = await ask(this.text, `/api/v1/episodes/${this.id}/speakers`);
      this.draw(items);
    } catch (error) {
      this.hooks.say(error.message);
    }
  }

  draw(items) {
    const { text } = this;
    const trouble = element("p", { className: "trouble", role: "alert" });
    // Keep text typed for one speaker while another speaker is being saved.
    const typed = new Map((this.fields ?? []).map((field) => [field.dataset.name, field.value]));
    this.fields = [];
    const rows = items.map((speaker, index) => {
      const field = element("input", { testid: `speaker-${index}`, type: "text", value: typed.get(speaker.name) ?? speaker.name, maxLength: 200, "aria-label": fill(text.speaker_name, { name: speaker.name }) });
      field.dataset.name = speaker.name;
      this.fields.push(field);
      const save = async () => {
        const name = field.value.trim();
        if (!name || name === speaker.name) return;
        try {
          const { items: now } = await ask(text, `/api/v1/episodes/${this.id}/speakers/rename`, { method: "POST", body: { name: speaker.name, new: name } });
          this.draw(now);
          this.hooks.changed();
        } catch (error) {
          trouble.textContent = error.message;
        }
      };
      field.onkeydown = (event) => event.key === "Enter" && !composing(event) && save();
      const facts = `${fill(text.speaker_says, { n: speaker.segments, time: clock(speaker.seconds) })}`;
      return element(
        "div",
        { className: "name-row" },
        field,
        element("button", { testid: `speaker-${index}-save`, type: "button", className: "plain", textContent: text.rename, onclick: save }),
        element("span", { className: "aside", textContent: facts }),
      );
    });
    this.dialog.open(element("p", { className: "label", textContent: text.speakers_help }), ...rows, trouble);
  }
}
