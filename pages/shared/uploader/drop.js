// Files that are dragged over the window: it all takes them, on every page, and shows so while they are over it.
//
//   dragenter ─▶ over an element more      dragleave ─▶ one less; none left ─▶ they are outside the window
//   drop ─▶ files and folders, walked ─▶ hooks.add
//
// Text, links and pictures of a page are none of its business: they go into fields as ever, and nowhere else, since the browser
// would open a link that is dropped on a page.

// Places with a drop of their own: Streamlit's uploader, and a strip for other files than sound.
const OWN_DROPS = "[data-testid=stFileUploaderDropzone], [data-drops]";
const FIELDS = "input, textarea, [contenteditable]";
// Browsers tell several times a second that something is still over the page, but not always that it went.
const SILENCE_MS = 5000;

class DropTarget {
  constructor(add) {
    this.add = add;
    this.entered = [];
    this.inside = false;
    this.words = element("p", {});
    this.root = element("div", { testid: "drop-overlay", className: "overlay", "aria-hidden": "true", hidden: true }, this.words);
    const on = (name, act) => window.addEventListener(name, act, { capture: true });
    on("dragstart", () => (this.inside = true));
    on("dragend", () => this.leave());
    on("dragenter", (event) => this.enter(event));
    on("dragover", (event) => this.over(event));
    on("dragleave", (event) => this.left(event));
    on("drop", (event) => this.drop(event));
    // No pointer moves while something is dragged: it went without a word, with an element that it was over.
    on("pointermove", () => this.leave());
  }

  // A picture of this page, or of another one, comes with its markup.
  brings(event) {
    const types = [...(event.dataTransfer?.types ?? [])];
    return mayEdit() && !this.inside && types.includes("Files") && !types.includes("text/html");
  }

  within(event, places) {
    return event.composedPath().some((node) => node instanceof Element && node.matches(places));
  }

  enter(event) {
    if (!this.brings(event)) return;
    this.entered.push(event.composedPath()[0]);
    this.draw(event);
  }

  left(event) {
    const at = this.entered.indexOf(event.composedPath()[0]);
    if (at >= 0) this.entered.splice(at, 1);
    this.draw(event);
  }

  over(event) {
    const files = this.brings(event);
    if (files && this.within(event, OWN_DROPS)) this.hide();
    else if (files) this.show();
    else if (this.within(event, FIELDS)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = files ? "copy" : "none";
  }

  async drop(event) {
    const files = this.brings(event);
    this.leave();
    if (!files && this.within(event, FIELDS)) return;
    if (files && this.within(event, OWN_DROPS)) return;
    event.preventDefault();
    if (!files) return;
    const found = await dropped(event.dataTransfer);
    if (found.files.length || found.skipped) this.add(found);
  }

  leave() {
    this.inside = false;
    this.entered = [];
    this.hide();
  }

  // An element that went from the page sends no event when it is left.
  draw(event) {
    this.entered = this.entered.filter((node) => node.isConnected);
    if (this.entered.length && !(event && this.within(event, OWN_DROPS))) this.show();
    else this.hide();
  }

  // As a popover it lies above open dialogs, too.
  show() {
    clearTimeout(this.going);
    this.going = setTimeout(() => this.leave(), SILENCE_MS);
    if (!this.root.hidden || !this.root.isConnected) return;
    this.root.hidden = false;
    if (!("popover" in this.root)) return;
    this.root.popover = "manual";
    this.root.showPopover();
  }

  hide() {
    clearTimeout(this.going);
    if (this.root.hidden) return;
    if ("popover" in this.root) this.root.hidePopover();
    this.root.hidden = true;
  }
}
