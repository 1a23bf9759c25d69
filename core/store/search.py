"""Asking the full-text index. What it holds, and how it is written, is in search_index.py.

Query ─▶ filters: episodes, times ─┐
      └▶ terms: FTS5 expression ───┴▶ rowids, the newest first ─▶ up to RANKED of them: bm25 │ more: as they are
          ─▶ groups by episode ─▶ the texts of what is shown ─▶ each hit checked and marked ─▶ Found
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any, Literal

from core.domain.query import Filter, Hint, Query, Term
from core.store import folding, search_index
from core.store.folding import Sought
from core.store.search_index import Document, Kind

# Beyond this many, ranking takes longer than it helps: the newest come first.
RANKED = 5000
# A filter that leaves this few episodes is asked about one by one, another with a look at each hit.
FEW_EPISODES = 200
# How many hits of each word are looked through for episodes that hold all of them.
SCATTERED = 20_000
SNIPPET = 220
LEAD = 60
# How much more a hit counts than one in the transcript.
WEIGHTS = {Kind.SEGMENT: 1.0, Kind.TITLE: 3.0, Kind.NOTE: 1.6, Kind.OWN_NOTE: 1.6, Kind.REMARK: 1.6}

HIGHEST = (1 << 63) - 1

Order = Literal["relevance", "newest"]


@dataclass(frozen=True, slots=True)
class Hit:
    """`marks` are the places in `snippet` that were sought, `[from, to)`. `start` is seconds, None for what has no moment.

    `place` is the segment's or highlight's id.
    """

    kind: Kind
    place: int
    start: float | None
    snippet: str
    marks: tuple[tuple[int, int], ...] = ()
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Hits in one episode, in the order of the audio; `count` says how many there are in all. `marks` are those in its title."""

    episode_id: int
    title: str
    feed_title: str | None
    published_at: float
    hits: tuple[Hit, ...]
    count: int
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """`total` hits; there are more when `at_least`."""

    groups: tuple[Group, ...] = ()
    total: int = 0
    at_least: bool = False
    order: Order = "relevance"
    hints: tuple[Hint, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """Where is looked: rowids from `low` to `high`, in these episodes (None: in all) but for those that are left out."""

    low: int
    high: int
    episodes: frozenset[int] | None
    without: frozenset[int]


@dataclass(slots=True)
class Candidates:
    """Rowids by episode, the best episode first."""

    by_episode: dict[int, list[int]]
    total: int
    at_least: bool
    order: Order
    scattered: bool = False
    dropped: int = 0


def find(db: Any, query: Query, *, groups: int = 20, per_group: int = 5) -> Found:
    """The best `groups` episodes with at most `per_group` hits each. Ask inside one snapshot."""
    hints = list(query.hints)
    wanted = [sought for term in query.wanted if (sought := folding.sought(term.text, prefix=term.prefix))]
    scope = _scope(db, query, hints)
    asked = wanted or any(not each.excluded for each in query.filters) or query.after is not None or query.before is not None
    if scope is None or not asked:
        if not hints:
            hints.append(Hint("only_excluded" if query.unwanted or query.filters else "nothing_sought"))
        return Found(hints=tuple(hints))
    candidates = _candidates(db, query, wanted, scope)
    if not candidates.by_episode and len(wanted) > 1 and (scattered := _scattered(db, query, wanted, scope)).by_episode:
        candidates = scattered
        hints.append(Hint("scattered"))
    shown = tuple(_groups(db, candidates, wanted, groups, per_group))
    if candidates.at_least and wanted:
        hints.append(Hint("newest_first", str(RANKED)))
    return Found(shown, candidates.total - candidates.dropped, candidates.at_least, candidates.order, tuple(hints))


# --- filters ------------------------------------------------------------------------------------------


def _scope(db: Any, query: Query, hints: list[Hint]) -> Scope | None:
    """None when a filter names what is not there."""
    episodes: set[int] | None = None
    without = {row[0] for row in db.execute("SELECT id FROM episodes WHERE deleted_at IS NOT NULL")}
    for each in query.filters:
        if each.name == "speaker":
            continue
        found = _episodes(db, each)
        if found is None:
            hints.append(Hint(f"no_{each.name}", each.value))
            if not each.excluded:
                return None
        elif each.excluded:
            without |= found
        else:
            episodes = found if episodes is None else episodes & found
    return Scope(
        search_index.moment_key(query.after) if query.after is not None else 0,
        search_index.moment_key(query.before) - 1 if query.before is not None else HIGHEST,
        None if episodes is None else frozenset(episodes - without),
        frozenset(without),
    )


def _episodes(db: Any, wanted: Filter) -> set[int] | None:
    """The episodes that a filter lets through; None when there is no such feed, tag or episode."""
    match wanted.name:
        case "feed":
            keys = _matching(db, "SELECT id, title FROM feeds", wanted.value, whole=False)
            return _ids(db, "SELECT id FROM episodes WHERE feed_id IN", keys)
        case "tag":
            keys = _matching(db, "SELECT id, name FROM tags", wanted.value, whole=True)
            return _ids(db, "SELECT episode_id FROM episode_tags WHERE tag_id IN", keys)
        case _:
            keys = [int(wanted.value)] if wanted.value.isdecimal() and len(wanted.value) < 10 else []
            return _ids(db, "SELECT id FROM episodes WHERE id IN", keys) or None


def _matching(db: Any, select: str, value: str, *, whole: bool) -> list[int]:
    sought = folding.fold(value).strip()
    names = [(row[0], folding.fold(row[1])) for row in db.execute(select)]
    return [key for key, name in names if (name == sought if whole else sought in name)]


def _ids(db: Any, select: str, keys: Sequence[int]) -> set[int] | None:
    if not keys:
        return None
    return {row[0] for row in db.execute(f"{select} ({', '.join('?' * len(keys))})", list(keys))}


# --- candidates ---------------------------------------------------------------------------------------


def _expression(query: Query, wanted: Sequence[Sought]) -> str:
    """What FTS5 is asked for; empty when nothing is."""
    speakers = [(each, folding.sought(each.value)) for each in query.filtered("speaker")]
    required = [_phrase("text", each) for each in wanted]
    required += [_phrase("speaker", sought) for each, sought in speakers if sought and not each.excluded]
    refused = [_phrase("text", s) for term in query.unwanted if (s := _sought(term))]
    refused += [_phrase("speaker", sought) for each, sought in speakers if sought and each.excluded]
    if not required:
        return ""
    without = f" NOT ({' OR '.join(refused)})" if refused else ""
    return f"({' AND '.join(required)}){without}"


def _sought(term: Term) -> Sought | None:
    return folding.sought(term.text, prefix=term.prefix)


def _phrase(column: str, sought: Sought) -> str:
    # Tokens hold letters, digits, + and # alone: nothing that could end the quotation.
    return f'{column} : "{" ".join(sought.tokens)}"{"*" if sought.open else ""}'


def _candidates(db: Any, query: Query, wanted: Sequence[Sought], scope: Scope) -> Candidates:
    generation = search_index.live(db)
    expression = _expression(query, wanted)
    if not expression:
        rows = _titles(db, generation, scope)
        return _newest(rows)
    rows = _newest_rows(db, f"search_{generation}", expression, scope)
    if len(rows) > RANKED:
        return _newest(rows)
    return _ranked(_scores(db, f"search_{generation}", expression, rows))


def _titles(db: Any, generation: int, scope: Scope) -> list[int]:
    """Of filters alone: the episodes that they let through."""
    among, values = _among("episode_id", scope)
    rows = db.execute(
        f"SELECT base FROM search_episodes WHERE generation = ? AND base BETWEEN ? AND ?{among} ORDER BY base DESC LIMIT ?",
        [generation, scope.low, scope.high, *values, RANKED + 1],
    )
    return [search_index.rowid(row[0], Kind.TITLE, 0) for row in rows]


def _newest_rows(db: Any, table: str, expression: str, scope: Scope) -> list[int]:
    """At most one more than is ranked."""
    ask = f"SELECT rowid FROM {table} WHERE {table} MATCH ? AND rowid BETWEEN ? AND ?"
    if scope.episodes is None or len(scope.episodes) > FEW_EPISODES:
        among, values = _among(search_index.EPISODE_OF_ROWID, scope)
        rows = db.execute(f"{ask}{among} ORDER BY rowid DESC LIMIT ?", [expression, scope.low, scope.high, *values, RANKED + 1])
        return [row[0] for row in rows]
    found: list[int] = []
    for base in _bases(db, scope):
        last = base | search_index.ROWS_OF_EPISODE - 1
        rows = db.execute(f"{ask} ORDER BY rowid DESC LIMIT ?", [expression, base, last, RANKED + 1 - len(found)])
        found += [row[0] for row in rows]
        if len(found) > RANKED:
            break
    return found


def _among(column: str, scope: Scope) -> tuple[str, list[str]]:
    """The rest of a WHERE that keeps to the scope's episodes."""
    text, values = "", []
    for sign, chosen in (("IN", scope.episodes), ("NOT IN", scope.without if scope.episodes is None else None)):
        if chosen is not None and not (sign == "NOT IN" and not chosen):
            text += f" AND {column} {sign} (SELECT value FROM json_each(?))"
            values.append(json.dumps(sorted(chosen)))
    return text, values


def _bases(db: Any, scope: Scope) -> list[int]:
    """Where the rowids of each of the scope's episodes begin, the newest first."""
    among, values = _among("episode_id", scope)
    rows = db.execute(
        f"SELECT base FROM search_episodes WHERE generation = ? AND base BETWEEN ? AND ?{among} ORDER BY base DESC",
        [search_index.live(db), scope.low, scope.high, *values],
    )
    return [row[0] for row in rows]


def _scores(db: Any, table: str, expression: str, rows: Sequence[int]) -> list[tuple[float, int]]:
    """Rowids with how well each fits, the best first."""
    if not rows:
        return []
    chosen = set(rows)
    found = db.execute(
        f"SELECT rowid, bm25({table}, 1.0, 0.0) FROM {table} WHERE {table} MATCH ? AND rowid BETWEEN ? AND ?",
        [expression, min(rows), max(rows)],
    )
    # bm25 is the lower the better, and below zero but for words that stand nearly everywhere.
    scored = [(-score * WEIGHTS[search_index.address(row)[1]], row) for row, score in found if row in chosen]
    return sorted(scored, reverse=True)


def _ranked(scored: Sequence[tuple[float, int]]) -> Candidates:
    """An episode counts as much as its best hit, and a little more when there are many."""
    by_episode: dict[int, list[int]] = {}
    best: dict[int, float] = {}
    for score, row in scored:
        episode_id = search_index.address(row)[0]
        by_episode.setdefault(episode_id, []).append(row)
        best.setdefault(episode_id, score)
    order = sorted(by_episode, key=lambda e: best[e] * (1 + 0.1 * math.log(len(by_episode[e]))), reverse=True)
    return Candidates({e: by_episode[e] for e in order}, len(scored), at_least=False, order="relevance")


def _newest(rows: Sequence[int]) -> Candidates:
    by_episode: dict[int, list[int]] = {}
    for row in rows[:RANKED]:
        by_episode.setdefault(search_index.address(row)[0], []).append(row)
    return Candidates(by_episode, min(len(rows), RANKED), at_least=len(rows) > RANKED, order="newest")


def _scattered(db: Any, query: Query, wanted: Sequence[Sought], scope: Scope) -> Candidates:
    """No document holds all that is sought: the newest episodes that hold each of it somewhere."""
    table = f"search_{search_index.live(db)}"
    asked = [_expression(query, [each]) for each in wanted]
    for expression in asked:
        among, values = _among(search_index.EPISODE_OF_ROWID, scope)
        rows = db.execute(
            f"SELECT rowid FROM {table} WHERE {table} MATCH ? AND rowid BETWEEN ? AND ?{among} ORDER BY rowid DESC LIMIT ?",
            [expression, scope.low, scope.high, *values, SCATTERED],
        )
        scope = replace(scope, episodes=frozenset(search_index.address(row[0])[0] for row in rows))
        if not scope.episodes:
            break
    by_episode: dict[int, list[int]] = {}
    for base in _bases(db, scope)[:FEW_EPISODES]:
        last = base | search_index.ROWS_OF_EPISODE - 1
        ask = f"SELECT rowid FROM {table} WHERE {table} MATCH ? AND rowid BETWEEN ? AND ?"
        each = [[row[0] for row in db.execute(ask, [expression, base, last])] for expression in asked]
        # By turns, so that a few hits already show all that is sought.
        turns = (row for turn in zip_longest(*each) for row in turn if row is not None)
        by_episode[search_index.address(base)[0]] = list(dict.fromkeys(turns))
    return Candidates(by_episode, sum(map(len, by_episode.values())), at_least=False, order="newest", scattered=True)


# --- what is shown ------------------------------------------------------------------------------------


def _groups(db: Any, found: Candidates, wanted: Sequence[Sought], groups: int, per_group: int) -> Iterator[Group]:
    given = 0
    for episode_id, rows in found.by_episode.items():
        if given >= groups:
            return
        if found.order == "newest" and not found.scattered:
            rows.sort()
        hits = _hits(db, episode_id, rows, wanted=wanted, limit=per_group, found=found)
        if hits:
            given += 1
            yield _group(db, episode_id, hits, len(rows), wanted)


def _group(db: Any, episode_id: int, hits: Sequence[Hit], count: int, wanted: Sequence[Sought]) -> Group:
    row = db.execute(
        "SELECT episodes.title, feeds.title, coalesce(published_at, episodes.created_at) FROM episodes "
        "LEFT JOIN feeds ON feeds.id = episodes.feed_id WHERE episodes.id = ?",
        [episode_id],
    ).fetchone()
    ordered = sorted(hits, key=lambda hit: (hit.kind is not Kind.TITLE, hit.start is None, hit.start or 0.0, hit.kind, hit.place))
    marks = folding.find(row[0], wanted, some=True) or ()
    return Group(episode_id, row[0], row[1], row[2], tuple(ordered), count, tuple(marks))


def _hits(db: Any, episode_id: int, rows: Sequence[int], *, wanted: Sequence[Sought], limit: int, found: Candidates) -> list[Hit]:
    """The first of these that are what was sought. The index and the text agree; where they ever should not, the text counts."""
    hits: list[Hit] = []
    texts: dict[Kind, Mapping[int, Document]] = {}
    for row in rows:
        if len(hits) >= limit:
            break
        _, kind, place = search_index.address(row)
        if kind is Kind.SEGMENT:
            held: Mapping[int, Document] = search_index.documents(db, episode_id, [kind], {place})
        else:
            held = texts.setdefault(kind, search_index.documents(db, episode_id, [kind]))
        document = held.get(kind << 17 | place)
        marks = folding.find(document.text, wanted, some=found.scattered) if document else None
        if document is None or marks is None:
            found.dropped += 1
            continue
        snippet, shown = cut(document.text, marks)
        hits.append(Hit(kind, place, document.start, snippet, tuple(shown), document.speaker))
    return hits


def cut(text: str, marks: Sequence[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """At most SNIPPET characters around the first mark, at words' ends where there are any, and the marks within."""
    if len(text) <= SNIPPET:
        return text, list(marks)
    first = marks[0][0] if marks else 0
    start = max(0, min(first - LEAD, len(text) - SNIPPET))
    if start:
        space = text.find(" ", start, first)
        start = space + 1 if space >= 0 else start
    end = min(len(text), start + SNIPPET)
    if end < len(text):
        space = text.rfind(" ", max(start + SNIPPET // 2, min(marks[0][1], end) if marks else 0), end)
        end = space if space > 0 else end
    head, tail = "…" if start else "", "…" if end < len(text) else ""
    shift = len(head) - start
    inside = [(max(a, start) + shift, min(b, end) + shift) for a, b in marks if a < end and b > start]
    return head + text[start:end] + tail, inside
