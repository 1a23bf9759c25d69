// Return picked or dropped files as a flat list: folders are walked; files in them without sound are skipped and counted.

const SOUND = /\.(mp3|m4a|m4b|mp4|m4v|mov|mka|mkv|webm|opus|ogg|oga|ogv|flac|wav|aac|wma|wmv|amr|ape|caf|aif|aiff|avi|mpg|mpeg|ts|3gp|ac3|wv|tta)$/i;

const isSound = (blob) => /^(audio|video)\//.test(blob.type) || SOUND.test(blob.name);

// Chromium returns a folder's entries by the hundred; an empty batch is the end.
async function childrenOf(folder) {
  const reader = folder.createReader();
  const all = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return all;
    all.push(...some);
  }
}

async function walk(entry, path, found) {
  if (entry.name.startsWith(".")) return;
  if (entry.isDirectory) {
    const children = await childrenOf(entry);
    children.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
    for (const child of children) await walk(child, [...path, entry.name], found);
    return;
  }
  const blob = await new Promise((resolve, reject) => entry.file(resolve, reject));
  if (!path.length || isSound(blob)) found.files.push({ blob, folder: path.join("/") });
  else found.skipped += 1;
}

// Read the entries before any await: the drop's data is gone after its event.
async function dropped(transfer) {
  const items = [...(transfer.items ?? [])].filter((item) => item.kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
  const found = { files: [], skipped: 0 };
  for (const entry of items.length ? entries : transfer.files) {
    if (entry instanceof File) found.files.push({ blob: entry, folder: "" });
    else if (entry) await walk(entry, [], found);
  }
  return found;
}

function picked(list) {
  const found = { files: [], skipped: 0 };
  for (const blob of list) {
    const path = (blob.webkitRelativePath || "").split("/").slice(0, -1);
    if (path.length && [...path, blob.name].some((name) => name.startsWith("."))) continue;
    if (!path.length || isSound(blob)) found.files.push({ blob, folder: path.join("/") });
    else found.skipped += 1;
  }
  return found;
}
