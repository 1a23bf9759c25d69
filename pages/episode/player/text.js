// Text and places in it. Offsets within a sentence are UTF-16 units here, characters (code points) on the wire.

// What the reader types finds what is written: case, accents of Latin, Greek and Cyrillic letters, and width do not count.
const folded = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").normalize("NFC").toLowerCase();

// {text, places}: the folded text, and for each of its units the offset in `text` it came from.
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

// Where nobody speaks for longer than `least` seconds: [[from, to], …]. Speech may be without words.
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

// The text nodes under `parent` between two offsets of its text, as one Range.
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

// How far into the text of `parent` a boundary lies; before it is 0, behind it all of it.
const offsetIn = (parent, node, offset) => {
  const range = document.createRange();
  range.selectNodeContents(parent);
  const place = range.comparePoint(node, offset);
  if (place < 0) return 0;
  if (place > 0) return parent.textContent.length;
  range.setEnd(node, offset);
  return range.toString().length;
};

// What is selected inside a shadow tree, as a Range; null when nothing is. Browsers differ in how they tell.
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

// Marks that need no elements of their own: the spoken word, what was found, what is cited. Browsers without them go without.
const paint = (name, ranges) => {
  if (!("highlights" in CSS)) return;
  if (ranges.length) CSS.highlights.set(`castmind-${name}`, new Highlight(...ranges));
  else CSS.highlights.delete(`castmind-${name}`);
};
