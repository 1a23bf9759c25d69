// A plot of a series, as columns or dots: drawn for the available width, explored by pointer or arrow keys.
//
//   show(range) ─▶ draw(width) ─▶ svg      pointer, arrows ─▶ stand(index) ─▶ the point marked, its values in a tooltip

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 190;
const EDGE = { top: 12, right: 6, bottom: 24, left: 8 };
const LABEL_ROOM = 58;

const shape = (tag, attributes, ...children) => {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
};

class Plot {
  constructor(open) {
    this.open = open;
    this.index = -1;
    this.tip = element("div", { className: "tip", hidden: true });
    // The pointer's tooltip is visual; the arrow keys also announce the values to screen readers.
    this.voice = element("div", { className: "unseen", role: "status" });
    this.place = element("div", { className: "plot" });
    this.root = element("div", {}, this.place, this.voice);
    this.observer = new ResizeObserver(([entry]) => this.draw(Math.floor(entry.contentRect.width)));
    this.observer.observe(this.place);
  }

  show(range, label) {
    this.range = range;
    this.label = label;
    this.most = range.ticks.at(-1).value;
    if (this.index >= range.points.length) this.index = -1;
    if (this.width) this.draw(this.width, true);
  }

  // --- drawing ----------------------------------------------------------------------------------

  draw(width, again = false) {
    if (!width || (width === this.width && !again)) return;
    this.width = width;
    const held = this.svg && this.svg === this.svg.getRootNode().activeElement;
    const tickRoom = Math.max(...this.range.ticks.map((tick) => tick.said.length)) * 7 + 6;
    this.left = EDGE.left + tickRoom;
    this.span = width - this.left - EDGE.right;
    this.slot = this.span / this.range.points.length;
    this.svg = shape("svg", { width, height: HEIGHT, role: "img", tabindex: 0, "aria-label": this.label });
    this.svg.dataset.testid = "plot";
    this.svg.append(this.grid(), this.points(), this.median(), this.labels());
    this.listen();
    this.place.replaceChildren(this.svg, this.tip);
    this.mark();
    if (held) this.svg.focus();
  }

  x(index) {
    return this.left + this.slot * (index + 0.5);
  }

  y(value) {
    const room = HEIGHT - EDGE.top - EDGE.bottom;
    return EDGE.top + room * (1 - value / this.most);
  }

  grid() {
    const lines = this.range.ticks.flatMap(({ value, said }) => {
      const y = Math.round(this.y(value)) + 0.5;
      const text = shape("text", { x: this.left - 8, y: y + 4, "text-anchor": "end" }, said);
      return [shape("line", { x1: this.left, x2: this.width - EDGE.right, y1: y, y2: y, class: value ? "line" : "base" }), text];
    });
    return shape("g", { class: "grid" }, ...lines);
  }

  points() {
    this.shapes = this.range.points.map((point, index) => (this.range.dots ? this.dot(point, index) : this.column(point, index)));
    return shape("g", {}, ...this.shapes);
  }

  column({ value }, index) {
    const width = Math.max(Math.min(this.slot * 0.72, 34), 2);
    const top = value ? Math.min(this.y(value), this.y(0) - 1.5) : this.y(0);
    return shape("rect", { x: this.x(index) - width / 2, y: top, width, height: this.y(0) - top, rx: Math.min(2, width / 4), class: "point" });
  }

  // Draw a circle for a GPU run, a diamond for a CPU run: shape as well as colour.
  dot({ value, colour }, index) {
    const [x, y] = [this.x(index), this.y(value)];
    if (colour === "cuda") return shape("circle", { cx: x, cy: y, r: 4.5, class: "point dot" });
    return shape("rect", { x: x - 4, y: y - 4, width: 8, height: 8, transform: `rotate(45 ${x} ${y})`, class: "point diamond" });
  }

  median() {
    if (!this.range.median) return shape("g", {});
    const y = this.y(this.range.median);
    return shape("line", { x1: this.left, x2: this.width - EDGE.right, y1: y, y2: y, class: "median" });
  }

  // Draw as many labels as fit, always including the last one; of several runs of a day only the last has its label.
  labels() {
    const every = Math.max(Math.ceil(LABEL_ROOM / this.slot), 1);
    const last = this.range.points.length - 1;
    const shown = this.range.points.map((point, index) => [point, index]).filter(([, index]) => (last - index) % every === 0);
    const told = shown.filter(([point], at) => point.short !== shown[at + 1]?.[0].short);
    const drawn = told.map(([point, index]) => {
      const half = point.short.length * 3.6;
      const x = Math.max(Math.min(this.x(index), this.width - half), this.left + half - this.slot);
      return shape("text", { x, y: HEIGHT - 6, "text-anchor": "middle" }, point.short);
    });
    return shape("g", { class: "grid" }, ...drawn);
  }

  // --- keyboard and pointer ----------------------------------------------------------------------------------

  listen() {
    const last = this.range.points.length - 1;
    const steps = { ArrowLeft: () => this.index - 1, ArrowRight: () => this.index + 1, Home: () => 0, End: () => last, Escape: () => -1 };
    this.svg.onpointermove = (event) => this.stand(this.at(event));
    this.svg.onpointerleave = () => this.stand(-1);
    this.svg.onblur = () => this.stand(-1);
    this.svg.onclick = (event) => this.follow(event, this.at(event));
    this.svg.onkeydown = (event) => {
      if (event.key === "Enter") return this.follow(event, this.index);
      const step = steps[event.key];
      if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const from = this.index < 0 && event.key === "ArrowLeft" ? last : step();
      this.stand(event.key === "Escape" ? -1 : Math.max(0, Math.min(from, last)), true);
    };
  }

  at(event) {
    const x = event.clientX - this.svg.getBoundingClientRect().left;
    const index = Math.floor((x - this.left) / this.slot);
    return index >= 0 && index < this.range.points.length ? index : -1;
  }

  stand(index, aloud = false) {
    if (index === this.index) return;
    this.index = index;
    this.mark();
    if (aloud) this.voice.textContent = index < 0 ? "" : this.range.points[index].cells.join(", ");
  }

  mark() {
    this.shapes.forEach((made, index) => made.classList.toggle("on", index === this.index));
    const point = this.range.points[this.index];
    this.tip.hidden = !point;
    this.svg.classList.toggle("leads", Boolean(point?.go));
    if (!point) return;
    const [first, ...rest] = point.cells;
    this.tip.replaceChildren(element("b", { textContent: rest[0] }), ...[first, ...rest.slice(1)].filter(Boolean).map((words) => element("span", { textContent: words })));
    const half = this.tip.offsetWidth / 2;
    const x = Math.max(half, Math.min(this.x(this.index), this.width - half));
    const above = this.y(point.value) - this.tip.offsetHeight - 10;
    this.tip.style.transform = `translate(${Math.round(x - half)}px, ${Math.round(Math.max(above, -this.tip.offsetHeight / 2))}px)`;
  }

  follow(event, index) {
    const point = this.range.points[index];
    if (point?.go) this.open(event, point);
  }
}
