"""The scope of a query: the part of the library that its filters leave.

    feed, tag, episode ─▶ episodes   in ─▶ kinds   after, before ─▶ rowids from, to   the trash ─▶ excluded

Speakers are not part of the scope: the full-text index itself is queried for them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.episodes.search_query import Hint, Query, QueryFilter
from core.domain.episodes.search_result import KIND_NAMES, DocumentKind
from core.store.db.sqlite import Database
from core.store.search import documents, tables, text_folding

HIGHEST = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Scope:
    """The rowids from `low` to `high`, in these episodes (None: all) without the excluded ones, of these kinds (None: all)."""

    low: int
    high: int
    episodes: frozenset[int] | None
    without: frozenset[int]
    kinds: frozenset[DocumentKind] | None = None


def scope(db: Database, query: Query, hints: list[Hint]) -> Scope | None:
    """Return the scope; None if a filter names something that does not exist."""
    episodes: set[int] | None = None
    without = {row[0] for row in db.execute("SELECT id FROM episodes WHERE deleted_at IS NOT NULL")}
    for each in query.filters:
        if each.name in ("speaker", "in"):
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
        documents.moment_key(query.after) if query.after is not None else 0,
        documents.moment_key(query.before) - 1 if query.before is not None else HIGHEST,
        None if episodes is None else frozenset(episodes - without),
        frozenset(without),
        _kinds(query.filtered("in"), hints),
    )


def _kinds(filters: Sequence[QueryFilter], hints: list[Hint]) -> frozenset[DocumentKind] | None:
    """Return the kinds that the filters leave: those that are named, or all but those; None without such a filter."""
    named: dict[bool, set[DocumentKind]] = {True: set(), False: set()}
    for each in filters:
        sought = text_folding.fold(each.value).replace(" ", "")
        found = {kind for kind, names in KIND_NAMES.items() if sought in names}
        named[each.excluded] |= found
        if not found:
            hints.append(Hint("no_kind", each.value))
    if not named[True] and not named[False]:
        return None
    return frozenset((named[False] or set(DocumentKind)) - named[True])


def _episodes(db: Database, wanted: QueryFilter) -> set[int] | None:
    """Return the episodes that match a filter; None if the feed, tag or episode does not exist."""
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


def _matching(db: Database, select: str, value: str, *, whole: bool) -> list[int]:
    sought = text_folding.fold(value).strip()
    names = [(row[0], text_folding.fold(row[1])) for row in db.execute(select)]
    return [key for key, name in names if (name == sought if whole else sought in name)]


def _ids(db: Database, select: str, keys: Sequence[int]) -> set[int] | None:
    if not keys:
        return None
    return {row[0] for row in db.execute(f"{select} ({', '.join('?' * len(keys))})", list(keys))}


def among(column: str, scope: Scope) -> tuple[str, list[str]]:
    """Return a condition for WHERE that limits a query to the scope's episodes."""
    text, values = "", []
    for sign, chosen in (("IN", scope.episodes), ("NOT IN", scope.without if scope.episodes is None else None)):
        if chosen is not None and not (sign == "NOT IN" and not chosen):
            text += f" AND {column} {sign} (SELECT value FROM json_each(?))"
            values.append(json.dumps(sorted(chosen)))
    return text, values


def bases(db: Database, scope: Scope) -> list[int]:
    """Return the first rowid of each of the scope's episodes, newest first."""
    chosen, values = among("episode_id", scope)
    rows = db.execute(
        f"SELECT base FROM search_episodes WHERE generation = ? AND base BETWEEN ? AND ?{chosen} ORDER BY base DESC",
        [tables.live(db), scope.low, scope.high, *values],
    )
    return [row[0] for row in rows]
