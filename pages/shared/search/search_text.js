// Filters within the text of a query. The server reads the text in the same way: core/domain/episodes/search_query.py.
//
//   "in:notes lantern", ["in", "范围"] ─▶ filterValue: "notes" ─▶ withFilter(…, "comments"): "in:comments lantern"

const QUOTES = "[\"“”„「」]";
const filterIn = (names) => new RegExp(`(?<=^|\\s)(?:${names.join("|")})[:：](?:${QUOTES}([^"“”„「」]*)(?:${QUOTES}|$)|([^\\s"“”„「」]*))`, "giu");

// The value of the first filter with one of these names, or "".
const filterValue = (text, names) => {
  const [found] = text.matchAll(filterIn(names));
  return (found?.[1] ?? found?.[2] ?? "").trim();
};

const withoutFilter = (text, names) => text.replace(filterIn(names), " ").replace(/\s+/gu, " ").trimStart();

// The text with this filter in place of those of the same names; "" takes it out. It comes first: the last word may still be
// being typed.
const withFilter = (text, names, value) => {
  const rest = withoutFilter(text, names);
  if (!value) return rest;
  const said = value.replaceAll(/["“”„「」]/gu, " ").trim();
  return `${names[0]}:${/[\s:：]/u.test(said) ? `"${said}"` : said} ${rest}`;
};

// --- the searches that this browser keeps

const KEPT_SEARCHES = 6;

const recentSearches = () => {
  try {
    const kept = JSON.parse(remembered("searches") ?? "[]");
    return Array.isArray(kept) ? kept.filter((each) => typeof each === "string").slice(0, KEPT_SEARCHES) : [];
  } catch {
    return []; // not ours: it is written anew with the next search
  }
};

const keepSearch = (text) => {
  const words = text.trim();
  if (words.length > 1) remember("searches", JSON.stringify([words, ...recentSearches().filter((each) => each !== words)].slice(0, KEPT_SEARCHES)));
};
