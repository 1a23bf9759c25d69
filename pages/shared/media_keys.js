// The media session: the lock screen's text, cover and position, and the media keys of headphones and keyboards.
//
//   Sound ── "play", "state", another chapter ──▶ title, show, chapter, cover, position      keys ──▶ play, pause, seek, chapters

class MediaKeys {
  constructor(sound) {
    this.sound = sound;
    if (!("mediaSession" in navigator)) return;
    const acts = {
      play: () => sound.play(),
      pause: () => sound.pause(),
      stop: () => sound.pause(),
      seekbackward: ({ seekOffset }) => sound.skip(-(seekOffset || BACK)),
      seekforward: ({ seekOffset }) => sound.skip(seekOffset || AHEAD),
      seekto: ({ seekTime }) => sound.seek(seekTime),
      previoustrack: () => sound.toChapter(-1),
      nexttrack: () => sound.toChapter(1),
    };
    for (const [name, act] of Object.entries(acts)) {
      try {
        navigator.mediaSession.setActionHandler(name, act);
      } catch {
        continue; // an action that this browser does not know
      }
    }
    for (const name of ["seeked", "ratechange", "durationchange", "play", "pause"]) sound.audio.addEventListener(name, () => this.tellPlace());
    sound.addEventListener("state", () => this.tellState());
    sound.audio.addEventListener("play", () => this.describe());
  }

  tellState() {
    const { played, paused } = this.sound;
    navigator.mediaSession.playbackState = played ? (paused ? "paused" : "playing") : "none";
  }

  describe() {
    const { track, played, chapter, chapters } = this.sound;
    if (!("mediaSession" in navigator)) return;
    if (!track) navigator.mediaSession.metadata = null;
    if (!played) return;
    const { title, feed, cover } = track;
    const artwork = [{ src: new URL(cover, location.href).href }];
    const chapterInfo = chapters.map(({ title: name, start }) => ({ title: name, startTime: start }));
    navigator.mediaSession.metadata = new MediaMetadata({ title, artist: feed || "CastMind", album: chapter?.title ?? "", artwork, chapterInfo });
    this.tellPlace();
  }

  tellPlace() {
    const { length, now, played, speed } = this.sound;
    if (!navigator.mediaSession?.setPositionState || !length || !played) return;
    navigator.mediaSession.setPositionState({ duration: length, playbackRate: speed, position: Math.min(now, length) });
  }
}
