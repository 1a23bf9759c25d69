// The keys of an episode's page: they act on its player, never while the reader types.

const NOT_OURS = "input:not([type=range]), textarea, select, [contenteditable], [role=dialog], dialog, [role=listbox], [role=menu]";

class PlayerKeys {
  constructor(player) {
    this.player = player;
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
  }

  key(event) {
    if (composing(event) || event.defaultPrevented) return;
    const target = event.composedPath()[0];
    if (!(target instanceof Element) || target.closest(NOT_OURS)) return;
    const act = this.actOf(event, target);
    if (!act) return;
    event.preventDefault();
    act();
  }

  actOf(event, target) {
    const { player } = this;
    const { key, ctrlKey, metaKey, shiftKey, altKey } = event;
    if ((ctrlKey || metaKey) && key.toLowerCase() === "z") return this.undoing(shiftKey);
    if (altKey || ctrlKey || metaKey) return null;
    const onButton = Boolean(target.closest("button, a, summary, [role=tab]"));
    const onSlider = target.matches("input[type=range]");
    const here = player.transcript.indexAt(target);
    const inText = player.transcript.scroll.contains(target) && !onButton;
    const sound = player.data.audio;
    if (key === " " || key === "k") return sound && !(key === " " && onButton) ? () => player.bar.toggle() : null;
    if (key === "j" || (key === "ArrowLeft" && !onSlider)) return sound ? () => player.bar.skip(-BACK) : null;
    if (key === "l" || (key === "ArrowRight" && !onSlider)) return sound ? () => player.bar.skip(AHEAD) : null;
    if (key === "[" || key === "]") return () => player.bar.faster(key === "]" ? 1 : -1);
    if (key === "m") return () => player.bar.sound.toggleMute();
    if (key === "/") return () => this.openFind();
    if (key === "?") return () => player.showKeys();
    if ((key === "ArrowDown" || key === "ArrowUp") && inText) return () => player.transcript.step(key === "ArrowDown" ? 1 : -1);
    if (key === "Enter" && here >= 0) return () => player.bar.playFrom(player.transcript.segments[here].start);
    if (key === "e") return () => player.editor.open(here >= 0 ? here : player.transcript.current);
    if (key === "h") return () => player.selection.openForSentence(here >= 0 ? here : Math.max(0, player.transcript.current));
    if (key === "Escape") return this.escaping();
    return null;
  }

  openFind() {
    if (this.player.narrow) this.player.choose("transcript");
    this.player.find.open();
  }

  undoing(again) {
    const { editor } = this.player;
    if (again ? !editor.redoable.length : !editor.undoing) return null;
    return () => (again ? editor.redo() : editor.undo());
  }

  escaping() {
    const { player } = this;
    if (!player.selection.root.hidden) return () => player.selection.clear();
    if (!player.find.root.hidden) return () => player.find.close();
    if (!player.transcript.back.hidden) return () => player.transcript.follow();
    return null;
  }

  close() {
    document.removeEventListener("keydown", this.onKey);
  }
}
