// The strip of a page: ways to choose files. What is chosen goes to the tray (tray.js), which sends it and shows how it goes on.

// The tray takes sound anywhere in the window; a strip for other files takes its own drops.
function takeDrops(zone, settings) {
  zone.dataset.drops = settings.endpoint;
  zone.ondragover = (event) => {
    event.preventDefault();
    zone.classList.add("over");
  };
  zone.ondragleave = () => zone.classList.remove("over");
  zone.ondrop = async (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    handOver(settings, await dropped(event.dataTransfer));
  };
}

export default function mount({ data: [settings], parentElement }) {
  const { labels, accept, resumable } = settings;
  const part = (name) => parentElement.querySelector(name);
  const [zone, drop, pick, folder] = [".zone", ".drop", ".pick", ".folder"].map(part);
  const [files, folders] = parentElement.querySelectorAll("input");
  drop.textContent = labels.drop;
  pick.textContent = labels.pick;
  folder.textContent = labels.folder ?? "";
  folder.hidden = !resumable || !("webkitdirectory" in folders);
  files.accept = accept;
  pick.onclick = () => files.click();
  folder.onclick = () => folders.click();
  for (const input of [files, folders]) {
    input.onchange = () => {
      handOver(settings, picked([...input.files]));
      input.value = ""; // the same file may be picked again after it failed
    };
  }
  if (settings.own_drops) takeDrops(zone, settings);
}
