// The queue: what is done to all of it (queue_bar.js), waits for the same condition (held_cards.js), and one card per episode with
// its steps, the running step, the reason of a stop. Acts go to the HTTP API and are painted at once (shared/acts.js).

class QueueCards {
  constructor() {
    this.cards = new Map();
    this.acts = theActs();
    this.messages = new Messages();
    this.list = element("ol", { className: "queue", testid: "queue", role: "list" });
    this.bar = new QueueBar(this.acts);
    this.held = new HeldCards(this.acts);
    this.empty = element("p", { className: "empty", testid: "queue-empty" });
    this.root = element("div", { className: "queue-page" }, this.bar.root, this.held.root, this.empty, this.list, this.messages.region);
    this.joined = this.acts.join({
      painted: () => this.data && this.draw(),
      say: (message) => this.messages.say(message),
      changed: (news) => this.changed(news),
    });
  }

  show(data, { changed, turned }) {
    Object.assign(this, { changed, turned });
    this.data = data;
    this.text = data.text;
    this.acts.speak({ ...data.text, locale: data.locale });
    this.acts.follow([...data.cards, { id: QUEUE, paused: data.queue.paused }], data.seen);
    this.messages.name(data.text.close);
    this.list.setAttribute("aria-label", data.text.list);
    this.draw();
  }

  draw() {
    const { data } = this;
    this.bar.show(data, data.cards);
    this.held.show(data, this.turned);
    this.empty.textContent = data.empty;
    this.empty.hidden = !data.empty;
    this.drawCards();
  }

  // The cards as the reader wants them: those that run stay before the ones that were put first.
  get shown() {
    const cards = this.data.cards.map((card) => ordered(this.acts.painted(card), this.text));
    const runs = (card) => card.state === "running";
    return [...cards.filter(runs), ...this.acts.placed(cards.filter((card) => !runs(card)))];
  }

  drawCards() {
    const cards = this.shown;
    const wanted = new Set(cards.map((card) => card.id));
    for (const [id, card] of this.cards) {
      if (wanted.has(id)) continue;
      card.root.remove();
      this.cards.delete(id);
    }
    cards.forEach((card, index) => {
      let made = this.cards.get(card.id);
      if (!made) this.cards.set(card.id, (made = this.blank()));
      this.drawCard(made, card);
      if (this.list.children[index] !== made.root) this.list.insertBefore(made.root, this.list.children[index] ?? null);
    });
  }

  blank() {
    const root = element("li", { className: "card", testid: "queue-card" });
    return { root, parts: new KeptParts(root) };
  }

  drawCard(made, card) {
    made.parts.show(
      ["top", [card.title, card.href, card.acts, this.text], () => this.top(card)],
      ["steps", card.steps, () => this.steps(card)],
      ...(card.doing ? [["now", [card.doing, card.progress], () => this.now(card)]] : []),
      ...(card.reason ? [["reason", [card.reason, card.state, card.remedy], () => this.reason(card)]] : []),
      ...(card.when ? [["when", card.when, () => element("p", { className: "when", textContent: card.when })]] : []),
    );
  }

  top(card) {
    const link = element("a", { href: card.href, textContent: card.title, testid: "queue-link" });
    link.onclick = (event) => follow(event, card.href);
    const acts = card.acts.map((act) => {
      const button = element("button", { type: "button", testid: `queue-${act}`, edits: true, textContent: this.text[act], "aria-label": `${this.text[act]}: ${card.title}` });
      button.onclick = () => this.act(act, card.id);
      return button;
    });
    return element("div", { className: "top" }, link, element("div", { className: "acts" }, ...acts));
  }

  steps(card) {
    return element(
      "ol",
      { className: "steps", role: "list" },
      ...card.steps.map((step) =>
        element("li", { className: `step ${step.state}` }, element("b", { textContent: step.name }), element("span", { textContent: step.said })),
      ),
    );
  }

  now(card) {
    const done = element("span", {});
    done.style.width = `${Math.round(card.progress * 100)}%`;
    return element("div", { className: "now" }, element("span", { textContent: card.doing }), element("span", { className: "line", "aria-hidden": "true" }, done));
  }

  reason(card) {
    const said = element("p", { className: `reason ${card.state}` }, element("span", { textContent: card.reason }));
    if (card.remedy) {
      const link = element("a", { href: card.remedy.href, textContent: card.remedy.said });
      link.onclick = (event) => follow(event, card.remedy.href);
      said.append(" ", link);
    }
    return said;
  }

  act(name, id) {
    const card = this.data.cards.find((each) => each.id === id);
    if (name === "first" || name === "last") this.acts.order(name, card);
    else this.acts.do(name, { ids: [id], rows: [card], name: card.title });
  }
}

export default function mount({ data: [data], parentElement, setTriggerValue }) {
  const place = parentElement;
  if (!place.castmindQueue) {
    place.castmindQueue = new QueueCards();
    place.append(place.castmindQueue.root);
  }
  const queue = place.castmindQueue;
  queue.show(structuredClone(data), { changed: (news) => setTriggerValue("changed", [news]), turned: (name) => setTriggerValue("turned", [name, Date.now()]) });
  return () =>
    setTimeout(() => {
      if (queue.root.isConnected) return;
      queue.joined.close();
      delete place.castmindQueue;
    });
}
