// Sizes, speeds and times as text.

function sizeInWords(bytes) {
  const [value, unit] = bytes >= 1e9 ? [bytes / 1e9, "GB"] : bytes >= 1e6 ? [bytes / 1e6, "MB"] : [bytes / 1e3, "kB"];
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

const filled = (text, places) => text.replace(/\{(\w+)\}/g, (_, name) => places[name]);

function timeInWords(seconds, labels) {
  if (seconds < 60) return filled(labels.seconds, { n: Math.max(Math.round(seconds), 1) });
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? filled(labels.minutes, { n: minutes }) : filled(labels.hours, { h: Math.floor(minutes / 60), m: minutes % 60 });
}

// Return bytes per second over the last seconds; 0 while there are too few samples.
function speedOf({ samples }) {
  if (!samples || samples.length < 2) return 0;
  const [[from, before], [to, after]] = [samples[0], samples[samples.length - 1]];
  return to - from < 500 ? 0 : Math.max(((after - before) / (to - from)) * 1000, 0);
}

function pace(speed, left, labels) {
  return speed ? ` · ${sizeInWords(speed)}/s · ${filled(labels.left, { time: timeInWords(left / speed, labels) })}` : "";
}

function status(file, labels) {
  const amounts = { sent: sizeInWords(file.sent), total: sizeInWords(file.size) };
  if (file.said) return file.said;
  if (file.state === "sending") return `${amounts.sent} / ${amounts.total}${pace(speedOf(file), file.size - file.sent, labels)}`;
  if (file.state === "unfinished") return filled(labels.unfinished, amounts);
  if (file.state === "paused" || file.state === "broken") return `${labels[file.state]} · ${amounts.sent} / ${amounts.total}`;
  return labels[file.state];
}

// Return one line for all files; empty below two unfinished ones, because a single file's row shows the same.
function overall(files, labels) {
  const many = files.filter((file) => open(file) || file.state === "done");
  const left = many.filter(open);
  if (left.length < 2) return "";
  const sum = (number) => many.reduce((total, file) => total + number(file), 0);
  const [sent, size] = [sum((file) => (file.state === "done" ? file.size : file.sent)), sum((file) => file.size)];
  const places = { done: many.length - left.length, all: many.length, sent: sizeInWords(sent), total: sizeInWords(size) };
  return filled(labels.overall, places) + pace(sum(speedOf), size - sent, labels);
}

// Return the remarks above the list: uploads that wait for their file, files skipped in a folder.
function remarks({ files, skipped }, labels) {
  const unfinished = files.filter((file) => file.state === "unfinished").length;
  return [
    unfinished && filled(unfinished === 1 ? labels.one_unfinished : labels.many_unfinished, { n: unfinished }),
    skipped && filled(labels.skipped, { n: skipped }),
  ].filter(Boolean).join(" ");
}
