// Show the playing episode at the foot of every page except its own; empty until something was played.

class NowPlaying {
  constructor() {
    this.sound = theSound();
    this.play = element("button", { testid: "now-play", type: "button", className: "play", onclick: () => this.sound.toggle() });
    this.back = element("button", { testid: "now-back", type: "button", textContent: `−${STEP}`, onclick: () => this.sound.skip(-STEP) });
    this.ahead = element("button", { testid: "now-ahead", type: "button", textContent: `+${STEP}`, onclick: () => this.sound.skip(STEP) });
    this.title = element("a", { testid: "now-title", className: "title" });
    this.title.onclick = (event) => follow(event, this.title.href);
    this.time = element("span", { testid: "now-clock", className: "clock" });
    this.done = element("span", { className: "done" });
    this.root = element(
      "section",
      { testid: "now-playing", className: "now", hidden: true },
      element("div", { className: "line", "aria-hidden": "true" }, this.done),
      this.play, this.back, this.ahead, this.title, this.time,
    );
    this.onTick = () => this.drawTime();
    this.onState = () => this.draw();
    this.sound.addEventListener("time", this.onTick);
    this.sound.addEventListener("state", this.onState);
  }

  show({ here, text }) {
    Object.assign(this, { here, text });
    this.root.setAttribute("aria-label", text.now_playing);
    this.back.setAttribute("aria-label", text.back);
    this.ahead.setAttribute("aria-label", text.ahead);
    this.draw();
  }

  draw() {
    const { track, paused } = this.sound;
    this.root.hidden = !track || !this.sound.played || track.id === this.here;
    this.keepClear();
    if (this.root.hidden) return;
    this.title.textContent = track.title;
    this.title.href = track.page;
    this.play.replaceChildren(icon(paused ? PLAY : PAUSE));
    this.play.setAttribute("aria-label", paused ? this.text.play : this.text.pause);
    this.drawTime();
  }

  // Messages and the tray of uploads stand above the bar.
  keepClear() {
    const shown = !this.root.hidden;
    const { style } = document.documentElement;
    if (shown) style.setProperty("--castmind-foot", `${this.root.offsetHeight + 13}px`);
    else if (this.keepsClear) style.removeProperty("--castmind-foot");
    this.keepsClear = shown;
  }

  drawTime() {
    if (this.root.hidden) {
      if (this.sound.played && this.sound.track?.id !== this.here) this.draw();
      return;
    }
    const { now, length } = this.sound;
    const words = `${clock(now)} / ${clock(length)}`;
    if (this.time.textContent !== words) this.time.textContent = words;
    this.done.style.width = `${length ? Math.min(100, (now / length) * 100) : 0}%`;
  }

  close() {
    this.sound.removeEventListener("time", this.onTick);
    this.sound.removeEventListener("state", this.onState);
    this.root.remove();
  }
}

export default function mount({ data: [data], parentElement }) {
  const place = parentElement;
  thePlaces();
  place.castmindNow ??= new NowPlaying();
  const now = place.castmindNow;
  if (!now.root.isConnected) place.append(now.root);
  now.show(data);
  return () =>
    setTimeout(() => {
      if (now.root.isConnected) return;
      now.close();
      delete place.castmindNow;
    });
}
