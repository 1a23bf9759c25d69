// Show two versions of the notes side by side, in the order of the audio; mark the words in which two wordings differ.
//
//   GET …/summaries/compare?old&new ─▶ gist, points, chapters, terms, actions: {old, new, difference} ─▶ one row, two cells

// Below this share of common words two wordings are different sentences: marking nearly every word would show nothing.
const WORTH_MARKING = 0.4;
const SIDES = ["old", "new"];

class Comparison {
  // `hooks`: say(message), name(version).
  constructor(hooks) {
    this.hooks = hooks;
    this.dialog = new Dialog("comparison");
    this.root = this.dialog.root;
    this.root.classList.add("wide");
    this.only = element("input", { testid: "compare-only", type: "checkbox", checked: true, id: "castmind-compare-only", onchange: () => this.draw() });
    this.onlyWords = element("label", { htmlFor: "castmind-compare-only" });
    this.choices = Object.fromEntries(SIDES.map((side) => [side, element("select", { testid: `compare-${side}`, className: "source", onchange: () => this.load() })]));
    this.table = element("div", { testid: "comparison-rows", className: "side-by-side" });
  }

  show(text, base) {
    Object.assign(this, { text, base });
    this.dialog.name(text.compare, text.close);
    this.onlyWords.textContent = text.compare_only;
    this.choices.old.setAttribute("aria-label", text.compare_left);
    this.choices.new.setAttribute("aria-label", text.compare_right);
  }

  open(versions, old, now) {
    const chosen = { old, new: now };
    for (const side of SIDES) {
      const options = versions.map((each) => element("option", { value: each.id, textContent: this.hooks.name(each) }));
      this.choices[side].replaceChildren(...options);
      this.choices[side].value = chosen[side].id;
    }
    this.versions = versions;
    this.dialog.open(
      element("p", { className: "row" }, this.only, this.onlyWords),
      element("div", { className: "side-by-side heads" }, this.choices.old, this.choices.new),
      this.table,
    );
    this.load();
  }

  async load() {
    const [old, now] = SIDES.map((side) => this.choices[side].value);
    try {
      this.found = await ask(this.text, `${this.base}/compare?old=${old}&new=${now}`);
      this.draw();
    } catch (error) {
      this.table.replaceChildren(element("p", { className: "trouble", role: "alert", textContent: error.message }));
    }
  }

  draw() {
    const { text, found } = this;
    const gist = { old: { text: found.tldr.old }, new: { text: found.tldr.new }, difference: found.tldr.difference };
    const parts = [[text.compare_gist, [gist]], ...["points", "chapters", "terms", "actions"].map((name) => [text[name], found[name]])];
    const drawn = parts.flatMap(([title, rows]) => this.part(title, rows));
    this.table.replaceChildren(...(drawn.length ? drawn : [element("p", { className: "empty whole", textContent: text.compare_nothing })]));
  }

  // Draw one part. Rows that are equal on both sides are counted, and shown as well unless the reader wants differences only.
  part(title, rows) {
    const shown = rows.filter(({ difference }) => !this.only.checked || difference !== "same");
    if (!shown.length) return [];
    const same = rows.filter(({ difference }) => difference === "same").length;
    const counted = same ? element("span", { className: "aside", textContent: ` ${fill(this.text.compare_same, { n: same })}` }) : null;
    return [element("h3", { className: "whole" }, title, counted), ...shown.flatMap((row) => this.row(row))];
  }

  row({ old, new: now, difference }) {
    const words = { old: said(old), new: said(now) };
    const marked = difference === "changed" ? differing(words.old, words.new) : null;
    return SIDES.map((side) => {
      const entry = side === "old" ? old : now;
      if (!entry) return element("p", { className: "cell none", textContent: this.text.compare_none });
      const time = Number.isFinite(entry.start) ? element("span", { className: "when", textContent: clock(entry.start) }) : null;
      const pieces = marked ? marked[side] : [element(difference === "same" ? "span" : side === "old" ? "del" : "ins", { textContent: words[side] })];
      const cell = element("p", { className: `cell ${difference}`, lang: this.languageOf(side) }, time, ...pieces);
      cell.dataset.difference = difference;
      return cell;
    });
  }

  languageOf(side) {
    return this.versions.find(({ id }) => String(id) === this.choices[side].value)?.language ?? "";
  }
}

// The visible text of a point, chapter, term or action.
const said = (entry) => (entry ? [entry.title ?? entry.text, entry.summary || entry.explanation].filter(Boolean).join(" — ") : "");

const PIECES = /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]|[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+|\s+/g;

// Return {old, new}: both wordings as pieces; words of one side only are <del> (old) and <ins> (new).
const differing = (before, after) => {
  const sides = { old: before.match(PIECES) ?? [], new: after.match(PIECES) ?? [] };
  const kept = inCommon(sides.old, sides.new);
  const words = (pieces) => pieces.filter((piece) => piece.trim()).length;
  const shared = words(kept.map(([at]) => sides.old[at]));
  if (shared < WORTH_MARKING * Math.max(words(sides.old), words(sides.new))) {
    return { old: [element("del", { textContent: before })], new: [element("ins", { textContent: after })] };
  }
  return {
    old: inRuns(sides.old, new Set(kept.map(([at]) => at)), "del"),
    new: inRuns(sides.new, new Set(kept.map(([, at]) => at)), "ins"),
  };
};

// Return the longest common subsequence: [[index in a, index in b], …].
const inCommon = (a, b) => {
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) lengths[i][j] = a[i] === b[j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
  }
  const found = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) found.push([i++, j++]);
    else if (lengths[i + 1][j] >= lengths[i][j + 1]) i += 1;
    else j += 1;
  }
  return found;
};

const inRuns = (pieces, kept, tag) => {
  const made = [];
  for (const [index, piece] of pieces.entries()) {
    const name = kept.has(index) ? "span" : tag;
    if (made.at(-1)?.localName === name) made.at(-1).textContent += piece;
    else made.push(element(name, { textContent: piece }));
  }
  return made;
};
