// The head of a show's page. Guests beyond the first few are shown on request.

const FEW = 6;

class ShowHead {
  constructor() {
    this.messages = new Messages();
    this.body = element("header", { className: "show" });
    this.root = element("div", {}, this.body, this.messages.region);
  }

  show(data, { changed, options }) {
    const state = JSON.stringify(data);
    Object.assign(this, { data, changed, options });
    if (state === this.drawn) return;
    this.drawn = state;
    this.messages.name(data.text.close);
    this.draw();
  }

  draw() {
    const { data } = this;
    const made = [data.author, data.folder].filter(Boolean).join(" · ");
    const parts = [
      element("h1", { testid: "show-title", textContent: data.title }),
      data.locked ? element("p", { className: "made", testid: "show-locked", textContent: data.text.locked }) : null,
      made && made !== data.title ? element("p", { className: "made", textContent: made }) : null,
      this.description(),
      ...data.people.map((group) => this.people(group)),
      this.rules(),
      this.tools(),
    ];
    this.body.replaceChildren(
      element("img", { className: "art", src: data.cover, alt: "", decoding: "async" }),
      element("div", { className: "words" }, ...parts),
    );
  }

  description() {
    const { description, text } = this.data;
    if (!description) return null;
    const words = element("p", { className: "about", testid: "show-about", textContent: description });
    const more = element("button", { type: "button", className: "bare", testid: "show-more", textContent: text.more, hidden: true });
    more.setAttribute("aria-expanded", "false");
    more.onclick = () => {
      const open = words.classList.toggle("open");
      more.setAttribute("aria-expanded", String(open));
      more.textContent = open ? text.less : text.more;
    };
    // Whether it is cut off is known once it has its place.
    requestAnimationFrame(() => (more.hidden = words.scrollHeight <= words.clientHeight + 2));
    return element("div", {}, words, more);
  }

  people({ said, names }) {
    const { text } = this.data;
    const people = names.map((each) => this.person(each));
    const listed = element("span", {}, ...this.parted(people.slice(0, FEW), text.comma));
    const group = element("p", { className: "people", testid: "show-people" }, element("b", { textContent: said }), " ", listed);
    if (people.length <= FEW) return group;
    const more = element("button", { type: "button", className: "bare", testid: "show-people-all", textContent: fill(text.people_all, { n: people.length }) });
    more.onclick = () => {
      more.remove();
      listed.replaceChildren(...this.parted(people, text.comma));
      // The focus goes on to the first of the people that the button stood for.
      people[FEW].focus();
    };
    group.append(" ", more);
    return group;
  }

  parted(parts, sign) {
    return parts.flatMap((part, at) => (at ? [sign, part] : [part]));
  }

  person({ name, href, away }) {
    if (away) return element("a", { href, textContent: name, target: "_blank", rel: "noreferrer noopener" });
    return element("a", { href, textContent: name, onclick: (event) => follow(event, href) });
  }

  rules() {
    const { rules, text } = this.data;
    const parts = rules.map(({ said, href }) => (href ? element("a", { href, textContent: said, onclick: (event) => follow(event, href) }) : element("span", { textContent: said })));
    const change = element("button", { type: "button", className: "bare", testid: "show-rules-change", edits: true, textContent: text.rules_change, onclick: () => this.options() });
    return element("div", { className: "rules", testid: "show-rules", role: "group", "aria-label": text.rules }, ...this.parted(parts, " · "), " ", change);
  }

  tools() {
    const { link, local, text } = this.data;
    const parts = [];
    if (!local) {
      this.check = element("button", { type: "button", testid: "show-check", edits: true, textContent: text.check, onclick: () => this.refresh() });
      parts.push(this.check);
    }
    if (link) parts.push(element("a", { href: link, target: "_blank", rel: "noreferrer noopener", testid: "show-website", textContent: text.website }));
    return parts.length ? element("div", { className: "tools" }, ...parts) : null;
  }

  async refresh() {
    const { id, text } = this.data;
    this.check.disabled = true;
    this.check.textContent = text.checking;
    try {
      await ask(text, "/api/v1/refreshes", { method: "POST", body: { feed_ids: [id] } });
      this.messages.say(text.checked);
      this.changed();
    } catch (error) {
      this.messages.say(error.message);
    }
    this.check.disabled = false;
    this.check.textContent = text.check;
  }
}

export default function mount({ data: [data], parentElement, setTriggerValue }) {
  const place = parentElement;
  if (!place.castmindShow) {
    place.castmindShow = new ShowHead();
    place.append(place.castmindShow.root);
  }
  const head = place.castmindShow;
  head.show(structuredClone(data), { changed: () => setTriggerValue("changed", Date.now()), options: () => setTriggerValue("options", Date.now()) });
  return () =>
    setTimeout(() => {
      if (!head.root.isConnected) delete place.castmindShow;
    });
}
