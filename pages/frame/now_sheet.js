// The playing episode in full, over the page of a phone: cover, titles, time, chapters, speed, sleep timer.

class NowSheet {
  constructor(sound) {
    this.sound = sound;
    this.fold = action("now-fold", "", NEXT, () => this.root.close(), { className: "bare" });
    this.cover = element("img", { className: "big", alt: "", decoding: "async" });
    this.title = element("a", { testid: "now-sheet-title", className: "title" });
    this.title.onclick = (event) => {
      follow(event, this.sound.track.page);
      if (event.defaultPrevented) this.root.close();
    };
    this.show_ = element("p", { className: "facts" });
    this.chapter = element("p", { testid: "now-sheet-chapter", className: "chapter" });
    this.time = new NowTime("now-sheet-seek", sound);
    this.previous = action("now-previous", "", EARLIER, () => sound.toChapter(-1), { className: "bare" });
    this.next = action("now-next", "", LATER, () => sound.toChapter(1), { className: "bare" });
    this.buttons = new NowButtons("now-sheet", sound);
    this.speed = new SpeedChoice("now-sheet-speed", sound);
    this.sleep = new SleepButton("now-sheet-sleep", sound);
    this.stop = element("button", { testid: "now-sheet-close", type: "button", className: "word" });
    this.stop.onclick = () => {
      this.root.close();
      sound.unload();
    };
    this.root = element(
      "dialog",
      { testid: "now-sheet", className: "sheet" },
      element("header", {}, this.fold),
      this.cover,
      element("div", { className: "titles" }, this.title, this.show_, this.chapter),
      this.time.root,
      element("div", { className: "buttons" }, this.previous, ...this.buttons.all, this.next),
      element("div", { className: "ways" }, this.speed.root, this.sleep.root, this.stop),
      this.sleep.list,
    );
    // A press beside the sheet folds it.
    this.root.onclick = (event) => event.target === this.root && this.root.close();
  }

  label(text) {
    this.text = text;
    this.root.setAttribute("aria-label", text.now_playing);
    for (const [button, words] of [[this.fold, text.now_fold], [this.previous, text.previous_chapter], [this.next, text.next_chapter]]) {
      button.setAttribute("aria-label", words);
      button.title = words;
    }
    this.stop.textContent = text.now_close;
    for (const part of [this.time, this.buttons, this.speed, this.sleep]) part.label(text);
  }

  open() {
    this.root.showModal();
    this.draw();
    this.time.draw();
  }

  draw() {
    const { track, chapter, chapters } = this.sound;
    if (!track && this.root.open) this.root.close();
    if (!track || !this.root.open) return;
    if (this.cover.getAttribute("src") !== track.cover) this.cover.src = track.cover;
    this.title.textContent = track.title;
    this.title.href = placeOf(this.sound);
    this.show_.textContent = track.feed;
    this.chapter.textContent = chapter?.title ?? "";
    for (const button of [this.previous, this.next]) button.hidden = !chapters.length;
    this.buttons.draw();
    this.speed.draw();
  }

  drawTime() {
    if (this.root.open) this.time.draw();
  }

  close() {
    this.sleep.close();
    this.root.remove();
  }
}
