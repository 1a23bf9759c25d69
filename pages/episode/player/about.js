// The publisher's description of the episode: show notes (click a time to seek) and a link to the episode's own page.

class AboutPane {
  constructor(hooks) {
    this.hooks = hooks;
    this.root = element("section", { testid: "about", className: "pane scroll about", id: "castmind-about", tabIndex: -1 });
  }

  show({ show_notes: words, link, credits, duration, text }) {
    const key = `${words}\n${link}\n${JSON.stringify(credits)}\n${text.play_from}`;
    if (this.key === key) return;
    this.key = key;
    const ways = { length: duration, onSeek: this.hooks.seek, label: text.play_from };
    this.root.replaceChildren(
      element("h2", { className: "unseen", textContent: text.about }),
      ...(credits.facts ? [element("p", { className: "facts", textContent: credits.facts })] : []),
      ...(credits.people.length ? [this.people(credits.people, text)] : []),
      ...(words ? [linked(words, ways)] : [element("p", { className: "empty", textContent: text.no_show_notes })]),
      ...(link ? [element("p", {}, element("a", { href: link, target: "_blank", rel: "noopener noreferrer", textContent: text.episode_page }))] : []),
    );
  }

  people(people, text) {
    const one = ({ name, role, link }) => [
      link ? element("a", { href: link, target: "_blank", rel: "noopener noreferrer", textContent: name }) : name,
      text.people_role.replace("{role}", role),
    ];
    const list = people.flatMap((person, at) => [...(at ? [text.people_and] : []), ...one(person)]);
    return element("p", { testid: "credits" }, text.people, ...list);
  }
}
