// The page of one episode:
//
//   bar ──time──▶ transcript (marks sentence and word)      notes, highlights, own notes, about
//    ▲                │ click, find, edit, select             │ click on a time
//    └────── seek ────┴───────────────────────────────────────┘
//
// Streamlit calls the default export again at every change of data or theme. The player object lives on the mount point and
// is updated; the sound lives on the window (shared/sound.js) and plays on when the reader leaves the page.

const TABS = ["transcript", "notes", "highlights", "own", "about"];

// The tab that the reader chose, by episode, for the lifetime of the window.
const theParts = () => (window.castmindParts ??= new Map());

class Player {
  constructor() {
    const seek = (seconds) => this.bar.playFrom(seconds);
    const say = (message, more) => this.messages.say(message, more);
    this.messages = new Messages();
    this.help = new Dialog("key-list");
    this.bar = new Bar((seconds) => this.moved(seconds), () => this.showKeys());
    const hear = (start, end) => this.bar.playSpan(start, end);
    this.transcript = new TranscriptPane({ seek, hear, segments: (segments) => this.drawn(segments), speaker: () => mayEdit() && this.speakers.open() });
    this.bar.timeline.sentenceAt = (seconds) => this.transcript.said(seconds);
    this.spoken = new SpokenLine({ hear, sound: this.bar.sound, changed: () => this.onChanged?.(), say });
    this.find = new Find(this.transcript);
    this.highlights = new HighlightsPane(this.transcript, { seek: (highlight) => this.goTo(highlight), marked: (all) => this.bar.setHighlights(all), say });
    this.editor = new SentenceEditor(this.transcript, { changed: () => this.edited(), say });
    this.selection = new SelectionBar(this.transcript, this.passageHooks(say));
    this.notes = new NotesPane({ cite: (place) => this.goTo(place), hint: (place) => this.transcript.hint(place), changed: () => this.onChanged?.(), say });
    this.own = new OwnNotes({ now: () => this.bar.now, seek, length: () => this.bar.length });
    this.about = new AboutPane({ seek });
    this.supplied = new Supplied({ chapters: (list, select) => this.setChapters(list, select), transcript: (address) => this.transcript.turn(address, this.text.from_publisher), say });
    this.speakers = new Speakers({ changed: () => this.renamed(), say });
    this.build();
  }

  build() {
    this.looking = action("find-open", "", SEARCH, () => this.find.open(), { className: "small" });
    this.people = action("speakers-open", "", PEOPLE, () => this.speakers.open(), { className: "small", hidden: true, edits: true });
    this.heading = element("h2", { className: "heading" });
    this.transcript.head.append(this.heading, this.find.root, this.supplied.transcript, this.people, this.looking);
    this.transcript.scroll.before(this.spoken.root);
    this.tabs = Object.fromEntries(TABS.map((name) => [name, this.tab(name)]));
    this.tablist = element("div", { className: "tabs", role: "tablist" }, ...Object.values(this.tabs));
    this.tablist.addEventListener("keydown", (event) => this.walkTabs(event));
    const beside = element("div", { className: "beside" }, this.notes.root, this.highlights.root, this.own.root, this.about.root);
    for (const name of TABS) {
      this[name].root.setAttribute("role", "tabpanel");
    }
    this.dock = element("div", { testid: "dock", className: "dock" }, this.bar.root);
    this.root = element(
      "div",
      { testid: "player", className: "player" },
      this.dock,
      element("div", { className: "room" }, this.tablist, element("div", { className: "columns" }, beside, this.transcript.root)),
      this.bar.sleep.list, this.selection.root, this.messages.region, this.help.root, this.speakers.root, this.spoken.dialog.root, ...this.notes.dialogs,
    );
    // What sticks to the top below the bar, or scrolls to it, needs its height.
    this.measured = new ResizeObserver(() => this.measure());
    this.measured.observe(this.dock);
    this.measured.observe(this.bar.root);
    this.onState = () => this.measure();
    this.bar.sound.addEventListener("state", this.onState);
    this.keys = new PlayerKeys(this);
  }

  // At the foot of a phone, other things of the page keep clear of the bar.
  measure() {
    this.root.style.setProperty("--dock", `${this.dock.offsetHeight}px`);
    keepFoot("player", this.atFoot ? this.bar.root.offsetHeight : 0);
  }

  get atFoot() {
    return getComputedStyle(this.bar.root).position === "fixed";
  }

  // Return the part of the window between the bars, {top, bottom} in pixels: text outside it is covered.
  area() {
    const bar = this.bar.root.getBoundingClientRect();
    const above = this.narrow ? this.tablist : this.dock;
    const bottom = this.atFoot && bar.height ? bar.top : innerHeight;
    return { top: Math.max(0, above.getBoundingClientRect().bottom), bottom };
  }

  passageHooks(say) {
    return {
      find: (id) => this.highlights.find(id),
      highlight: (passage, colour) => this.highlights.add(passage.span, colour),
      change: (highlight, values) => this.highlights.change(highlight, values),
      remove: (highlight) => this.highlights.remove(highlight),
      edit: (index) => this.editor.open(index),
      remark: (highlight) => {
        this.pick("highlights");
        this.highlights.write(highlight);
      },
      area: () => this.area(),
      say,
    };
  }

  // --- visible parts ----------------------------------------------------------------------------

  tab(name) {
    return element("button", { testid: `tab-${name}`, type: "button", role: "tab", "aria-controls": `castmind-${name}`, onclick: () => this.pick(name) });
  }

  // Show the tab that the reader chose; without a choice the notes come to the front once they exist.
  pick(name) {
    this.picked = true;
    theParts().set(this.data.id, name);
    this.choose(name);
  }

