// The player bar of an episode's page: it controls this episode's sound, whatever the window is playing at the moment.
//
//   this episode is loaded ─▶ the controls seek in the sound
//   another one plays ──────▶ the controls keep a position of their own; play loads this episode at that position

class Bar {
  constructor(onTime, onHelp) {
    this.onTime = onTime;
    this.sound = theSound();
    this.kept = 0;
    this.play = element("button", { testid: "play", type: "button", className: "play", onclick: () => this.toggle() });
    this.back = skipButton("back-15", -BACK, () => this.skip(-BACK));
    this.ahead = skipButton("ahead-30", AHEAD, () => this.skip(AHEAD));
    this.timeline = new Timeline((seconds) => this.seek(seconds));
    this.time = element("span", { testid: "clock", className: "clock" });
    this.speed = new SpeedChoice("speed", this.sound);
    this.sleep = new SleepButton("sleep", this.sound);
    this.silence = element("button", { testid: "skip-silence", type: "button", className: "word", onclick: () => this.sound.setSkipping(!this.sound.skipping) });
    this.mute = element("button", { testid: "mute", type: "button", onclick: () => this.sound.toggleMute() });
    this.volume = element("input", { testid: "volume", type: "range", min: 0, max: 1, step: 0.05 });
    this.volume.oninput = () => this.sound.setVolume(Number(this.volume.value));
    this.help = element("button", { testid: "help", type: "button", className: "word wide", textContent: "?", onclick: onHelp });
    this.chapter = element("span", { testid: "now-chapter", className: "now-chapter", hidden: true });
    this.trouble = element("p", { testid: "audio-trouble", className: "trouble", role: "alert", hidden: true });
    this.root = element(
      "div",
      { testid: "player-bar", className: "bar", role: "group" },
      element("div", { className: "line-of-time" }, this.timeline.root),
      element("div", { className: "buttons" }, this.back, this.play, this.ahead),
      element("div", { className: "place" }, this.time, this.chapter),
      element(
        "div",
        { className: "ways" },
        this.silence, this.speed.root, this.sleep.root, element("span", { className: "loudness wide" }, this.mute, this.volume), this.help,
      ),
      this.trouble,
    );
    this.onTick = () => this.draw();
    this.onState = () => this.drawState();
    this.sound.addEventListener("time", this.onTick);
    this.sound.addEventListener("state", this.onState);
  }

  show(data) {
    const { id, audio, start, text } = data;
    this.text = text;
    this.label(text);
    this.root.hidden = !audio;
    const arrived = this.track?.id !== id;
    this.track = trackOf(data);
    this.audio = audio;
    this.timeline.waveform.show(audio ? id : null);
    if (!audio) return;
    const place = `${id}@${start}`;
    // A remount must not seek back to the start time of the URL.
    const asked = start !== null && this.sound.asked !== place;
    if (arrived || asked) this.begin(asked ? start : null, data);
    this.sound.asked = start === null ? null : place;
    if (this.active) this.sound.load(this.track);
    this.draw();
    this.drawState();
  }

  begin(start, data) {
    const first = start ?? this.sound.beginning(data);
    if (this.active) {
      if (start !== null) this.sound.seek(start);
    } else if (this.sound.track && this.sound.played) {
      this.kept = first;
    } else {
      this.load(first);
    }
  }

  load(seconds) {
    this.sound.load(this.track, seconds);
    if (this.chapters) this.sound.setChapters(this.track.id, this.chapters);
  }

  label(text) {
    this.root.setAttribute("aria-label", text.player);
    for (const part of [this.timeline, this.speed, this.sleep]) part.label(text);
    for (const [button, words] of [
      [this.back, text.back], [this.ahead, text.ahead], [this.volume, text.volume],
      [this.silence, text.skip_silence_help], [this.help, text.keys],
    ]) {
      button.setAttribute("aria-label", words);
      button.title = words;
    }
    this.silence.textContent = text.skip_silence;
    this.trouble.textContent = text.audio_trouble;
  }

  setChapters(chapters) {
    this.chapters = chapters;
    this.sound.setChapters(this.track?.id, chapters);
    this.timeline.setChapters(chapters, this.length);
    this.draw();
  }

  setHighlights(highlights) {
    this.timeline.setHighlights(highlights, this.length);
  }

  setUnclear(spans) {
    this.timeline.setUnclear(spans, this.length);
  }

  get active() {
    return this.sound.has(this.track?.id);
  }

  // Whether the bar of the window plays another episode: then this one stands in the page.
  get elsewhere() {
    return !this.active && Boolean(this.sound.track) && this.sound.played;
  }

  get now() {
    return this.active ? this.sound.now : this.kept;
  }

  get length() {
    return this.active ? this.sound.length : this.track?.duration || 0;
  }

  seek(seconds) {
    if (this.active) this.sound.seek(seconds);
    else this.kept = Math.max(0, this.length ? Math.min(seconds, this.length) : seconds);
    this.draw();
  }

  playFrom(seconds) {
    if (!this.audio) return;
    this.load(seconds);
    this.sound.seek(seconds);
    this.sound.play();
  }

  // Play [start, end), then pause.
  playSpan(start, end) {
    if (!this.audio) return;
    this.playFrom(start);
    this.sound.stopAt(end);
  }

  skip(seconds) {
    this.seek(this.now + seconds);
  }

  toggle() {
    if (!this.active) this.playFrom(this.kept);
    else this.sound.toggle();
  }

  faster(steps) {
    const at = SPEEDS.findIndex((speed) => speed >= this.sound.speed - 0.001);
    this.sound.setSpeed(SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, at + steps))]);
  }

  draw() {
    if (!this.track) return;
    const { now, length } = this;
    this.timeline.draw(now, length);
    const words = `${clock(now)} / ${clock(length)}`;
    if (this.time.textContent !== words) this.time.textContent = words;
    const chapter = this.chapters?.findLast(({ start }) => start <= now + 0.05);
    this.chapter.hidden = !chapter;
    if (chapter && this.chapter.textContent !== chapter.title) this.chapter.textContent = chapter.title;
    this.onTime(now);
  }

  drawState() {
    if (!this.track || !this.text) return;
    const playing = this.active && !this.sound.paused;
    this.play.replaceChildren(icon(playing ? PAUSE : PLAY));
    this.play.setAttribute("aria-label", playing ? this.text.pause : this.text.play);
    this.speed.draw();
    this.silence.setAttribute("aria-pressed", String(this.sound.skipping));
    const { loudness: volume } = this.sound;
    const { muted } = this.sound.audio;
    this.mute.replaceChildren(icon(muted || !volume ? MUTE : LOUD));
    this.mute.setAttribute("aria-label", muted ? this.text.unmute : this.text.mute);
    this.volume.value = muted ? 0 : volume;
    this.root.classList.toggle("elsewhere", this.elsewhere);
    this.trouble.hidden = !(this.active && this.sound.trouble);
    this.onTime(this.now);
  }

  close() {
    for (const part of [this.sleep, this.timeline]) part.close();
    this.sound.removeEventListener("time", this.onTick);
    this.sound.removeEventListener("state", this.onState);
    if (!location.pathname.endsWith("/episode")) this.sound.asked = null;
  }
}
