// The sound: one <audio> per window, outside Streamlit's tree, so that it survives page changes.
//
//   Bar, NowPlaying ── load, play, seek ──▶ Sound ── "time", "state" ──▶ Bar, NowPlaying, transcript
//                                            └── PUT …/position at a pause, a seek, every 15 s, when the window closes
//   media keys, lock screen ──────────────────▶ play, pause, seek, the next or previous chapter
//
// Other windows pause when this one starts to play (shared/one_sound.js).
// The browser keeps speed, volume and skipping of silence (localStorage); the library keeps the position in an episode.

const STEP = 15;
const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3];
const SAVE_EVERY = 15_000;
const SAVE_AFTER_SEEK = 1500;
// Seconds: a skip of silence lands this long before the next word, and happens only if it saves more than that.
const BREATH = 0.25;
// Seconds before the end from which an episode counts as heard: it begins anew.
const HEARD = 10;
// Seconds: "previous" goes to the start of the chapter, and within this time of it to the chapter before.
const JUST_BEGUN = 3;

// What the sound and its bars need of an episode {id, title, feed, duration}: its addresses follow from its number.
const trackOf = ({ id, title, feed, duration }) => {
  const base = `/api/v1/episodes/${id}`;
  return { id, title, feed: feed || "", duration: duration || 0, audio: `${base}/audio`, cover: `${base}/cover`, page: `/episode?id=${id}` };
};

class Sound extends EventTarget {
  constructor() {
    super();
    this.track = null;
    this.played = false;
    this.trouble = false;
    this.quiet = [];
    this.chapters = [];
    this.until = null;
    theOneSound();
    this.audio = element("audio", { testid: "audio", preload: "metadata", hidden: true });
    document.body.append(this.audio);
    this.audio.preservesPitch = true;
    this.setSpeed(Number(remembered("speed")) || 1);
    this.setVolume(Number(remembered("volume") ?? 1));
    this.skipping = remembered("skip-silence") === "1";
    this.listen();
  }

