// The sleep timer, one for all windows: the choice lies in the browser's storage, and the window that plays carries it out.
//
//   choose ─▶ {until} or {end: "chapter" | "episode"} ─▶ countdown ─▶ the last seconds fade ─▶ pause; the volume is as before
//               └─ a storage event ─▶ the countdown of other windows

const SLEEP_MINUTES = [5, 10, 15, 30, 45, 60];
const MORE_MINUTES = 5;
// Seconds of the fade: before a time, and before an end, whose last words are to be heard.
const FADE = { time: 10, end: 3 };
// Seconds: a window without sound clears a timer this long after its end, so that the one that plays has paused by then.
const OVERDUE = 3;
// Milliseconds: an end that was chosen earlier is forgotten.
const FORGOTTEN_AFTER = 12 * 3600_000;

class SleepTimer extends EventTarget {
  constructor(sound) {
    super();
    this.sound = sound;
    this.goal = null;
    window.addEventListener("storage", ({ key }) => (key === "castmind.sleep" || key === null) && this.read());
    for (const name of ["play", "pause", "ratechange", "durationchange"]) sound.audio.addEventListener(name, () => this.watch());
    sound.audio.addEventListener("ended", () => this.choice?.end && this.finish());
    this.read();
  }

  // The browser may hold what another version wrote: anything else than a timer is none.
  read() {
    try {
      const { until, end, asked } = JSON.parse(remembered("sleep") ?? "{}");
      const fresh = Date.now() - asked < FORGOTTEN_AFTER;
      this.choice = Number.isFinite(until) ? { until } : ["chapter", "episode"].includes(end) && fresh ? { end, asked } : null;
    } catch {
      this.choice = null;
    }
    this.aim();
  }

  keep(choice) {
    this.choice = choice;
    if (choice) remember("sleep", JSON.stringify(choice));
    else forget("sleep");
    this.aim();
  }

  after(minutes) {
    this.keep({ until: Date.now() + minutes * 60_000 });
  }

  atEnd(end) {
    this.keep({ end, asked: Date.now() });
  }

  more() {
    this.keep({ until: Date.now() + (Math.max(0, this.left) + MORE_MINUTES * 60) * 1000 });
  }

  off() {
    this.keep(null);
  }

  // Find the place of an end. A seek, other chapters and another track move it; playing across it does not.
  aim() {
    const { sound, choice } = this;
    const next = choice?.end === "chapter" ? sound.chapters.find(({ start }) => start > sound.now + 0.05) : null;
    this.goal = choice?.end ? (next?.start ?? null) : null;
    this.watch();
  }

  // Seconds until the sound stops; null without a timer.
  get left() {
    const { choice, sound } = this;
    if (!choice) return null;
    if (choice.until) return (choice.until - Date.now()) / 1000;
    return ((this.goal ?? sound.length) - sound.now) / sound.speed;
  }

  watch() {
    clearTimeout(this.watching);
    const { choice, left, sound } = this;
    this.dispatchEvent(new Event("change"));
    if (!choice || (choice.end && !sound.length)) {
      sound.fade(1);
      return;
    }
    const last = choice.end ? -Infinity : -OVERDUE;
    if (left <= (sound.paused ? last : 0)) {
      this.finish();
      return;
    }
    const span = choice.until ? FADE.time : FADE.end;
    sound.fade(sound.paused ? 1 : Math.min(1, Math.max(0, left / span)));
    this.watching = setTimeout(() => this.watch(), left < span ? 100 : 500);
  }

  // The volume comes back once the sound is silent.
  finish() {
    const { choice } = this;
    this.sound.pause();
    setTimeout(() => this.choice === choice && this.off(), 200);
  }
}
