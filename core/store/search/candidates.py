"""Find the documents that match a query, by the full-text index alone.

terms, speakers ─▶ FTS5 expression ─▶ rowids in the scope, newest first ─▶ up to RANKED of them: bm25 │ more: unranked
no document holds all terms ─▶ the newest episodes that hold each of them somewhere
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from core.domain.episodes.search_query import Query, SearchTerm
from core.domain.episodes.search_result import DocumentKind, Order
from core.store.db.sqlite import Database
from core.store.search import documents, tables, text_folding
from core.store.search.documents import EPISODE_OF_ROWID, KIND_OF_ROWID, ROWS_OF_EPISODE, address, episode_of
from core.store.search.scope import Scope, among, bases
from core.store.search.text_folding import Sought

# Ranking more hits than this takes too long to be useful: the newest come first then.
RANKED = 5000
# If a filter leaves at most this many episodes, they are queried one by one; otherwise each hit is checked.
FEW_EPISODES = 200
# How many hits of each word are searched for episodes that hold all of them.
SCATTERED = 20_000
# The weight of a hit, relative to one in the transcript.
WEIGHTS = {
    DocumentKind.SEGMENT: 1.0,
    DocumentKind.TITLE: 3.0,
    DocumentKind.NOTE: 1.6,
    DocumentKind.OWN_NOTE: 1.6,
    DocumentKind.REMARK: 1.6,
    DocumentKind.SHOW_NOTE: 1.2,
    DocumentKind.PUBLISHED: 1.0,
}


@dataclass(slots=True)
class Candidates:
    """Rowids by episode, the best episode first. `kinds` counts the rows before the scope's kinds are taken from them."""

    by_episode: dict[int, list[int]]
    total: int
    at_least: bool
    order: Order
    scattered: bool = False
    dropped: int = 0
    kinds: Mapping[DocumentKind, int] = field(default_factory=dict)


def _expression(query: Query, wanted: Sequence[Sought]) -> str:
    """Return the FTS5 expression; empty if there is nothing to match."""
    speakers = [(each, text_folding.sought(each.value)) for each in query.filtered("speaker")]
    required = [_phrase("text", each) for each in wanted]
    required += [_phrase("speaker", sought) for each, sought in speakers if sought and not each.excluded]
    refused = [_phrase("text", s) for term in query.unwanted if (s := _sought(term))]
    refused += [_phrase("speaker", sought) for each, sought in speakers if sought and each.excluded]
    if not required:
        return ""
    without = f" NOT ({' OR '.join(refused)})" if refused else ""
    return f"({' AND '.join(required)}){without}"


def _sought(term: SearchTerm) -> Sought | None:
    return text_folding.sought(term.text, prefix=term.prefix)


def _phrase(column: str, sought: Sought) -> str:
    # Tokens contain only letters, digits, + and #: nothing that could end the quotation.
    return f'{column} : "{" ".join(sought.tokens)}"{"*" if sought.open else ""}'


def speaks(db: Database, name: str) -> bool:
    """Return whether any indexed sentence names this speaker."""
    sought = text_folding.sought(name)
    if not sought:
        return False
    table = f"search_{tables.live(db)}"
    return db.execute(f"SELECT 1 FROM {table} WHERE {table} MATCH ? LIMIT 1", [_phrase("speaker", sought)]).fetchone() is not None


def candidates(db: Database, query: Query, wanted: Sequence[Sought], scope: Scope) -> Candidates:
    generation = tables.live(db)
    expression = _expression(query, wanted)
    if not expression:
        return _newest(_titles(db, generation, scope))
    table = f"search_{generation}"
    rows = _newest_rows(db, table, expression, replace(scope, kinds=None))
    kinds = _counted(rows)
    if scope.kinds is not None:
        # Hits of the kinds may be older than the rows of all kinds.
        rows = _newest_rows(db, table, expression, scope) if len(rows) > RANKED else _of_kinds(rows, scope)
    found = _newest(rows) if len(rows) > RANKED else _ranked(_scores(db, table, expression, rows))
    return replace(found, kinds=kinds)


def _of_kinds(rows: Sequence[int], scope: Scope) -> list[int]:
    return [row for row in rows if scope.kinds is None or address(row)[1] in scope.kinds]


def _counted(rows: Sequence[int]) -> Mapping[DocumentKind, int]:
    return Counter(address(row)[1] for row in rows[:RANKED])


def _titles(db: Database, generation: int, scope: Scope) -> list[int]:
    """For filters without terms: return the title rows of the episodes that match."""
    chosen, values = among("episode_id", scope)
    rows = db.execute(
        f"SELECT base FROM search_episodes WHERE generation = ? AND base BETWEEN ? AND ?{chosen} ORDER BY base DESC LIMIT ?",
        [generation, scope.low, scope.high, *values, RANKED + 1],
    )
    return [documents.rowid(row[0], DocumentKind.TITLE, 0) for row in rows]


