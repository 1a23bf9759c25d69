// The buttons for the work on an episode. Once one is pressed, it says what was ordered until the server says more.

class StageActs {
  constructor() {
    this.acts = theActs();
    this.messages = new Messages("stage-message");
    this.row = element("div", { className: "stage-acts" });
    this.root = element("div", {}, this.row, this.messages.region);
    this.joined = this.acts.join({
      painted: () => this.data && this.draw(),
      say: (message) => this.messages.say(message),
      changed: (news) => this.changed(news),
    });
  }

  show(data, changed) {
    Object.assign(this, { data, changed });
    this.acts.speak({ ...data.text, locale: data.locale });
    this.acts.follow([data.row], data.seen);
    this.messages.name(data.text.close);
    this.draw();
  }

  draw() {
    const { data } = this;
    const { work } = this.acts.painted(data.row);
    const held = this.row.contains(this.row.getRootNode().activeElement);
    const parts = work ? [element("span", { className: "said", role: "status", tabIndex: -1, textContent: data.text[work] })] : data.acts.map((name) => this.button(name));
    this.row.replaceChildren(...parts);
    if (held) parts[0]?.focus();
  }

  button(name) {
    const { data } = this;
    const waits = name === "cancel" && data.cancelling;
    const made = element("button", {
      type: "button",
      testid: `stage-${name}`, edits: true,
      className: name === "transcribe" ? "main" : "",
      textContent: waits ? data.text.cancelling : data.text[name],
      disabled: waits,
    });
    made.onclick = () => this.acts.do(name, { ids: [data.row.id], rows: [data.row], name: data.row.title });
    return made;
  }
}

export default function mount({ data: [data], parentElement, setTriggerValue }) {
  const place = parentElement;
  if (!place.castmindStageActs) {
    place.castmindStageActs = new StageActs();
    place.append(place.castmindStageActs.root);
  }
  const made = place.castmindStageActs;
  made.show(structuredClone(data), (news) => setTriggerValue("changed", [news]));
  return () =>
    setTimeout(() => {
      if (made.root.isConnected) return;
      made.joined.close();
      delete place.castmindStageActs;
    });
}
