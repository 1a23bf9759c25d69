// Controls that several bars of sound have: a slider over the time, the speed, skips, the sleep timer. Needs menu.js.

// Seconds that a key moves the slider.
const KEY_STEPS = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -60, PageUp: 60 };
const MOON = "M12.3 3a7 7 0 0 0 8.7 8.7A9 9 0 1 1 12.3 3z";
const ADD = "M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z";

// The slider of a position. `now` and `length` come with draw; a key, a press and a drag call `onSeek(seconds)`.
class SeekSlider {
  constructor(testid, onSeek) {
    this.onSeek = onSeek;
    this.root = element("input", { testid, type: "range", className: "seek", min: 0, step: 0.1, value: 0 });
    this.root.oninput = () => onSeek(Number(this.root.value));
    this.root.onkeydown = (event) => this.key(event);
  }

  label(text) {
    this.text = text;
    this.root.setAttribute("aria-label", text.position);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { key } = event;
    const to = { Home: 0, End: this.length }[key] ?? (KEY_STEPS[key] ? this.now + KEY_STEPS[key] : undefined);
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.onSeek(Math.min(this.length, Math.max(0, to)));
  }

  draw(now, length) {
    Object.assign(this, { now, length });
    this.root.max = length || 1;
    this.root.value = now;
    this.root.style.setProperty("--played", `${length ? Math.min(100, (now / length) * 100) : 0}%`);
    const words = fill(this.text.position_of, { now: clock(now), length: clock(length) });
    if (this.root.getAttribute("aria-valuetext") !== words) this.root.setAttribute("aria-valuetext", words);
  }
}

// The speed of the sound.
class SpeedChoice {
  constructor(testid, sound) {
    this.sound = sound;
    this.root = element("select", { testid, className: "speed" }, ...SPEEDS.map((s) => element("option", { value: s, textContent: `${s}×` })));
    this.root.onchange = () => sound.setSpeed(Number(this.root.value));
  }

  label(text) {
    this.root.setAttribute("aria-label", text.speed);
    this.root.title = text.speed;
  }

  draw() {
    this.root.value = String(this.sound.speed);
  }
}

// A button that skips: an arrow around the number of seconds.
const skipButton = (testid, seconds, onclick) => {
  const made = element("button", { testid, type: "button", className: "skip", onclick });
  const arrow = icon(seconds < 0 ? "M12 5V1.5L7.2 6.3 12 11V7.2a6.4 6.4 0 1 1-6.4 6.4H3.4A8.6 8.6 0 1 0 12 5z" : "M12 5V1.5l4.8 4.8L12 11V7.2a6.4 6.4 0 1 0 6.4 6.4h2.2A8.6 8.6 0 1 1 12 5z");
  const number = document.createElementNS("http://www.w3.org/2000/svg", "text");
  for (const [name, value] of Object.entries({ x: 12, y: 16.3, "text-anchor": "middle", "font-size": 8, "font-weight": 700 })) number.setAttribute(name, value);
  number.textContent = Math.abs(seconds);
  arrow.append(number);
  made.append(arrow);
  return made;
};

// The sleep timer: a moon, beside it the time that is left. `list` is its menu: to choose, prolong and end it.
class SleepButton {
  constructor(testid, sound) {
    this.testid = testid;
    this.sound = sound;
    this.timer = sound.sleep;
    this.left = element("span", { testid: `${testid}-left`, className: "left" });
    this.root = element("button", { testid, type: "button", className: "sleep" }, icon(MOON), this.left);
    this.list = new Menu(this.root, () => this.choices(), { follows: true }).list;
    this.onChange = () => this.draw();
    this.timer.addEventListener("change", this.onChange);
  }

  label(text) {
    this.text = text;
    this.draw();
  }

  choices() {
    const { text, timer, sound, testid } = this;
    const entry = (name, label, path, does) => ({ testid: `${testid}-${name}`, label, path, does });
    const minutes = SLEEP_MINUTES.map((n) => entry(String(n), fill(text.sleep_minutes, { n }), null, () => timer.after(n)));
    const chapter = sound.chapter ? [entry("chapter", text.sleep_chapter, null, () => timer.atEnd("chapter"))] : [];
    const episode = entry("episode", text.sleep_episode, null, () => timer.atEnd("episode"));
    const running = [
      entry("more", fill(text.sleep_more, { n: MORE_MINUTES }), ADD, () => timer.more()),
      entry("off", text.sleep_off, CLOSE, () => timer.off()),
    ];
    return [...(timer.choice ? running : []), ...minutes, ...chapter, episode];
  }

  draw() {
    if (!this.text) return;
    const { choice, left } = this.timer;
    const time = choice ? clock(Math.ceil(Math.max(0, left))) : "";
    if (this.left.textContent === time && this.root.title) return;
    this.left.textContent = time;
    const words = time ? fill(this.text.sleep_left, { time }) : this.text.sleep;
    this.root.setAttribute("aria-label", words);
    this.root.title = words;
    this.root.classList.toggle("on", Boolean(time));
  }

  close() {
    this.timer.removeEventListener("change", this.onChange);
  }
}
