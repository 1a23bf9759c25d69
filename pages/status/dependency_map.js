// Parts at the left, abilities at the right, a line for each effect; the lines of a part that is away are drawn in its colour.
//
//   data ─▶ heading, the sentence ─▶ picture (hidden from screen readers and in a narrow window) ─▶ the same as a list

const STEP = 34;
const LEFT = 190;
const RIGHT = 450;
const WIDTH = 640;

const shape = (tag, attributes, text) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  return made;
};

class DependencyMap {
  constructor() {
    this.root = element("section", { className: "map", testid: "dependencies" });
  }

  show(data) {
    const state = JSON.stringify(data);
    if (state === this.state) return;
    this.state = state;
    const open = this.root.querySelector("details")?.open ?? false;
    this.root.replaceChildren(
      element("h2", { textContent: data.title }),
      element("p", { className: "said", textContent: data.said }),
      this.picture(data),
      this.legend(data),
      this.list(data, open),
    );
  }

  picture(data) {
    const height = STEP * (Math.max(data.parts.length, data.abilities.length) + 0.5);
    const svg = shape("svg", { viewBox: `0 0 ${WIDTH} ${height}`, "aria-hidden": "true" });
    const at = (rows, name) => STEP * (rows.findIndex((row) => row.name === name) + 0.75) * (height / (STEP * (rows.length + 0.5)));
    const away = new Set(data.parts.filter((part) => part.state === "away").map((part) => part.name));
    const drawn = [...data.lines].sort((a, b) => away.has(a.part) - away.has(b.part));
    for (const line of drawn) {
      const [from, to] = [at(data.parts, line.part), at(data.abilities, line.ability)];
      const middle = (LEFT + RIGHT) / 2;
      const path = `M${LEFT} ${from}C${middle} ${from} ${middle} ${to} ${RIGHT} ${to}`;
      svg.append(shape("path", { d: path, class: away.has(line.part) ? `line ${line.effect}` : "line" }));
    }
    for (const part of data.parts) {
      const y = at(data.parts, part.name);
      svg.append(shape("circle", { cx: LEFT, cy: y, r: 6, class: `part ${part.state}` }));
      svg.append(shape("text", { x: LEFT - 14, y: y + 5, "text-anchor": "end", class: part.state }, part.label));
    }
    for (const ability of data.abilities) {
      const y = at(data.abilities, ability.name);
      svg.append(shape("circle", { cx: RIGHT, cy: y, r: 5, class: `ability ${ability.effect}` }));
      svg.append(shape("text", { x: RIGHT + 14, y: y + 5 }, ability.label));
    }
    return svg;
  }

  legend(data) {
    const entries = data.legend.map((entry) => element("span", { className: `entry ${entry.effect}`, textContent: entry.label }));
    return element("p", { className: "legend", "aria-hidden": "true" }, ...entries);
  }

  list(data, open) {
    const rows = data.parts.map((part) =>
      element("li", {}, element("strong", { textContent: part.label }), ` (${part.stateLabel}). ${part.without}`),
    );
    return element("details", { open }, element("summary", { textContent: data.list }), element("ul", {}, ...rows));
  }
}

export default function mount({ data: [data], parentElement }) {
  const place = parentElement;
  if (!place.castmindDependencies) {
    place.castmindDependencies = new DependencyMap();
    place.append(place.castmindDependencies.root);
  }
  place.castmindDependencies.show(data);
}
