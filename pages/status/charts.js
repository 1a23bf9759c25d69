// Cards with one chart each. An unchanged card is not redrawn, so that focus and tooltips survive a refresh.
//
//   data ─▶ one card per chart: title, the sentence, then  empty | plot, ranges, table | bars with labels | rows
//   a link ─▶ trigger `asked` [{page, query}]: the app navigates

class Chart {
  constructor(open) {
    this.open = open;
    this.chosen = null;
    this.root = element("section", { className: "card" });
  }

  show(chart, text) {
    const state = JSON.stringify([chart, text]);
    if (state === this.state) return;
    this.state = state;
    this.text = text;
    this.chart = chart;
    this.root.dataset.testid = `chart-${chart.key}`;
    this.root.classList.toggle("tall", (chart.bars ?? []).length > 1);
    this.chosen ??= remembered(`chart.${chart.key}`);
    const held = this.root.getRootNode().activeElement;
    const again = this.root.contains(held) ? held.dataset.testid : null;
    const parts = chart.empty ? [this.empty(chart)] : [this.plot(chart), ...(chart.bars ?? []).map((bar) => this.bar(bar)), this.rows(chart)];
    const title = element("h2", { textContent: chart.title, id: `chart-${chart.key}` });
    this.root.setAttribute("aria-labelledby", title.id);
    this.root.replaceChildren(element("div", { className: "top" }, title, this.ranges(chart)), this.sentence(chart), ...parts.filter(Boolean));
    if (again) this.root.querySelector(`[data-testid="${again}"]`)?.focus();
  }

  sentence(chart) {
    return element("p", { className: "said", textContent: chart.said, hidden: !chart.said });
  }

  empty(chart) {
    const said = element("p", { className: "empty", textContent: chart.empty });
    if (chart.next) said.append(" ", this.link(chart.next, chart.next.name));
    return said;
  }

  link(target, words) {
    const made = element("a", { href: target.href, textContent: words });
    made.onclick = (event) => this.open(event, target);
    return made;
  }

  // --- plots ------------------------------------------------------------------------------------

  range() {
    const ranges = this.chart.ranges;
    return ranges.find((range) => range.name === this.chosen) ?? ranges[0];
  }

  ranges(chart) {
    if (chart.empty || (chart.ranges ?? []).length < 2) return null;
    const buttons = chart.ranges.map((range) => {
      const made = element("button", { type: "button", textContent: range.label, testid: `range-${range.name}`, "aria-pressed": String(range === this.range()) });
      made.onclick = () => this.choose(range.name, buttons);
      return made;
    });
    return element("div", { className: "ranges", role: "group", "aria-label": chart.title }, ...buttons);
  }

  choose(name, buttons) {
    this.chosen = name;
    remember(`chart.${this.chart.key}`, name);
    buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(this.chart.ranges[index].name === name)));
    this.fill();
  }

  plot(chart) {
    if (!chart.ranges) return null;
    this.drawing ??= new Plot((event, target) => this.open(event, target));
    this.legend ??= element("ul", { className: "legend", role: "list" });
    this.table ??= element("details", { className: "table" });
    this.fill();
    return element("div", {}, this.drawing.root, this.legend, this.table);
  }

  fill() {
    const range = this.range();
    this.drawing.show(range, `${this.chart.title}: ${this.chart.said} ${this.text.keys}`);
    const shapes = (range.legend ?? []).map(({ shape, name }) => element("li", {}, element("i", { className: shape, "aria-hidden": "true" }), name));
    this.legend.replaceChildren(...shapes);
    const head = element("tr", {}, ...range.columns.map((name) => element("th", { textContent: name, scope: "col" })));
    const rows = range.points.toReversed().map((point) => this.row(point));
    const table = element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows));
    const scrolls = element("div", { className: "scrolls", tabIndex: 0, role: "group", "aria-label": this.chart.title }, table);
    this.table.replaceChildren(element("summary", { textContent: this.text.table, testid: `table-${this.chart.key}` }), scrolls);
  }

  row(point) {
    const cells = point.cells.map((words, index) => {
      if (index === 0) return element("th", { textContent: words, scope: "row" });
      const leads = point.go && index === point.cells.length - 1 && words;
      return element("td", {}, leads ? this.link(point, words) : words);
    });
    return element("tr", {}, ...cells);
  }

  // --- bars -------------------------------------------------------------------------------------

  bar({ label, parts }) {
    const whole = parts.reduce((sum, part) => sum + part.value, 0);
    const pieces = parts.map((part) => {
      const made = element("span", { className: part.colour, title: `${part.name}: ${part.said}` });
      made.style.flexGrow = whole ? part.value / whole : 0;
      return made;
    });
    const words = parts.map((part) => {
      const name = part.go ? this.link(part, part.name) : element("span", { textContent: part.name });
      const sample = element("i", { className: part.colour, "aria-hidden": "true" });
      return element("li", {}, sample, name, element("b", { textContent: part.said }));
    });
    const heading = label ? element("h3", { textContent: label }) : null;
    return element("div", { className: "whole" }, heading, element("div", { className: "bar", "aria-hidden": "true" }, ...pieces), element("ul", { className: "words", role: "list" }, ...words));
  }

  rows({ rows, more }) {
    if (!rows?.length) return null;
    const made = rows.map((row) => {
      const sample = element("i", { className: row.colour, "aria-hidden": "true" });
      return element("li", {}, sample, element("div", {}, this.link(row, row.name), element("span", { textContent: row.said })));
    });
    const rest = more ? [element("li", {}, this.link(more, more.name))] : [];
    return element("ul", { className: "rows", role: "list" }, ...made, ...rest);
  }
}

class Charts {
  constructor() {
    this.charts = new Map();
    this.root = element("div", { className: "charts", testid: "charts" });
  }

  show(data, send) {
    this.send = send;
    const wanted = data.charts.map((chart) => chart.key);
    for (const [key, chart] of this.charts) {
      if (wanted.includes(key)) continue;
      chart.root.remove();
      this.charts.delete(key);
    }
    data.charts.forEach((chart, index) => {
      if (!this.charts.has(chart.key)) this.charts.set(chart.key, new Chart((event, target) => this.open(event, target)));
      const { root } = this.charts.get(chart.key);
      if (this.root.children[index] !== root) this.root.insertBefore(root, this.root.children[index] ?? null);
      this.charts.get(chart.key).show(chart, data.text);
    });
  }

  open(event, target) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    this.send([{ ...target.go, at: Date.now() }]);
  }
}

export default function mount({ data: [data], parentElement, setTriggerValue }) {
  const place = parentElement;
  if (!place.castmindCharts) {
    place.castmindCharts = new Charts();
    place.append(place.castmindCharts.root);
  }
  const charts = place.castmindCharts;
  charts.show(structuredClone(data), (wish) => setTriggerValue("asked", wish));
  return () =>
    setTimeout(() => {
      if (!charts.root.isConnected) delete place.castmindCharts;
    });
}
