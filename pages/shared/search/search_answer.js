// The answer to a search: episodes with their hits, each a link to its moment, with a button that plays from there.
//
//   found ─▶ draw ─▶ an episode: cover, title, facts ─▶ its hits with the words around them ─▶ "3 more in this episode"
//
// Used by the search page and the palette; `testid` is the prefix of the test ids. An episode that has not changed stays in place.

const ALL_HITS = 200;
// The part of the episode's page that shows each kind of hit; spoken words need none.
const PART_OF_KIND = { note: "notes", own_note: "own", remark: "highlights", show_note: "about", published: "publisher" };

const withMarks = (text, marks) => {
  const parts = [];
  let done = 0;
  for (const [from, to] of marks) {
    parts.push(text.slice(done, from), element("mark", { textContent: text.slice(from, to) }));
    done = to;
  }
  return [...parts, text.slice(done)];
};

const UNSPACED_ENDS = /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]/;
const between = (left, right) => (!left || !right || UNSPACED_ENDS.test(left.at(-1)) || UNSPACED_ENDS.test(right[0]) ? "" : " ");

// A hit with the words around it.
const inContext = ({ before, snippet, marks, after }) => [before, between(before, snippet), ...withMarks(snippet, marks), between(snippet, after), after];

class SearchAnswer {
  // `leaves`: a link is followed in this window. `tells(sentence)`: something is to be said.
  constructor(testid, { leaves = () => {}, tells }) {
    Object.assign(this, { testid, leaves, tells });
    this.sound = theSound();
    this.root = element("div", { className: "answer", testid: `${testid}-answer` });
    this.parts = new KeptParts(this.root);
    this.whole = new Map(); // episode ─▶ the episode with all its hits
  }

  // `given`: see shared/search/search_answer.py.
  show(given) {
    const state = JSON.stringify(given);
    if (state !== this.state) this.drawnFor = (this.drawnFor ?? 0) + 1;
    Object.assign(this, { given, state });
    if (this.found) this.draw(this.found);
  }

  draw(found) {
    if (found?.words !== this.found?.words) this.whole.clear();
    this.found = found;
    const episodes = (found?.episodes ?? []).map((episode) => this.whole.get(episode.id) ?? episode);
    this.parts.show(...episodes.map((episode) => [String(episode.id), [episode, this.drawnFor], () => this.episode(episode)]));
  }

  link(href, testid, className, ...children) {
    const made = element("a", { href, testid: `${this.testid}-${testid}`, className }, ...children);
    made.onclick = (event) => {
      keepSearch(this.found.words);
      if (!event.ctrlKey && !event.metaKey && !event.shiftKey && !event.button) this.leaves();
      follow(event, href);
    };
    return made;
  }

  episode(episode) {
    const { text, locale } = this.given;
    const facts = [episode.feed_title, day(episode.published_at, locale), episode.duration ? clock(episode.duration) : ""].filter(Boolean).join(" · ");
    const head = this.link(
      `/episode?id=${episode.id}`,
      "episode",
      "row episode",
      element("img", { src: `/api/v1/episodes/${episode.id}/cover`, alt: "", decoding: "async" }),
      element("span", { className: "words" }, element("span", { className: "name" }, ...withMarks(episode.title, episode.marks)), element("span", { className: "facts", textContent: facts })),
    );
    const rows = episode.hits.map((hit) => element("li", {}, ...this.hit(episode, hit)));
    const rest = episode.count - episode.hits.length;
    if (rest > 0) rows.push(element("li", {}, this.rest(episode, fill(text.rest, { n: rest }))));
    return element("section", { testid: `${this.testid}-card` }, head, element("ul", { role: "list", className: "hits" }, ...rows));
  }

  hit(episode, hit) {
    const { kinds, text } = this.given;
    const part = PART_OF_KIND[hit.kind];
    const place = new URLSearchParams({ id: episode.id, ...(hit.start === null ? {} : { t: hit.start }), ...(part ? { part } : {}) });
    const kind = hit.kind === "segment" ? hit.speaker : kinds.find((each) => each.kind === hit.kind)?.label;
    const where = [hit.start === null ? "" : clock(hit.start), kind].filter(Boolean).join(" · ");
    const row = this.link(
      `/episode?${place}`,
      "hit",
      "row hit",
      element("span", { className: "where", textContent: where }),
      " ",
      element("span", { className: "snippet" }, ...inContext(hit)),
    );
    if (hit.start === null || !episode.has_audio) return [row];
    return [row, action(`${this.testid}-play`, fill(text.play_from, { time: clock(hit.start) }), PLAY, () => this.play(episode, hit), { className: "play" })];
  }

  play(episode, hit) {
    const { id, title, feed_title: feed, duration } = episode;
    keepSearch(this.found.words);
    this.sound.playFrom({ id, title, feed, duration }, hit.start);
    this.tells(fill(this.given.text.playing, { title }));
  }

  // All hits of one episode, in its place. More than ALL_HITS are only counted.
  rest(episode, words) {
    const testid = `${this.testid}-rest`;
    if (this.whole.has(episode.id)) return element("p", { className: "rest", testid, textContent: words });
    return element("button", { type: "button", className: "row rest", testid, textContent: words, onclick: (event) => this.unfold(event.currentTarget, episode) });
  }

  async unfold(button, episode) {
    const { found } = this;
    button.disabled = true;
    try {
      const { episodes } = await ask(this.given.text, searchAddress(`episode:${episode.id} ${found.words}`, { limit: 1, per_episode: ALL_HITS }));
      if (found.words !== this.found?.words) return;
      const held = this.root.getRootNode().activeElement;
      this.whole.set(episode.id, episodes[0] ?? episode);
      this.draw(this.found);
      // The focus goes on where the button was, unless the reader has gone elsewhere.
      if (!held || held === button) this.parts.made.get(String(episode.id))?.node.querySelectorAll("a.hit")[episode.hits.length]?.focus();
    } catch (error) {
      this.tells(error.message);
    } finally {
      button.disabled = false;
    }
  }
}

// The arrow keys: up and down through the stops, right to the button that plays a hit, left back. Returns whether it was one.
const walkAnswer = (event, held, stops) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const at = stops.indexOf(held?.classList.contains("play") ? held.parentElement.querySelector("a") : held);
  let to = null;
  if (step && at >= 0) to = stops[Math.min(Math.max(at + step, 0), stops.length - 1)];
  else if (event.key === "ArrowRight" && at > 0 && held === stops[at]) to = held.parentElement.querySelector(":scope > .play");
  else if (event.key === "ArrowLeft" && held?.classList.contains("play")) to = stops[at];
  else return false;
  to?.focus();
  event.preventDefault();
  return true;
};