  listen() {
    const { audio } = this;
    for (const name of ["timeupdate", "seeking", "loadedmetadata", "durationchange"]) {
      audio.addEventListener(name, () => this.tick());
    }
    for (const name of ["play", "pause", "ended", "volumechange", "ratechange", "waiting", "playing"]) {
      audio.addEventListener(name, () => this.changed());
    }
    audio.addEventListener("play", () => {
      this.played = true;
      this.describe();
    });
    audio.addEventListener("pause", () => {
      this.until = null;
      this.save();
    });
    audio.addEventListener("ended", () => this.save());
    audio.addEventListener("error", () => this.fail(true));
    audio.addEventListener("loadeddata", () => this.fail(false));
    window.addEventListener("pagehide", () => this.save());
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.save());
    this.takeKeys();
  }

  has(id) {
    return this.track?.id === id;
  }

  // Where an episode goes on that was left at `position`.
  beginning({ duration, position }) {
    return position && !(duration && position > duration - HEARD) ? position : 0;
  }

  // Play an episode (see trackOf) from a second on.
  playFrom(episode, seconds) {
    this.load(trackOf(episode), seconds);
    this.seek(seconds);
    this.play();
  }

  load(track, seconds = 0) {
    if (this.has(track.id)) {
      this.track = track;
      return;
    }
    this.save();
    this.track = track;
    this.played = false;
    this.trouble = false;
    this.quiet = [];
    this.chapters = [];
    this.until = null;
    this.saved = null;
    this.audio.src = track.audio;
    this.setSpeed(this.speed);
    this.seek(seconds, { silently: true });
    this.changed();
  }

  get now() {
    return this.audio.currentTime;
  }

  get paused() {
    return this.audio.paused;
  }

  get length() {
    return Number.isFinite(this.audio.duration) ? this.audio.duration : this.track?.duration || 0;
  }

  seek(seconds, { silently = false } = {}) {
    this.until = null;
    this.audio.currentTime = Math.max(0, this.length ? Math.min(seconds, this.length) : seconds);
    this.tick();
    if (silently) return;
    this.played = true;
    clearTimeout(this.saving);
    this.saving = setTimeout(() => this.save(), SAVE_AFTER_SEEK);
  }

  skip(seconds) {
    this.seek(this.now + seconds);
  }

  play() {
    // A refused play (no user gesture yet, or a pause came first) leaves the sound paused, and the button shows it.
    this.audio.play().catch(() => this.changed());
  }

  pause() {
    this.audio.pause();
  }

  // Play up to `seconds` and pause there, unless the listener pauses or seeks before.
  stopAt(seconds) {
    this.until = seconds;
    this.watch();
    this.changed();
  }

  watch() {
    clearTimeout(this.watching);
    if (this.until === null) return;
    const left = (this.until - this.now) / this.speed;
    if (left <= 0.01) this.pause();
    else this.watching = setTimeout(() => this.watch(), Math.min(250, Math.max(10, left * 1000)));
  }

  toggle() {
    if (this.paused) this.play();
    else this.pause();
  }

  setSpeed(speed) {
    this.speed = Math.min(3, Math.max(0.5, speed));
    this.audio.defaultPlaybackRate = this.speed;
    this.audio.playbackRate = this.speed;
    remember("speed", this.speed);
  }

  setVolume(volume) {
    this.audio.volume = Math.min(1, Math.max(0, volume));
    this.audio.muted = false;
    remember("volume", this.audio.volume);
  }

  toggleMute() {
    this.audio.muted = !this.audio.muted;
  }

  setSkipping(wanted) {
    this.skipping = wanted;
    remember("skip-silence", wanted ? "1" : "0");
    this.changed();
  }

  // Take the track's silences, [[from, to], …] in order.
  setQuiet(id, gaps) {
    if (this.has(id)) this.quiet = gaps;
  }

  // Take the track's chapters, [{title, start}, …] in order.
  setChapters(id, chapters) {
    if (!this.has(id)) return;
    this.chapters = chapters;
    this.describe();
  }

  get chapter() {
    return this.chapters.findLast(({ start }) => start <= this.now + 0.05) ?? null;
  }

  // Seek to the next chapter, or to the start of this one or the one before; where there is none, by `STEP` seconds.
  toChapter(step) {
    const { now, chapters } = this;
    const there = step > 0 ? chapters.find(({ start }) => start > now + 0.05) : chapters.findLast(({ start }) => start < now - JUST_BEGUN);
    if (there) this.seek(there.start);
    else this.skip(step * STEP);
  }

  tick() {
    if (this.skipping && this.until === null && !this.paused && !this.audio.seeking) this.leap();
    if (!this.paused && performance.now() - (this.savedAt || 0) > SAVE_EVERY) this.save();
    if (this.chapter !== this.described) this.describe();
    this.dispatchEvent(new Event("time"));
  }

  leap() {
    const { now } = this;
    const gap = this.quiet.find(([from, to]) => now > from + BREATH && now < to - 2 * BREATH);
    if (gap) this.audio.currentTime = gap[1] - BREATH;
  }

  changed() {
    if ("mediaSession" in navigator) navigator.mediaSession.playbackState = this.played ? (this.paused ? "paused" : "playing") : "none";
    this.dispatchEvent(new Event("state"));
  }

  fail(failed) {
    this.trouble = failed && Boolean(this.track);
    this.changed();
  }

  // Save the position in the library, unless this visit neither played nor sought.
  save() {
    clearTimeout(this.saving);
    if (!this.track || !this.played || this.audio.readyState === 0) return;
    const seconds = Math.round(this.now * 10) / 10;
    if (this.saved === seconds) return;
    this.saved = seconds;
    this.savedAt = performance.now();
    const { id } = this.track;
    const wish = { method: "PUT", keepalive: true, headers: { "Content-Type": "application/json" }, body: JSON.stringify({ seconds }) };
    fetch(`/api/v1/episodes/${id}/position`, wish).catch(() => {
      if (this.has(id)) this.saved = null; // the next save tries again
    });
  }

  // Set the media session: the lock screen's text, and the media keys of headphones and keyboards.
  describe() {
    this.described = this.chapter;
    if (!("mediaSession" in navigator) || !this.track || !this.played) return;
    const { title, feed, cover } = this.track;
    const artwork = cover ? [{ src: new URL(cover, location.href).href }] : [];
    navigator.mediaSession.metadata = new MediaMetadata({ title, artist: feed || "CastMind", album: this.chapter?.title ?? "", artwork });
    this.tellPlace();
  }

  tellPlace() {
    if (!navigator.mediaSession?.setPositionState || !this.length || !this.played) return;
    const position = Math.min(this.now, this.length);
    navigator.mediaSession.setPositionState({ duration: this.length, playbackRate: this.speed, position });
  }

  takeKeys() {
    if (!("mediaSession" in navigator)) return;
    const acts = {
      play: () => this.play(),
      pause: () => this.pause(),
      stop: () => this.pause(),
      seekbackward: ({ seekOffset }) => this.skip(-(seekOffset || STEP)),
      seekforward: ({ seekOffset }) => this.skip(seekOffset || STEP),
      seekto: ({ seekTime }) => this.seek(seekTime),
      previoustrack: () => this.toChapter(-1),
      nexttrack: () => this.toChapter(1),
    };
    for (const [name, act] of Object.entries(acts)) {
      try {
        navigator.mediaSession.setActionHandler(name, act);
      } catch {
        continue; // an action that this browser does not know
      }
    }
    for (const name of ["seeked", "ratechange", "durationchange", "play", "pause"]) this.audio.addEventListener(name, () => this.tellPlace());
  }
}

// Created once per window: every component that loads later finds the same one.
const theSound = () => (window.castmindSound ??= new Sound());