def _newest_rows(db: Database, table: str, expression: str, scope: Scope) -> list[int]:
    """Return the newest rows, at most RANKED + 1."""
    kinds = f" AND {KIND_OF_ROWID} IN ({', '.join(str(int(kind)) for kind in scope.kinds)})" if scope.kinds is not None else ""
    ask = f"SELECT rowid FROM {table} WHERE {table} MATCH ? AND rowid BETWEEN ? AND ?{kinds}"
    if scope.episodes is None or len(scope.episodes) > FEW_EPISODES:
        chosen, values = among(EPISODE_OF_ROWID, scope)
        rows = db.execute(f"{ask}{chosen} ORDER BY rowid DESC LIMIT ?", [expression, scope.low, scope.high, *values, RANKED + 1])
        return [row[0] for row in rows]
    found: list[int] = []
    for base in bases(db, scope):
        last = base | ROWS_OF_EPISODE - 1
        rows = db.execute(f"{ask} ORDER BY rowid DESC LIMIT ?", [expression, base, last, RANKED + 1 - len(found)])
        found += [row[0] for row in rows]
        if len(found) > RANKED:
            break
    return found


def _scores(db: Database, table: str, expression: str, rows: Sequence[int]) -> list[tuple[float, int]]:
    """Return (score, rowid), best first."""
    if not rows:
        return []
    chosen = set(rows)
    found = db.execute(
        f"SELECT rowid, bm25({table}, 1.0, 0.0) FROM {table} WHERE {table} MATCH ? AND rowid BETWEEN ? AND ?",
        [expression, min(rows), max(rows)],
    )
    # Lower bm25 is better; it is negative except for words that occur nearly everywhere.
    scored = [(-score * WEIGHTS[address(row)[1]], row) for row, score in found if row in chosen]
    return sorted(scored, reverse=True)


def _ranked(scored: Sequence[tuple[float, int]]) -> Candidates:
    """Rank episodes by their best hit, with a small bonus for many hits."""
    by_episode: dict[int, list[int]] = {}
    best: dict[int, float] = {}
    for score, row in scored:
        episode_id = episode_of(row)
        by_episode.setdefault(episode_id, []).append(row)
        best.setdefault(episode_id, score)
    order = sorted(by_episode, key=lambda e: best[e] * (1 + 0.1 * math.log(len(by_episode[e]))), reverse=True)
    return Candidates({e: by_episode[e] for e in order}, len(scored), at_least=False, order="relevance")


def _newest(rows: Sequence[int]) -> Candidates:
    by_episode: dict[int, list[int]] = {}
    for row in rows[:RANKED]:
        by_episode.setdefault(episode_of(row), []).append(row)
    return Candidates(by_episode, min(len(rows), RANKED), at_least=len(rows) > RANKED, order="newest")


def scattered(db: Database, query: Query, wanted: Sequence[Sought], scope: Scope) -> Candidates:
    """If no document holds all terms: return the newest episodes that hold each of them somewhere."""
    table = f"search_{tables.live(db)}"
    asked = [_expression(query, [each]) for each in wanted]
    for expression in asked:
        chosen, values = among(EPISODE_OF_ROWID, scope)
        rows = db.execute(
            f"SELECT rowid FROM {table} WHERE {table} MATCH ? AND rowid BETWEEN ? AND ?{chosen} ORDER BY rowid DESC LIMIT ?",
            [expression, scope.low, scope.high, *values, SCATTERED],
        )
        scope = replace(scope, episodes=frozenset(episode_of(row[0]) for row in rows))
        if not scope.episodes:
            break
    by_episode: dict[int, list[int]] = {}
    kinds: Counter[DocumentKind] = Counter()
    for base in bases(db, scope)[:FEW_EPISODES]:
        last = base | ROWS_OF_EPISODE - 1
        ask = f"SELECT rowid FROM {table} WHERE {table} MATCH ? AND rowid BETWEEN ? AND ?"
        each = [[row[0] for row in db.execute(ask, [expression, base, last])] for expression in asked]
        # Interleaved, so that a few hits already show all terms.
        turns = (row for turn in zip_longest(*each) for row in turn if row is not None)
        matching = list(dict.fromkeys(turns))
        kinds.update(_counted(matching))
        if left := _of_kinds(matching, scope):
            by_episode[episode_of(base)] = left
    total = sum(map(len, by_episode.values()))
    return Candidates(by_episode, total, at_least=False, order="newest", scattered=True, kinds=kinds)
