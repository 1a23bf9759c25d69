// The bar: one <audio>, and the controls that move it.

const STEP = 15;
const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2];
const PLAY = "M8 5v14l11-7z";
const PAUSE = "M6 5h4v14H6zM14 5h4v14h-4z";
// Nearer than this to the end counts as heard: the next visit starts from the front.
const HEARD = 10;

class Bar {
  constructor(onTime) {
    this.onTime = onTime;
    this.audio = element("audio", { testid: "audio", preload: "metadata" });
    this.play = element("button", { testid: "play", type: "button", className: "play", onclick: () => this.toggle() });
    this.back = element("button", { testid: "back-15", type: "button", textContent: `−${STEP}`, onclick: () => this.skip(-STEP) });
    this.ahead = element("button", { testid: "ahead-15", type: "button", textContent: `+${STEP}`, onclick: () => this.skip(STEP) });
    this.slider = element("input", { testid: "seek", type: "range", min: 0, step: 0.1, value: 0 });
    this.slider.oninput = () => this.seek(Number(this.slider.value));
    this.time = element("span", { testid: "clock", className: "clock" });
    this.speed = element("select", { testid: "speed" }, ...SPEEDS.map((s) => element("option", { value: s, textContent: `${s}×` })));
    this.speed.onchange = () => this.setSpeed(Number(this.speed.value));
    this.trouble = element("p", { testid: "audio-trouble", className: "trouble", role: "alert", hidden: true });
    this.root = element(
      "div",
      { testid: "player-bar", className: "bar", role: "group" },
      this.audio, this.back, this.play, this.ahead, this.slider, this.time, this.speed, this.trouble,
    );
    this.listen();
    this.setSpeed(Number(remembered("speed")) || 1);
  }

  listen() {
    for (const name of ["timeupdate", "seeking", "loadedmetadata", "durationchange"]) {
      this.audio.addEventListener(name, () => this.draw());
    }
    for (const name of ["play", "pause", "ended"]) this.audio.addEventListener(name, () => this.drawPlay());
    this.audio.addEventListener("error", () => {
      this.trouble.hidden = false;
    });
    this.audio.addEventListener("loadeddata", () => {
      this.trouble.hidden = true;
    });
  }

  show({ id, audio, duration, start, text }) {
    this.text = text;
    this.duration = duration || 0;
    this.label(text);
    this.root.hidden = !audio;
    if (audio && audio !== this.address) {
      this.address = audio;
      this.id = id;
      this.audio.src = audio;
      this.seek(this.firstPosition(start));
    } else if (start !== this.start && start !== null) {
      this.seek(start);
    }
    this.start = start;
    this.draw();
    this.drawPlay();
  }

  label(text) {
    this.root.setAttribute("aria-label", text.player);
    this.back.setAttribute("aria-label", text.back);
    this.ahead.setAttribute("aria-label", text.ahead);
    this.slider.setAttribute("aria-label", text.position);
    this.speed.setAttribute("aria-label", text.speed);
    this.trouble.textContent = text.audio_trouble;
  }

  firstPosition(start) {
    if (start !== null) return start;
    const kept = Number(remembered(`position.${this.id}`)) || 0;
    return this.duration && kept > this.duration - HEARD ? 0 : kept;
  }

  get length() {
    return Number.isFinite(this.audio.duration) ? this.audio.duration : this.duration;
  }

  seek(seconds) {
    this.audio.currentTime = Math.max(0, this.length ? Math.min(seconds, this.length) : seconds);
    this.draw();
  }

  playFrom(seconds) {
    this.seek(seconds);
    this.startPlaying();
  }

  startPlaying() {
    // A refusal (no gesture yet, or a pause that came first) leaves the player paused, which the button shows.
    this.audio.play().catch(() => this.drawPlay());
  }

  skip(seconds) {
    this.seek(this.audio.currentTime + seconds);
  }

  toggle() {
    if (this.audio.paused) this.startPlaying();
    else this.audio.pause();
  }

  setSpeed(speed) {
    this.audio.defaultPlaybackRate = speed;
    this.audio.playbackRate = speed;
    this.speed.value = String(speed);
    remember("speed", speed);
  }

  draw() {
    const now = this.audio.currentTime;
    this.slider.max = this.length || 1;
    this.slider.value = now;
    this.slider.setAttribute("aria-valuetext", clock(now));
    this.time.textContent = `${clock(now)} / ${clock(this.length)}`;
    if (this.address && this.audio.readyState > 0) remember(`position.${this.id}`, now.toFixed(1));
    this.onTime(now);
  }

  drawPlay() {
    this.play.replaceChildren(icon(this.audio.paused ? PLAY : PAUSE));
    this.play.setAttribute("aria-label", this.audio.paused ? this.text.play : this.text.pause);
  }

  close() {
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
  }
}
