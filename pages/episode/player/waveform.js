// The waveform under the slider: how loud the audio is, in strokes as wide as the room allows; the part that was heard in the accent.
//
//   GET …/waveform ─▶ not ready: ask again ─▶ levels ─▶ two layers of one drawing, the upper one cut off at the present time
//
// Until there are levels, and without any, the slider shows its plain line in the same place.

// Pixels from stroke to stroke.
const PITCH = 3;
// Seconds until the levels are asked for again: at first, and at most.
const ASK_AGAIN = { first: 1, most: 20 };

class Waveform {
  constructor() {
    this.levels = [];
    this.lower = this.layer("all");
    this.upper = this.layer("heard");
    this.root = element("div", { testid: "waveform", className: "waveform", "aria-hidden": "true", hidden: true }, this.lower, this.upper);
    this.measured = new ResizeObserver(() => this.paint());
    this.measured.observe(this.root);
  }

  layer(name) {
    const svg = icon("");
    svg.removeAttribute("viewBox");
    svg.classList.add(name);
    return svg;
  }

  // Show the waveform of an episode; `id` null: it has no audio.
  show(id) {
    if (this.id === id) return;
    this.id = id;
    this.draw([]);
    if (id !== null) this.load(id, ASK_AGAIN.first);
  }

  // Without an answer the plain line stays; it is asked for again with the next visit.
  async load(id, pause) {
    clearTimeout(this.waiting);
    let found;
    try {
      const answer = await fetch(`/api/v1/episodes/${id}/waveform`);
      found = answer.ok ? await answer.json() : { ready: true, levels: [] };
    } catch {
      found = { ready: true, levels: [] };
    }
    if (this.id !== id) return;
    if (found.ready) this.draw(found.levels);
    else this.waiting = setTimeout(() => this.load(id, Math.min(ASK_AGAIN.most, pause * 1.5)), pause * 1000);
  }

  draw(levels) {
    this.levels = levels;
    this.root.hidden = !levels.length;
    this.root.parentElement?.classList.toggle("with-waveform", !this.root.hidden);
    this.paint();
  }

  paint() {
    const { clientWidth: width, clientHeight: height } = this.root;
    const count = Math.floor(width / PITCH);
    if (!count || !this.levels.length) return;
    const path = Array.from({ length: count }, (_, index) => this.stroke(index, count, height)).join("");
    for (const svg of [this.lower, this.upper]) svg.firstChild.setAttribute("d", path);
  }

  stroke(index, count, height) {
    const from = Math.floor((index * this.levels.length) / count);
    const to = Math.max(from + 1, Math.floor(((index + 1) * this.levels.length) / count));
    const part = this.levels.slice(from, to);
    const half = Math.max(1, ((Math.max(...part) / 255) * (height - 2)) / 2);
    return `M${index * PITCH + 1} ${(height / 2 - half).toFixed(1)}v${(2 * half).toFixed(1)}`;
  }

  heard(share) {
    this.upper.style.clipPath = `inset(0 ${(100 - share * 100).toFixed(2)}% 0 0)`;
  }

  close() {
    this.id = null;
    clearTimeout(this.waiting);
    this.measured.disconnect();
  }
}
