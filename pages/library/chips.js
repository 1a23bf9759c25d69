// The library's filters as chips: a press sets or clears a word of the address, and the page follows.
//
//   "More filters" ─▶ the choices that have no chip of their own until they are set      "Clear all" ─▶ with the second one

const goWith = (name, value) => {
  const to = new URL(location.href);
  if (value) to.searchParams.set(name, value);
  else to.searchParams.delete(name);
  goTo(to);
};

class Chips extends ChipRow {
  constructor() {
    super("filter-chips", goWith);
  }

  content({ chips, sort, trash, text }) {
    const inRow = chips.filter((chip) => !chip.apart || chip.value);
    const more = chips.filter((chip) => chip.apart && !chip.value);
    const set = chips.filter((chip) => chip.value);
    return [
      ...inRow.flatMap((chip) => this.chip(chip)),
      ...(more.length ? this.withMenu("chip-more", text.more_filters, () => more.flatMap((chip) => this.entries(chip, `${chip.label}: `).slice(1))) : []),
      ...(set.length > 1 ? [this.button("chip-clear", text.clear_filters, { className: "bare", onclick: () => this.clear(chips) })] : []),
      element("span", { className: "gap" }),
      ...this.withMenu("chip-sort", sort.options.find(({ value }) => value === sort.value).label, () => this.entries(sort), { className: "bare", label: text.sort }),
      ...(trash ? [this.button("chip-trash", trash, { className: "bare", onclick: () => goTo("/?trash=1") })] : []),
    ];
  }

  clear(chips) {
    const to = new URL(location.href);
    for (const { name } of chips) to.searchParams.delete(name);
    goTo(to);
  }
}

export default function mount({ data: [data], parentElement }) {
  const place = parentElement;
  if (!place.castmindChips) {
    place.castmindChips = new Chips();
    place.append(place.castmindChips.row);
  }
  const chips = place.castmindChips;
  chips.show(structuredClone(data));
  return () =>
    setTimeout(() => {
      if (!chips.row.isConnected) delete place.castmindChips;
    });
}
