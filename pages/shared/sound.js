// The sound: one <audio> per window, outside Streamlit's tree, so that it survives page changes.
//
//   Bar, NowPlaying ── load, play, seek ──▶ Sound ── "time", "state" ──▶ Bar, NowPlaying, transcript
//                                            └── PUT …/position at a pause, a seek, every 15 s, when the window closes
//   media keys (media_keys.js), sleep timer (sleep_timer.js) ─▶ play, pause, seek, the next or previous chapter
//                                            └── GET …/chapters at the first play, unless a page has set them
//
// Other windows pause when this one starts to play (shared/one_sound.js).
// The browser keeps speed, volume and skipping of silence (localStorage); the library keeps the position in an episode.

// Seconds of a skip.
const BACK = 15;
const AHEAD = 30;
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
    this.places = new Map(); // episode ─▶ where this window left it
    this.loudness = 1;
    this.faded = 1;
    theOneSound();
    this.audio = element("audio", { testid: "audio", preload: "metadata", hidden: true });
    document.body.append(this.audio);
    this.audio.preservesPitch = true;
    this.setSpeed(Number(remembered("speed")) || 1);
    this.setVolume(Number(remembered("volume") ?? 1));
    this.skipping = remembered("skip-silence") === "1";
    this.listen();
    this.keys = new MediaKeys(this);
    this.sleep = new SleepTimer(this);
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
      this.findChapters();
    });
    audio.addEventListener("pause", () => {
      this.until = null;
      this.save();
    });
    audio.addEventListener("ended", () => this.save());
    audio.addEventListener("error", () => this.fail(true));
    audio.addEventListener("loadeddata", () => this.fail(false));
    window.addEventListener("pagehide", () => {
      if (this.sending) this.saved = null; // a page that goes may take an unanswered request with it
      this.save();
    });
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.save());
  }

  has(id) {
    return this.track?.id === id;
  }

  // Where an episode goes on that was left at `position`.
  beginning({ id, duration, position: known }) {
    const position = this.places.get(id) ?? known;
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
    this.leave();
    this.track = track;
    this.audio.src = track.audio;
    this.setSpeed(this.speed);
    this.seek(seconds, { silently: true });
    this.changed();
  }

  // Stop, keep the position, and forget the track.
  unload() {
    this.pause();
    this.sleep.off();
    this.leave();
    this.keys.describe();
    this.audio.removeAttribute("src");
    this.audio.load();
    this.changed();
  }

  leave() {
    this.save();
    Object.assign(this, { track: null, played: false, trouble: false, quiet: [], chapters: [], informed: false, until: null, saved: null });
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
    this.sleep.aim();
    this.tick();
    if (silently) return;
    this.played = true;
    // The first of several seeks at once, since a page may be left in the next moment; the last of them after a pause.
    if (!this.saving) this.save();
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
    this.loudness = Math.min(1, Math.max(0, volume));
    this.audio.volume = this.loudness * this.faded;
    this.audio.muted = false;
    remember("volume", this.loudness);
  }

  // Lower the sound to a share of the chosen volume; hearing is nearer to the square.
  fade(share) {
    if (this.faded === share ** 2) return;
    this.faded = share ** 2;
    this.audio.volume = this.loudness * this.faded;
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
    this.informed = true;
    this.keys.describe();
    this.sleep.aim();
    this.changed();
  }

  // Fetch the chapters, unless a page has set them. Without an answer the next play asks again.
  async findChapters() {
    const { id } = this.track ?? {};
    if (!id || this.informed) return;
    this.informed = true;
    try {
      const answer = await fetch(`/api/v1/episodes/${id}/chapters`);
      const { items } = answer.ok ? await answer.json() : { items: [] };
      if (!this.chapters.length) this.setChapters(id, items);
    } catch {
      if (this.has(id)) this.informed = false;
    }
  }

  get chapter() {
    return this.chapters.findLast(({ start }) => start <= this.now + 0.05) ?? null;
  }

  // Seek to the next chapter, or to the start of this one or the one before; where there is none, skip.
  toChapter(step) {
    const { now, chapters } = this;
    const there = step > 0 ? chapters.find(({ start }) => start > now + 0.05) : chapters.findLast(({ start }) => start < now - JUST_BEGUN);
    if (there) this.seek(there.start);
    else this.skip(step > 0 ? AHEAD : -BACK);
  }

  tick() {
    if (this.skipping && this.until === null && !this.paused && !this.audio.seeking) this.leap();
    if (!this.paused && performance.now() - (this.savedAt || 0) > SAVE_EVERY) this.save();
    if (this.chapter !== this.told) {
      this.told = this.chapter;
      this.keys.describe();
      this.changed();
    }
    this.dispatchEvent(new Event("time"));
  }

  leap() {
    const { now } = this;
    const gap = this.quiet.find(([from, to]) => now > from + BREATH && now < to - 2 * BREATH);
    if (gap) this.audio.currentTime = gap[1] - BREATH;
  }

  changed() {
    this.dispatchEvent(new Event("state"));
  }

  fail(failed) {
    this.trouble = failed && Boolean(this.track);
    this.changed();
  }

  // Save the position in the library, unless this visit neither played nor sought.
  save() {
    clearTimeout(this.saving);
    this.saving = null;
    if (!this.track || !this.played || this.audio.readyState === 0) return;
    const seconds = Math.round(this.now * 10) / 10;
    if (this.saved === seconds) return;
    this.saved = seconds;
    this.savedAt = performance.now();
    const { id } = this.track;
    this.places.set(id, seconds);
    const wish = { method: "PUT", keepalive: true, headers: { "Content-Type": "application/json" }, body: JSON.stringify({ seconds }) };
    const again = () => this.has(id) && (this.saved = null); // the next save tries again
    this.sending = fetch(`/api/v1/episodes/${id}/position`, wish).catch(again).finally(() => (this.sending = null));
  }
}

// Created once per window: every component that loads later finds the same one.
const theSound = () => (window.castmindSound ??= new Sound());
