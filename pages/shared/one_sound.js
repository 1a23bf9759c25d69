// One sound at a time: a medium that starts to play pauses every other one, in this window and in all windows of CastMind.
//
//   any <audio>, <video> starts ─▶ claim {at, window} ─▶ the others of this window pause
//                                   └─ BroadcastChannel, or a storage event ─▶ other windows: an older sound than the claim pauses

const CLAIMS = "castmind.sound";

class OneSound {
  constructor() {
    this.name = crypto.getRandomValues(new Uint32Array(2)).join("-");
    this.playing = new Map(); // medium ─▶ the claim of its start
    this.watched = new WeakSet();
    this.connect();
    this.watchAll();
  }

  connect() {
    if (typeof BroadcastChannel === "function") {
      const channel = new BroadcastChannel(CLAIMS);
      channel.onmessage = ({ data }) => this.heard(data);
      this.send = (claim) => channel.postMessage(claim);
    } else {
      window.addEventListener("storage", ({ key, newValue }) => key === CLAIMS && newValue && this.heard(JSON.parse(newValue)));
      this.send = (claim) => this.store(claim);
    }
  }

  // The browser may forbid storage: then each window has its own sound.
  store(claim) {
    try {
      localStorage.setItem(CLAIMS, JSON.stringify(claim));
    } catch {
      return;
    }
  }

  // A player of the browser's own fires an event in the document. One inside a component, or without a place in the page, does
  // not: it is noticed when a script calls `play`.
  watchAll() {
    document.addEventListener("play", ({ target }) => this.began(target), { capture: true });
    const one = this;
    const { play } = HTMLMediaElement.prototype;
    HTMLMediaElement.prototype.play = function watched() {
      one.watch(this);
      return play.call(this);
    };
  }

  watch(medium) {
    if (this.watched.has(medium)) return;
    this.watched.add(medium);
    medium.addEventListener("play", () => this.began(medium));
    for (const name of ["pause", "ended", "emptied"]) medium.addEventListener(name, () => this.playing.delete(medium));
  }

  began(medium) {
    this.watch(medium);
    if (this.playing.has(medium)) return;
    this.pauseAll();
    const claim = { at: Date.now(), window: this.name };
    this.playing.set(medium, claim);
    this.send(claim);
  }

  // Of two windows that start at once, the one with the later claim goes on.
  heard(claim) {
    const older = (mine) => mine.at < claim.at || (mine.at === claim.at && mine.window < claim.window);
    this.pauseAll((mine) => older(mine));
  }

  pauseAll(wanted = () => true) {
    for (const [medium, mine] of [...this.playing]) {
      if (wanted(mine)) medium.pause();
    }
  }
}

// Created once per window.
const theOneSound = () => (window.castmindOneSound ??= new OneSound());
