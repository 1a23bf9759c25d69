// The button "Add" and its menu: files, a folder, an address, a recording, a podcast.

const PLUS = "M19 13h-6v6h-2v-6H5v-2h6V5h2v6h6z";
const WAYS = {
  files: "M14 2H6a2 2 0 0 0-2 2v16a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2V8zm4 18H6V4h7v5h5z",
  folder: "M10 4H4a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h16a2 2 0 0 0 2-2V8a2 2 0 0 0-2-2h-8z",
  address: LINK,
  record: "M12 14a3 3 0 0 0 3-3V5a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3zm5-3a5 5 0 0 1-10 0H5a7 7 0 0 0 6 6.9V21h2v-3.1A7 7 0 0 0 19 11z",
  podcast: "M12 8a4 4 0 0 0-2 7.5V22h4v-6.5A4 4 0 0 0 12 8zm0-6A10 10 0 0 0 8 21v-2.2a8 8 0 1 1 8 0V21A10 10 0 0 0 12 2z",
};
const SHARED = ["share_url", "share_text", "share_title", "share_added", "share_refused", "share_more"];

class Adding {
  constructor() {
    this.words = element("span", {});
    this.button = element("button", { type: "button", className: "main open", testid: "add-open" });
    this.button.append(icon(PLUS), this.words);
    this.menu = new Menu(this.button, () => this.entries());
    this.files = this.input("uploader-input", { multiple: true });
    this.folder = this.input("uploader-folder-input", { webkitdirectory: true });
    this.messages = new Messages("add-message");
    this.sheet = new AddressSheet((made) => this.added(made));
    this.inputs = element("span", {}, this.files, this.folder);
    this.root = element("div", { className: "adding" }, this.button, this.menu.list, this.inputs, this.sheet.root, this.messages.region);
  }

  input(testid, more) {
    const made = element("input", { type: "file", testid, tabIndex: -1, hidden: true, ...more });
    made.onchange = () => {
      handOver(this.data.uploads, picked([...made.files]));
      made.value = ""; // the same file may be picked again after it failed
    };
    return made;
  }

  show(data, { asked, added }) {
    Object.assign(this, { data, ask: asked, tell: added });
    const { text, ways } = data;
    this.words.textContent = text.open;
    this.button.setAttribute("aria-label", text.open);
    this.files.accept = data.uploads.accept;
    // A strip of the page has inputs of its own.
    if (ways.includes("files") !== this.inputs.isConnected) ways.includes("files") ? this.root.append(this.inputs) : this.inputs.remove();
    for (const input of [this.files, this.folder]) input.setAttribute("aria-label", text.files);
    this.messages.name(text.close);
    this.sheet.show(text);
    if (data.shared !== null) this.take(data.shared);
  }

  // What another app shares is taken once: a reload does not ask again.
  take({ address, told }) {
    const here = new URL(location.href);
    if (!SHARED.some((name) => here.searchParams.has(name))) return;
    for (const name of SHARED) here.searchParams.delete(name);
    history.replaceState(history.state, "", here);
    const { text } = this.data;
    if (told.length) this.messages.say(told.join(" "), { stays: true });
    if (address !== null) this.sheet.open(address, address ? text.shared : text.nothing_shared);
  }

  entries() {
    const does = {
      files: () => this.files.click(),
      folder: () => this.folder.click(),
      address: () => this.sheet.open(),
      record: () => this.ask(),
      podcast: () => goTo("/feeds"),
    };
    // Touch devices offer no folder picker.
    const folders = "webkitdirectory" in this.folder && !matchMedia("(hover: none)").matches;
    const ways = this.data.ways.filter((way) => way !== "folder" || folders);
    return ways.map((way) => ({ testid: `add-${way}`, label: this.data.text[way], path: WAYS[way], does: does[way] }));
  }

  added({ title }) {
    this.messages.say(fill(this.data.text.added, { title }));
    this.tell();
  }
}

export default function mount({ data: [data], parentElement, setTriggerValue }) {
  const place = parentElement;
  if (!place.castmindAdding) {
    place.castmindAdding = new Adding();
    place.append(place.castmindAdding.root);
  }
  const adding = place.castmindAdding;
  // The number makes each request distinct.
  adding.show(structuredClone(data), { asked: () => setTriggerValue("asked", Date.now()), added: () => setTriggerValue("added", Date.now()) });
  return () =>
    setTimeout(() => {
      if (!adding.root.isConnected) delete place.castmindAdding;
    });
}
