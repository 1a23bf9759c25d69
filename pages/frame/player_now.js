// The bar of the playing episode at the foot of every page except its own; empty until something was played.
//
//   wide: cover, titles │ back, play, ahead; time │ speed, sleep timer, close
//   phone: cover and titles (a press opens the sheet, now_sheet.js) │ play, close; a line for the time

class NowPlaying {
  constructor() {
    const { sound } = this;
    this.cover = element("img", { className: "cover", alt: "", decoding: "async" });
    this.title = element("a", { testid: "now-title", className: "title", onclick: (event) => follow(event, sound.track.page) });
    this.facts = element("span", { testid: "now-facts", className: "facts" });
    this.name = element("span", { className: "title", "aria-hidden": "true" });
    this.opener = element("button", { testid: "now-open", type: "button", className: "opener", "aria-haspopup": "dialog", onclick: () => this.sheet.open() });
    this.buttons = new NowButtons("now", sound);
    this.time = new NowTime("now-seek", sound);
    this.speed = new SpeedChoice("now-speed", sound);
    this.sleep = new SleepButton("now-sleep", sound);
    this.stop = action("now-close", "", CLOSE, () => sound.unload(), { className: "bare" });
    this.done = element("span", { className: "done" });
    this.bar = element(
      "section",
      { testid: "now-playing", className: "now", hidden: true },
      element("div", { className: "line", "aria-hidden": "true" }, this.done),
      this.cover,
      element("div", { className: "titles" }, this.title, this.name, this.facts),
      this.opener,
      element("div", { className: "middle" }, element("div", { className: "buttons" }, ...this.buttons.all), this.time.root),
      element("div", { className: "ways" }, this.speed.root, this.sleep.root, this.stop),
    );
    this.sheet = new NowSheet(sound);
    this.root = element("div", {}, this.bar, this.sleep.list, this.sheet.root);
    this.onTick = () => this.drawTime();
    this.onState = () => this.draw();
    sound.addEventListener("time", this.onTick);
    sound.addEventListener("state", this.onState);
    this.measured = new ResizeObserver(() => keepFoot("now", this.bar.offsetHeight));
    this.measured.observe(this.bar);
  }

  get sound() {
    return theSound();
  }

  show({ here, text }) {
    Object.assign(this, { here, text });
    this.bar.setAttribute("aria-label", text.now_playing);
    this.stop.setAttribute("aria-label", text.now_close);
    this.stop.title = text.now_close;
    for (const part of [this.buttons, this.time, this.speed, this.sleep, this.sheet]) part.label(text);
    this.draw();
  }

  get shown() {
    const { track, played } = this.sound;
    return Boolean(track && played && track.id !== this.here);
  }

  draw() {
    this.bar.hidden = !this.shown;
    this.sheet.draw();
    if (!this.shown) {
      if (this.sheet.root.open) this.sheet.root.close();
      return;
    }
    const { track, chapter } = this.sound;
    if (this.cover.getAttribute("src") !== track.cover) this.cover.src = track.cover;
    this.title.textContent = track.title;
    this.name.textContent = track.title;
    this.facts.textContent = [track.feed, chapter?.title].filter(Boolean).join(" · ");
    this.opener.setAttribute("aria-label", fill(this.text.now_open, { title: track.title }));
    this.buttons.draw();
    this.speed.draw();
    this.drawTime();
  }

  drawTime() {
    if (this.bar.hidden === this.shown) {
      this.draw();
      return;
    }
    if (!this.shown) return;
    const { now, length } = this.sound;
    this.title.href = placeOf(this.sound);
    this.time.draw();
    this.sheet.drawTime();
    this.done.style.width = `${length ? Math.min(100, (now / length) * 100) : 0}%`;
  }

  close() {
    this.sound.removeEventListener("time", this.onTick);
    this.sound.removeEventListener("state", this.onState);
    this.measured.disconnect();
    this.sleep.close();
    this.sheet.close();
    keepFoot("now", 0);
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
