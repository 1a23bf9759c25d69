// One row of the library: cover, title, facts, state, star, and the one action that fits. kept_parts.js decides which part
// is rebuilt when.

const share = (part) => {
  const done = element("span", {});
  done.style.width = `${Math.round(Math.min(1, Math.max(0, part)) * 100)}%`;
  return element("span", { className: "line", "aria-hidden": "true" }, done);
};

// Decisions of the inbox that are marks of the reader alone.
const OWN_DECISIONS = new Set(["keep", "skip"]);

class EpisodeRow {
  constructor(list, row) {
    this.list = list;
    this.root = element("li", { testid: `episode-row-${row.id}`, tabIndex: -1 });
    this.root.dataset.episode = String(row.id);
    this.tick = element("input", { type: "checkbox", className: "tick", testid: "episode-tick" });
    this.tick.onclick = (event) => list.tick(this.row.id, this.tick.checked, event);
    this.root.onfocus = () => list.at(this.row.id);
    this.words = element("div", {});
    this.parts = new KeptParts(this.root);
    this.lines = new KeptParts(this.words);
  }

  show(row, text, choosing, ticked) {
    this.row = row;
    this.tick.checked = ticked;
    this.tick.setAttribute("aria-label", `${text.choose}: ${row.title}`);
    this.root.className = `row ${row.state ?? "new"}${row.unread ? "" : " read"}${ticked ? " ticked" : ""}`;
    this.parts.show(
      ...(choosing ? [["tick", null, () => this.tick]] : []),
      ["cover", [row.initial, row.hue, row.cover, row.audio, row.title, row.plays, text.play], () => this.cover(row, text)],
      ["words", null, () => this.words],
      ["acts", [row.acts, row.title, row.starred, row.deleted, row.undecided, text.star], () => this.acts(row, text)],
    );
    this.lines.show(
      ["title", [row.title, row.href, row.unread, text.unread], () => this.title(row, text)],
      ...(row.gist ? [["gist", row.gist, () => element("p", { className: "gist", testid: "episode-gist", textContent: row.gist })]] : []),
      ["facts", [row.state, row.said, row.facts, row.tags], () => this.facts(row)],
      ...(row.heard ? [["heard", [row.heard, text.heard], () => this.heard(row, text)]] : []),
      ...(row.doing ? [["doing", [row.doing, row.progress], () => this.doing(row)]] : []),
      ...(row.reason ? [["reason", row.reason, () => element("p", { className: "reason", textContent: row.reason })]] : []),
    );
  }

  // The cover plays the episode where it is, without leaving the list. The key p does the same, so that it is no stop of Tab.
  cover(row, text) {
    const picture = cover(row);
    if (!row.audio) return picture;
    const words = `${row.plays ? text.pause : text.play}: ${row.title}`;
    const play = element("button", { type: "button", testid: "episode-play", className: `play${row.plays ? " plays" : ""}`, tabIndex: -1, title: row.plays ? text.pause : text.play, "aria-label": words });
    play.append(picture, element("span", { className: "over" }, icon(row.plays ? PAUSE : PLAY)));
    play.onclick = () => this.list.play(this.row);
    return play;
  }

  title(row, text) {
    const link = element("a", { testid: "episode-link", href: row.href, textContent: row.title });
    link.onclick = (event) => follow(event, this.row.href);
    const dot = row.unread ? element("span", { className: "dot", role: "img", "aria-label": text.unread, title: text.unread }) : null;
    return element("div", { className: "title" }, dot, link);
  }

  facts(row) {
    const facts = element("div", { className: "facts" });
    if (row.said) facts.append(element("span", { className: `state ${row.state ?? "new"}`, textContent: row.said }));
    for (const fact of row.facts) facts.append(element("span", { className: "fact", textContent: fact }));
    for (const tag of row.tags) facts.append(element("span", { className: "tag", textContent: `#${tag}` }));
    return facts;
  }

  heard(row, text) {
    return element("div", { className: "heard", role: "img", "aria-label": `${text.heard} ${Math.round(row.heard * 100)} %` }, share(row.heard));
  }

  doing(row) {
    return element("div", { className: "doing" }, element("span", { textContent: row.doing }), share(row.progress));
  }

  acts(row, text) {
    const made = element("div", { className: row.undecided ? "acts decisions" : "acts" });
    for (const act of row.acts) {
      const button = element("button", { type: "button", testid: `episode-${act}`, edits: !OWN_DECISIONS.has(act), textContent: text[act], "aria-label": `${text[act]}: ${row.title}` });
      button.onclick = () => this.press(act);
      made.append(button);
    }
    if (!row.deleted && !row.undecided) {
      const star = element("button", { type: "button", testid: "episode-star", className: "star bare" }, icon(row.starred ? STAR : STAR_OPEN));
      star.setAttribute("aria-pressed", String(row.starred));
      star.setAttribute("aria-label", `${text.star}: ${row.title}`);
      star.title = text.star;
      star.onclick = () => this.list.act(row.starred ? "unstar" : "star", [row.id]);
      made.append(star);
    }
    return made;
  }

  press(act) {
    const { list, row } = this;
    if (row.undecided) list.inbox.decide(act, row);
    else list.does(act, [row.id]);
  }
}
