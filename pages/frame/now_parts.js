// Parts that the now-playing bar and its sheet have in common.

const EARLIER = "M6 6h2v12H6zm3.5 6 8.5 6V6z";
const LATER = "M16 6h2v12h-2zM6 18l8.5-6L6 6z";

// The address of the playing episode at the present second, for a new tab; in this one the sound plays on.
const placeOf = ({ track, now }) => `${track.page}&t=${Math.floor(now)}`;

// Back, play or pause, ahead.
class NowButtons {
  constructor(name, sound) {
    this.sound = sound;
    this.back = skipButton(`${name}-back`, -BACK, () => sound.skip(-BACK));
    this.play = element("button", { testid: `${name}-play`, type: "button", className: "play", onclick: () => sound.toggle() });
    this.ahead = skipButton(`${name}-ahead`, AHEAD, () => sound.skip(AHEAD));
    this.all = [this.back, this.play, this.ahead];
  }

  label(text) {
    this.text = text;
    for (const [button, words] of [[this.back, text.back], [this.ahead, text.ahead]]) {
      button.setAttribute("aria-label", words);
      button.title = words;
    }
  }

  draw() {
    const { paused } = this.sound;
    this.play.replaceChildren(icon(paused ? PLAY : PAUSE));
    this.play.setAttribute("aria-label", paused ? this.text.play : this.text.pause);
  }
}

// The time that has passed, a slider, the time that remains.
class NowTime {
  constructor(testid, sound) {
    this.sound = sound;
    this.passed = element("span", { testid: `${testid}-passed`, className: "clock" });
    this.remaining = element("span", { testid: `${testid}-remaining`, className: "clock" });
    this.slider = new SeekSlider(testid, (seconds) => sound.seek(seconds));
    this.root = element("div", { className: "time" }, this.passed, this.slider.root, this.remaining);
  }

  label(text) {
    this.slider.label(text);
  }

  draw() {
    const { now, length } = this.sound;
    this.slider.draw(now, length);
    for (const [place, words] of [[this.passed, clock(now)], [this.remaining, `−${clock(length - now)}`]]) {
      if (place.textContent !== words) place.textContent = words;
    }
  }
}
