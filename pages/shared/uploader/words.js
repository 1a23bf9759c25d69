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

const counted = (n, one, many) => filled(n === 1 ? one : many, { n });

// Return the share of all bytes that has arrived, of the files that are on their way or done: 0 to 1.
function shareOf(files) {
  const there = files.filter((file) => ON_THE_WAY.includes(file.state) || file.state === "done");
  const sum = (number) => there.reduce((total, file) => total + number(file), 0);
  const size = sum((file) => file.size);
  return size ? sum((file) => (file.state === "done" ? file.size : file.sent)) / size : 0;
}

// Return the tray's one line: what is on its way, else what waits for the reader, else how it all ended.
function summary(files, labels) {
  const count = (...states) => files.filter((file) => states.includes(file.state)).length;
  const [moving, paused, failed, unfinished, done] = [count(...OPEN), count("paused"), count("failed"), count("unfinished"), count("done")];
  const refused = failed ? counted(failed, labels.one_failed, labels.many_failed) : "";
  if (moving) return [counted(moving, labels.one_moving, labels.many_moving), refused].filter(Boolean).join(" · ");
  if (paused) return [labels.paused, refused].filter(Boolean).join(" · ");
  if (refused) return refused;
  if (unfinished) return counted(unfinished, labels.one_left_over, labels.many_left_over);
  return done ? counted(done, labels.one_added, labels.many_added) : labels.none_added;
}
