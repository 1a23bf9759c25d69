// Text and offsets in it. Offsets within a sentence are UTF-16 units here, characters (code points) in the HTTP API.

// Fold text for searching: ignore case, accents of Latin, Greek and Cyrillic letters, and letter width.
const folded = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").normalize("NFC").toLowerCase();

// Return {text, places}: the folded text, and for each of its units the offset of its source in `text`.
const foldedWithPlaces = (text) => {
  let made = "";
  const places = [];
  let at = 0;
  for (const character of text) {
    const plain = folded(character);
    made += plain;
    for (let unit = 0; unit < plain.length; unit += 1) places.push(at);
    at += character.length;
  }
  places.push(at);
  return { text: made, places };
};

const toCharacters = (text, offset) => [...text.slice(0, offset)].length;
const toUnits = (text, offset) => [...text].slice(0, offset).join("").length;

// Return the words of a text as [[from, to], …]; in scripts without spaces they are those of the browser's dictionary.
const wordsOf = (text) => {
  if (!("Segmenter" in Intl)) return [...text.matchAll(/[\p{L}\p{N}\p{M}'’]+/gu)].map((found) => [found.index, found.index + found[0].length]);
  const found = [...new Intl.Segmenter(undefined, { granularity: "word" }).segment(text)];
  return found.filter((piece) => piece.isWordLike).map(({ index, segment }) => [index, index + segment.length]);
};

// Return the characters as a reader counts them: a letter with its marks, an emoji with its parts.
const charactersOf = (text) => {
  if (!("Segmenter" in Intl)) return [...text.matchAll(/(?:\P{M}\p{M}*|\p{M}+)/gu)].map((found) => [found.index, found.index + found[0].length]);
  return [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)].map(({ index, segment }) => [index, index + segment.length]);
};

// Widen [from, to) of a text to whole words and characters, and take the spaces off its ends. An end outside stays there.
const toWholeWords = (text, from, to) => {
  const pieces = [...wordsOf(text), ...charactersOf(text)];
  let start = from;
  let end = to;
  for (const [begin, stop] of pieces) {
    if (begin < from && from < stop) start = Math.min(start, begin);
    if (begin < to && to < stop) end = Math.max(end, stop);
  }
  while (start < end && /\s/u.test(text[start])) start += 1;
  while (end > start && /\s/u.test(text[end - 1])) end -= 1;
  return [start, end];
};

const UNSPACED = /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]|[\ud840-\udfff]/;
const gap = (before, after) => (UNSPACED.test(before.trim().slice(-1)) || UNSPACED.test(after.trim()[0] || "") ? "" : " ");


const PAUSE_BETWEEN_PARAGRAPHS = 2.5;
const PARAGRAPH_LENGTH = 420;

const paragraphs = (segments) => {
  const made = [];
  let length = 0;
  for (const [index, segment] of segments.entries()) {
    const before = segments[index - 1];
    const breaks =
      !before ||
      length > PARAGRAPH_LENGTH ||
      segment.speaker !== before.speaker ||
      segment.start - before.end > PAUSE_BETWEEN_PARAGRAPHS;
    if (breaks) {
      made.push([]);
      length = 0;
    }
    made.at(-1).push(segment);
    length += segment.text.length;
  }
  return made;
};

// Return the pauses longer than `least` seconds: [[from, to], …]. `unclear` speech has no words but is no pause.
const silences = (segments, unclear, duration, least = 1.5) => {
  const found = [];
  let at = 0;
  const voices = [...segments, ...unclear].sort((a, b) => a.start - b.start);
  for (const { start, end } of [...voices, { start: duration, end: duration }]) {
    if (start - at > least) found.push([at, start]);
    at = Math.max(at, end);
  }
  return found;
};

// Return a Range over the text nodes under `parent` between two offsets of its text.
const rangeIn = (parent, from, to) => {
  const range = document.createRange();
  const walker = document.createTreeWalker(parent, NodeFilter.SHOW_TEXT);
  let at = 0;
  let begun = false;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const end = at + node.length;
    if (!begun && from < end) {
      range.setStart(node, from - at);
      begun = true;
    }
    if (begun && to <= end) {
      range.setEnd(node, to - at);
      return range;
    }
    at = end;
  }
  return null;
};

// Return the offset of a boundary in the text of `parent`: 0 before it, its length after it.
const offsetIn = (parent, node, offset) => {
  const range = document.createRange();
  range.selectNodeContents(parent);
  const place = range.comparePoint(node, offset);
  if (place < 0) return 0;
  if (place > 0) return parent.textContent.length;
  range.setEnd(node, offset);
  return range.toString().length;
};

// Return the selection inside a shadow tree as a Range; null without one. Browsers differ in how they expose it.
const selectedIn = (shadow) => {
  const selection = shadow.getSelection?.() ?? document.getSelection();
  if (!selection?.rangeCount) return null;
  const found =
    !shadow.getSelection && selection.getComposedRanges
      ? selection.getComposedRanges({ shadowRoots: [shadow] })[0]
      : selection.getRangeAt(0);
  if (!found || found.collapsed) return null;
  const range = document.createRange();
  range.setStart(found.startContainer, found.startOffset);
  range.setEnd(found.endContainer, found.endOffset);
  return range.collapsed ? null : range;
};

// Paint marks without elements (CSS highlights): the spoken word, search hits, citations. Other browsers show none.
const paint = (name, ranges) => {
  if (!("highlights" in CSS)) return;
  if (ranges.length) CSS.highlights.set(`castmind-${name}`, new Highlight(...ranges));
  else CSS.highlights.delete(`castmind-${name}`);
};
