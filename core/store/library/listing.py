"""The library's lists: the episodes that match a filter, sorted, in pages, and their count.

    Filter, Sort, cursor ─▶ one index, walked from the cursor on ─▶ ids of a page ─▶ their rows, jobs, tags

The indexes of migration 0029 contain all columns that a filter tests, so episodes that do not match cost no row read; a user's
marks are a bit in them. The queries name their index (INDEXED BY) instead of leaving the choice to the planner, which cannot know
that rows are long. A new filter goes into `_conditions`, and its column into those indexes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from core.domain.episodes.episode import Filter, Sort
from core.domain.episodes.listed import Listed, Listing
from core.errors import UserError
from core.store.db.sqlite import Database
from core.store.library.episodes import SORT_KEY, rows


@dataclass(frozen=True, slots=True)
class _Order:
    key: str
    index: str
    descending: bool = True


_ORDERS = {
    Sort.NEWEST: _Order(SORT_KEY, "episodes_newest"),
    Sort.OLDEST: _Order(SORT_KEY, "episodes_newest", descending=False),
    Sort.ADDED: _Order("episodes.created_at", "episodes_added"),
    Sort.LONGEST: _Order("coalesce(episodes.duration, 0)", "episodes_longest"),
    Sort.SHORTEST: _Order("coalesce(episodes.duration, 0)", "episodes_longest", descending=False),
    Sort.TITLE: _Order("episodes.title COLLATE NOCASE", "episodes_title", descending=False),
}
# Users whose marks are bits of the episodes (migration 0029); those of others are looked up one by one.
_WITH_BIT = range(1, 63)
_LOOKED_UP = (
    "EXISTS (SELECT 1 FROM reading_states WHERE reading_states.user_id = :user AND reading_states.episode_id = episodes.id "
    "AND reading_states.{name}_at IS NOT NULL)"
)
# Begun by the user, and not heard to the end.
_STARTED = (
    "episodes.id IN (SELECT episode_id FROM reading_states INDEXED BY reading_states_unfinished "
    "WHERE user_id = :reader AND position > 0 AND read_at IS NULL)"
)
_NEW = (
    f"episodes.state IS NULL AND episodes.feed_id IS NOT NULL AND {SORT_KEY} >= "
    "(SELECT feeds.created_at FROM feeds WHERE feeds.id = episodes.feed_id)"
)
_TRASH = _Order("episodes.deleted_at", "episodes_deleted")


def page(
    db: Database, wanted: Filter, *, user_id: int, sort: Sort = Sort.NEWEST, limit: int = 50, cursor: str | None = None
) -> Listing:
    """Return a page; `cursor` is the `next_cursor` of the page before. Raises UserError for an invalid cursor."""
    order = _TRASH if wanted.deleted else _ORDERS[sort]
    where, values = _conditions(wanted, user_id)
    if cursor:
        values["at"], values["after"] = _read_cursor(cursor, text=order is _ORDERS[Sort.TITLE])
        sign = "<" if order.descending else ">"
        # The first condition seeks in the index, the second decides between episodes with the same key.
        where.append(f"{order.key} {sign}= :at AND ({order.key}, episodes.id) {sign} (:at, :after)")
    way = "DESC" if order.descending else "ASC"
    found = db.execute(
        f"SELECT episodes.id, {order.key} AS key FROM episodes INDEXED BY {_index(wanted, order)} "
        f"WHERE {' AND '.join(where)} ORDER BY {order.key} {way}, episodes.id {way} LIMIT :limit",
        {**values, "limit": limit + 1},
    ).fetchall()
    shown = found[:limit]
    more = json.dumps([shown[-1]["key"], shown[-1]["id"]], ensure_ascii=False) if len(found) > limit else None
    return Listing(tuple(rows(db, [row["id"] for row in shown], user_id=user_id)), more)


def count(db: Database, wanted: Filter, *, user_id: int) -> int:
    where, values = _conditions(wanted, user_id)
    index = _index(wanted, _TRASH if wanted.deleted else _ORDERS[Sort.NEWEST])
    return int(db.execute(f"SELECT count(*) FROM episodes INDEXED BY {index} WHERE {' AND '.join(where)}", values).fetchone()[0])


def ids(db: Database, wanted: Filter, *, user_id: int) -> list[int]:
    """Return the ids of all episodes that match the filter, newest first."""
    order = _TRASH if wanted.deleted else _ORDERS[Sort.NEWEST]
    where, values = _conditions(wanted, user_id)
    found = db.execute(
        f"SELECT episodes.id FROM episodes INDEXED BY {_index(wanted, order)} WHERE {' AND '.join(where)} ORDER BY {order.key} DESC",
        values,
    )
    return [row["id"] for row in found]


def unfinished(db: Database, *, user_id: int, limit: int) -> list[Listed]:
    """Return the episodes that the user started but did not finish, the last played first."""
    found = db.execute(
        "SELECT episode_id FROM reading_states INDEXED BY reading_states_unfinished "
        "WHERE user_id = ? AND position > 0 AND read_at IS NULL "
        "AND EXISTS (SELECT 1 FROM episodes WHERE episodes.id = episode_id AND deleted_at IS NULL) "
        "ORDER BY played_at DESC, episode_id LIMIT ?",
        [user_id, limit],
    )
    return rows(db, [row["episode_id"] for row in found], user_id=user_id)


def languages(db: Database) -> list[str]:
    """Return the spoken languages of the library, the most frequent first."""
    found = db.execute(
        "SELECT spoken_language FROM episodes INDEXED BY episodes_newest WHERE deleted_at IS NULL AND spoken_language IS NOT NULL "
        "GROUP BY spoken_language ORDER BY count(*) DESC, spoken_language"
    )
    return [row[0] for row in found]


def _index(wanted: Filter, order: _Order) -> str:
    if order.index != "episodes_newest":
        return order.index
    if wanted.feed_id is not None:
        return "episodes_feed"
    return "episodes_state" if wanted.state is not None or wanted.inbox else order.index


def _conditions(wanted: Filter, user_id: int) -> tuple[list[str], dict[str, Any]]:
    where = ["episodes.deleted_at IS NOT NULL" if wanted.deleted else "episodes.deleted_at IS NULL"]
    values: dict[str, Any] = {}
    for column, value in (("feed_id", wanted.feed_id), ("state", wanted.state), ("spoken_language", wanted.language)):
        if value is not None:
            where.append(f"episodes.{column} = :{column}")
            values[column] = str(value) if column == "state" else value
    marks = [("read", None if wanted.unread is None else not wanted.unread), ("starred", wanted.starred)]
    if wanted.inbox:
        where.append(_NEW)
        marks += [("read", False), ("starred", False)]
    for name, whether in marks:
        if whether is not None:
            condition, values["user"] = _marked(name, user_id)
            where.append(f"{'' if whether else 'NOT '}{condition}")
    if wanted.started:
        where.append(_STARTED)
        values["reader"] = user_id
    if wanted.text.strip():
        where.append("episodes.title LIKE :text ESCAPE '\\'")
        values["text"] = "%" + _escape_like(wanted.text.strip()) + "%"
    if wanted.tag is not None:
        where.append("EXISTS (SELECT 1 FROM episode_tags WHERE tag_id = :tag AND episode_tags.episode_id = episodes.id)")
        values["tag"] = wanted.tag
    return where, values


def _marked(name: str, user_id: int) -> tuple[str, int]:
    """Return the condition that the user marked an episode as `read` or `starred`, and the value of its `:user`."""
    if user_id in _WITH_BIT:
        return f"(episodes.{name}_by & :user)", 1 << user_id
    return _LOOKED_UP.format(name=name), user_id


def _escape_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _read_cursor(cursor: str, *, text: bool) -> tuple[float | str, int]:
    try:
        at, last_id = json.loads(cursor)
        if isinstance(at, str) is not text:
            raise TypeError
        if text:
            at.encode()
        if not -(2**63) <= int(last_id) < 2**63:
            raise OverflowError
        return at if text else float(at), int(last_id)
    except (ValueError, TypeError, OverflowError) as error:
        raise UserError("The cursor is not one that this listing gave. Start again at its first page.") from error
