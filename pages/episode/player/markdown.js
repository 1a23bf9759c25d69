// Render a reader's Markdown as elements, created one by one: no text is parsed as HTML. Times become buttons that seek.
//
//   blocks: # heading   - list   1. list   > quote   ``` code      inline: **bold** *italic* `code` [link](https://…) [12:34]

const INLINE = /\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|`([^`]+)`|\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)|(https?:\/\/[^\s<>"'，。；）)]+)|\[?\b((?:\d{1,2}:)?\d{1,2}:\d{2})\b\]?/g;

const secondsOf = (time) => time.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);

// Link only times within the audio's length: "16:30" in the notes of a short talk is a time of day.
const timeLink = (time, { length, onSeek, label }) => {
  const seconds = secondsOf(time);
  if (length && seconds > length) return null;
  return element("button", { type: "button", className: "time inline", textContent: time, "aria-label": fill(label, { time }), onclick: () => onSeek(seconds) });
};

const inline = (words, ways, depth = 0) => {
  const made = [];
  let at = 0;
  for (const match of words.matchAll(INLINE)) {
    const [whole, bold, italic, code, label, address, bare, time] = match;
    let part = null;
    const inner = (text) => (depth < 3 ? inline(text, ways, depth + 1) : [text]);
    if (bold) part = element("strong", {}, ...inner(bold));
    else if (italic) part = element("em", {}, ...inner(italic));
    else if (code) part = element("code", { textContent: code });
    else if (address || bare) part = element("a", { href: address || bare, target: "_blank", rel: "noopener noreferrer", textContent: label || bare });
    else if (time) part = timeLink(time, ways);
    if (!part) continue;
    made.push(words.slice(at, match.index), part);
    at = match.index + whole.length;
  }
  return [...made, words.slice(at)];
};

// Render a publisher's plain text: line breaks stay, URLs and times become links.
const linked = (words, ways) => element("div", { className: "plain-text" }, ...inline(words.replaceAll(/[*`]/g, (sign) => `${sign}\u200b`), ways));

const LIST = /^\s*(?:[-*+]|(\d+)[.)])\s+(.*)$/;

const markdown = (source, ways) => {
  const made = [];
  const lines = source.replaceAll("\r\n", "\n").split("\n");
  let at = 0;
  const gather = (fits) => {
    const found = [];
    while (at < lines.length && fits(lines[at])) found.push(lines[at++]);
    return found;
  };
  while (at < lines.length) {
    const line = lines[at];
    const heading = /^(#{1,6})\s+(.*)$/.exec(line);
    if (!line.trim()) at += 1;
    else if (line.startsWith("```")) {
      at += 1;
      made.push(element("pre", { textContent: gather((each) => !each.startsWith("```")).join("\n") }));
      at += 1;
    } else if (heading) {
      at += 1;
      made.push(element(`h${Math.min(6, heading[1].length + 2)}`, {}, ...inline(heading[2], ways)));
    } else if (line.startsWith(">")) {
      const inside = gather((each) => each.startsWith(">")).map((each) => each.replace(/^>\s?/, ""));
      made.push(element("blockquote", {}, ...markdown(inside.join("\n"), ways)));
    } else if (LIST.test(line)) {
      const numbered = Boolean(LIST.exec(line)[1]);
      const items = gather((each) => LIST.test(each)).map((each) => element("li", {}, ...inline(LIST.exec(each)[2], ways)));
      made.push(element(numbered ? "ol" : "ul", {}, ...items));
    } else {
      const inside = gather((each) => each.trim() && !/^(#{1,6}\s|>|```)/.test(each) && !LIST.test(each));
      made.push(element("p", {}, ...inside.flatMap((each, index) => (index ? [element("br"), ...inline(each, ways)] : inline(each, ways)))));
    }
  }
  return made;
};