  choose(name) {
    const wide = !this.narrow;
    this.chosen = name;
    for (const each of TABS) {
      const on = each === name || (wide && name === "transcript" && each === this.besideName);
      this[each].root.classList.toggle("chosen", on);
      this.tabs[each].setAttribute("aria-selected", String(each === name));
      this.tabs[each].tabIndex = each === name ? 0 : -1;
    }
    if (name !== "transcript") this.besideName = name;
    if (name === "transcript" && this.transcript.following) this.transcript.keepInView();
  }

  // In a wide window the transcript stands beside the other parts and needs no tab.
  get narrow() {
    return getComputedStyle(this.tabs.transcript).display !== "none";
  }

  walkTabs(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const there = TABS.filter((name) => name !== "transcript" || this.narrow);
    const next = there[(there.indexOf(this.chosen) + step + there.length) % there.length];
    this.pick(next);
    this.tabs[next].focus();
    event.preventDefault();
    event.stopPropagation();
  }

  show(data) {
    const { text } = data;
    // Every rerun passes new data; equal texts keep the old object's identity, so that nothing is drawn twice.
    data.text = this.text && JSON.stringify(this.text) === JSON.stringify(text) ? this.text : text;
    this.text = data.text;
    this.data = data;
    this.label(text);
    this.bar.show(data);
    for (const part of [this.find]) part.show(this.text);
    for (const part of [this.editor, this.selection, this.speakers, this.transcript, this.notes, this.own, this.about, this.supplied, this.spoken]) part.show(data);
    this.tellUnclear(data.speech?.spans ?? []);
    const writing = this.own.root.contains(this.own.root.getRootNode().activeElement);
    const arrived = data.notes && !this.hadNotes && !this.picked && !this.narrow && !writing;
    const wanted = TABS.includes(data.part) ? data.part : theParts().get(data.id);
    if (!this.shown && wanted && (this.narrow || wanted !== "transcript")) this.pick(wanted);
    else if (!this.shown || arrived) {
      this.besideName = data.notes ? "notes" : "own";
      this.choose(this.narrow && !data.notes ? "transcript" : this.besideName);
    }
    this.hadNotes = Boolean(data.notes);
    this.shown = true;
  }

  tellUnclear(spans) {
    const key = JSON.stringify([spans, this.text.unheard]);
    if (this.unclearKey === key) return;
    this.unclearKey = key;
    this.bar.setUnclear(spans);
    this.transcript.setUnclear(spans);
  }

  label(text) {
    this.heading.textContent = text.transcript;
    const names = { transcript: text.transcript, notes: text.notes, highlights: text.highlights, own: text.own_notes, about: text.about };
    for (const [name, words] of Object.entries(names)) {
      this.tabs[name].textContent = words;
      this[name].root.setAttribute("aria-label", words);
    }
    this.help.name(text.keys, text.close);
    this.messages.name(text.close);
    this.tablist.setAttribute("aria-label", text.parts);
    for (const [button, words] of [[this.looking, text.find], [this.people, text.speakers]]) {
      button.title = words;
      button.setAttribute("aria-label", words);
    }
  }

  // --- events between the parts ------------------------------------------------------------------

  moved(seconds) {
    if (this.data && !this.data.audio) return; // the window may be playing another episode
    const { active, sound } = this.bar;
    this.transcript?.mark(seconds, { moves: active && !sound.paused });
    if (active && this.quiet && sound.quiet !== this.quiet) sound.setQuiet(this.data.id, this.quiet);
  }

  drawn(segments) {
    this.people.hidden = !this.transcript.whole || !segments.some(({ speaker }) => speaker);
    this.spoken.root.hidden = !this.data.speech || !this.transcript.whole;
    this.quiet = silences(segments, this.data.speech?.spans ?? [], this.data.duration || 0);
    this.bar.sound.setQuiet(this.data.id, this.quiet);
    if (this.transcript.whole) this.highlights.show({ ...this.data, transcript: this.transcript.address });
    this.find.look({ stay: true });
    // Without sound nothing else would scroll to the time in the URL.
    if (!this.data.audio && this.data.start !== null) this.transcript.mark(this.data.start);
  }

  setChapters(list, select) {
    this.bar.setChapters(list);
    this.notes.setChapters(list, select);
  }

  edited() {
    this.highlights.load();
    this.find.look({ stay: true });
  }

  async renamed() {
    await this.transcript.load();
  }

  goTo(place) {
    this.bar.playFrom(place.start);
    this.transcript.cite(place);
  }

  showKeys() {
    this.help.open(keyList(this.text));
  }

  close() {
    this.keys.close();
    this.measured.disconnect();
    keepFoot("player", 0);
    this.bar.sound.removeEventListener("state", this.onState);
    for (const part of [this.transcript, this.own, this.spoken, this.bar]) part.close();
    this.selection.destroy();
    this.root.remove();
  }
}

export default function mount({ data: [data], parentElement, setTriggerValue }) {
  const place = parentElement;
  if (!place.castmindPlayer) {
    place.castmindPlayer = new Player();
    place.append(place.castmindPlayer.root);
    place.castmindPlayer.transcript.body.addEventListener("dblclick", (event) => {
      const room = place.castmindPlayer;
      const index = room.transcript.indexAt(event.target);
      if (index < 0 || room.transcript.spans[index].editing) return;
      room.selection.clear();
      room.editor.open(index);
    });
  }
  const player = place.castmindPlayer;
  player.onChanged = () => setTriggerValue("changed", Date.now());
  player.show(structuredClone(data));
  // Streamlit also runs the cleanup of a call that newer data replaced: destroy the player only once it has left the page.
  return () =>
    setTimeout(() => {
      if (player.root.isConnected) return;
      player.close();
      delete place.castmindPlayer;
    });
}
