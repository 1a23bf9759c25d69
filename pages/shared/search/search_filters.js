// Chips that narrow a search: the kind of text, a podcast, a tag, a speaker, a time. Each writes its filter into the text.
//
//   found {kinds, feeds, tags, episodes}, text ─▶ chips ─ press ─▶ change(text with the filter, or without)

const DAYS_BACK = { week: 7, month: 30, year: 365 };

const daysAgo = (days) => {
  const then = new Date();
  then.setDate(then.getDate() - days);
  return `${then.getFullYear()}-${String(then.getMonth() + 1).padStart(2, "0")}-${String(then.getDate()).padStart(2, "0")}`;
};

class SearchFilters {
  constructor(testid, change) {
    this.change = change;
    this.chips = new ChipRow(testid, (name, value) => this.choose(name, value));
    this.root = this.chips.row;
  }

  // `given`: see shared/search/search_answer.py. `found` null: only the filters that are set.
  show(given, words, found) {
    Object.assign(this, { given, words });
    const set = (name) => filterValue(words, given.filters[name]);
    const names = (groups) => (groups ?? []).map(({ name }) => ({ value: name, label: name }));
    const hits = (found?.episodes ?? []).flatMap((episode) => episode.hits);
    const speakers = [...new Set(hits.map(({ speaker }) => speaker).filter(Boolean))].sort().map((name) => ({ value: name, label: name }));
    const times = Object.entries(DAYS_BACK).map(([name, days]) => ({ value: daysAgo(days), label: given.text[`time_${name}`] }));
    const chips = [
      ...this.kinds(found, set("in").toLowerCase()),
      this.choice("feed", set("feed"), names(found?.feeds), 2),
      this.choice("speaker", set("speaker"), speakers, 2),
      this.choice("tag", set("tag"), names(found?.tags), 1),
      this.choice("after", set("after"), found?.episodes.length ? times : [], 1),
    ].filter(Boolean);
    this.chips.show({ chips, text: { chips: given.text.filters } });
    this.root.hidden = !chips.length;
  }

  // Kinds that have hits, if there are two of them; and the one that is set.
  kinds(found, set) {
    const { kinds, locale } = this.given;
    const counts = found?.kinds ?? {};
    const chosen = kinds.find(({ names }) => names.includes(set.replaceAll(" ", "")));
    const several = Object.keys(counts).length > 1;
    return kinds
      .filter((kind) => kind === chosen || (several && counts[kind.kind]))
      .map((kind) => {
        const { [kind.kind]: count } = counts;
        return { name: `kind-${kind.kind}`, label: count ? `${kind.label} ${new Intl.NumberFormat(nearest(locale)).format(count)}` : kind.label, value: kind === chosen ? "1" : "", options: null };
      });
  }

  choice(name, value, options, least) {
    if (!value && options.length < least) return null;
    const label = this.given.text[`chip_${name}`];
    return { name, label, value, options: [{ value: "", label }, ...options] };
  }

  choose(name, value) {
    const { filters, kinds } = this.given;
    const kind = kinds.find((each) => name === `kind-${each.kind}`);
    const to = kind ? withFilter(this.words, filters.in, value ? kind.names[0] : "") : withFilter(this.words, filters[name], value);
    this.change(to);
  }
}

// The text without any filter, and whether it has one.
const unfiltered = (given, words) => Object.values(given.filters).reduce((rest, names) => withoutFilter(rest, names), words);
