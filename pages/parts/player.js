// The synced player:  bar ──time──▶ transcript (marks the sentence)
//                      ▲                │ click            notes (click on a time)
//                      └────── seek ────┴──────────────────────┘
// Streamlit calls the default export again with every change of data or theme. The player lives on the mount point and is
// brought up to date, so that sound goes on.

const NOT_OURS = "input, textarea, select, [contenteditable], [role=slider], [role=dialog], [role=listbox], [role=tab]";

class Player {
  constructor() {
    this.bar = new Bar((seconds) => this.transcript?.mark(seconds));
    this.transcript = new TranscriptPane((seconds) => this.bar.playFrom(seconds));
    this.notes = new NotesPane((start, end) => {
      this.bar.playFrom(start);
      this.transcript.cite(start, end);
    });
    this.tabs = { notes: this.tab("notes"), transcript: this.tab("transcript") };
    this.root = element(
      "div",
      { testid: "player", className: "room" },
      this.bar.root,
      element("div", { className: "tabs", role: "tablist" }, this.tabs.notes, this.tabs.transcript),
      element("div", { className: "columns" }, this.notes.root, this.transcript.root),
    );
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
  }

  tab(name) {
    return element("button", { testid: `tab-${name}`, type: "button", role: "tab", onclick: () => this.choose(name) });
  }

  // Only a narrow player hides what is not chosen.
  choose(name) {
    for (const other of ["notes", "transcript"]) {
      this[other].root.classList.toggle("chosen", other === name);
      this.tabs[other].setAttribute("aria-selected", String(other === name));
    }
    if (name === "transcript" && this.transcript.following) this.transcript.keepInView();
  }

  show(data) {
    if (!this.shown) this.choose(data.notes ? "notes" : "transcript");
    this.shown = true;
    this.tabs.notes.textContent = data.text.notes;
    this.tabs.transcript.textContent = data.text.transcript;
    this.bar.show(data);
    this.notes.show(data);
    this.transcript.show(data);
  }

  key(event) {
    if (this.bar.root.hidden || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const target = event.composedPath()[0];
    if (!(target instanceof Element) || target.closest(NOT_OURS)) return;
    if (event.key === " " && !target.closest("button, a, summary")) this.bar.toggle();
    else if (event.key === "ArrowLeft") this.bar.skip(-STEP);
    else if (event.key === "ArrowRight") this.bar.skip(STEP);
    else return;
    event.preventDefault();
  }

  close() {
    document.removeEventListener("keydown", this.onKey);
    this.transcript.close();
    this.bar.close();
    this.root.remove();
  }
}

export default function mount({ data: [data], parentElement }) {
  const place = parentElement;
  if (!place.castmindPlayer) {
    place.castmindPlayer = new Player();
    place.append(place.castmindPlayer.root);
  }
  const player = place.castmindPlayer;
  player.show(data);
  // Streamlit also cleans up after a call that newer data overtook: the sound must go on unless the player left the page.
  return () =>
    setTimeout(() => {
      if (player.root.isConnected) return;
      player.close();
      delete place.castmindPlayer;
    });
}
