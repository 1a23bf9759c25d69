"""The `episodes` table. A query that answers with episodes goes here, also when it looks at jobs to choose them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.domain.episode import Episode, Source
from core.domain.feed import Known
from core.domain.job import ATTENTION, Job, State, overall
from core.errors import NotFound, UserError
from core.store import jobs
from core.store.rows import assignments, build, columns

_COLUMNS = columns(Episode, "episodes")
_SORT_KEY = "coalesce(episodes.published_at, episodes.created_at)"


@dataclass(frozen=True, slots=True)
class Listed:
    """An episode as the library shows it. `state` is None when nothing was ever asked for."""

    episode: Episode
    jobs: tuple[Job, ...]
    feed_title: str | None
    notes_engine: str | None

    @property
    def state(self) -> State | None:
        return overall(self.jobs)


@dataclass(frozen=True, slots=True)
class Listing:
    items: tuple[Listed, ...]
    next_cursor: str | None


def _episode(row: sqlite3.Row) -> Episode:
    return build(Episode, row, source=Source(row["source"]))


def add(db: Any, values: Mapping[str, Any], *, now: float) -> int:
    """Inserts an episode from column values (title and source at least); gives its id."""
    row = {**values, "created_at": now, "updated_at": now}
    names = ", ".join(row)
    cursor = db.execute(f"INSERT INTO episodes ({names}) VALUES ({', '.join(':' + n for n in row)})", row)
    return int(cursor.lastrowid)


def change(db: Any, episode_id: int, values: Mapping[str, Any], *, now: float) -> None:
    """Sets columns. Raises NotFound."""
    row = {**values, "updated_at": now}
    cursor = db.execute(f"UPDATE episodes SET {assignments(row)} WHERE id = :id", {**row, "id": episode_id})
    if cursor.rowcount == 0:
        raise NotFound(f"There is no episode {episode_id}.", id=episode_id)


def delete(db: Any, episode_id: int) -> None:
    db.execute("DELETE FROM episodes WHERE id = ?", [episode_id])


def find(db: Any, episode_id: int) -> Episode | None:
    row = db.execute(f"SELECT {_COLUMNS} FROM episodes WHERE id = ?", [episode_id]).fetchone()
    return _episode(row) if row else None


def get(db: Any, episode_id: int) -> Episode:
    """Raises NotFound."""
    episode = find(db, episode_id)
    if episode is None:
        raise NotFound(f"There is no episode {episode_id}.", id=episode_id)
    return episode


def with_sha256(db: Any, sha256: str) -> Episode | None:
    row = db.execute(f"SELECT {_COLUMNS} FROM episodes WHERE sha256 = ?", [sha256]).fetchone()
    return _episode(row) if row else None


def of_feed(db: Any, feed_id: int) -> list[Episode]:
    rows = db.execute(f"SELECT {_COLUMNS} FROM episodes WHERE feed_id = ?", [feed_id])
    return [_episode(row) for row in rows]


def known(db: Any, feed_id: int) -> list[Known]:
    """What identifies the episodes of a feed, oldest row first. The title is the one that the feed gave, not the user's."""
    rows = db.execute(
        "SELECT id, guid, enclosure_url, coalesce(offered_title, title), duration FROM episodes WHERE feed_id = ? ORDER BY id",
        [feed_id],
    )
    return [Known(*row) for row in rows]


def dismissed(db: Any, feed_id: int) -> list[Known]:
    """What identifies the episodes of a feed that the user deleted. Their ids, below zero, name no row."""
    rows = db.execute("SELECT rowid, guid, enclosure_url FROM dismissed WHERE feed_id = ?", [feed_id])
    return [Known(-row["rowid"], row["guid"], row["enclosure_url"], "") for row in rows]


def left_behind(db: Any) -> list[Known]:
    """Episodes whose feed was removed. Their guids meant something within that feed alone: only their audio identifies them."""
    rows = db.execute(
        "SELECT id, enclosure_url, coalesce(offered_title, title) FROM episodes "
        "WHERE source = 'feed' AND feed_id IS NULL ORDER BY id"
    )
    return [Known(row[0], None, row[1], row[2]) for row in rows]


def there_at_subscription(db: Any, feed_id: int, *, newest: int) -> list[int]:
    """Ids of the `newest` episodes that came with the subscription itself, newest first."""
    rows = db.execute(
        "SELECT episodes.id FROM episodes JOIN feeds ON feeds.id = episodes.feed_id WHERE feeds.id = ? "
        f"AND episodes.created_at <= feeds.created_at ORDER BY {_SORT_KEY} DESC, episodes.id LIMIT ?",
        [feed_id, newest],
    )
    return [row["id"] for row in rows]


def count(db: Any) -> int:
    return int(db.execute("SELECT count(*) FROM episodes").fetchone()[0])


def titles(db: Any, episode_ids: Iterable[int]) -> dict[int, str]:
    chosen = list(episode_ids)
    rows = db.execute(f"SELECT id, title FROM episodes WHERE id IN ({', '.join('?' * len(chosen))})", chosen)
    return {row["id"]: row["title"] for row in rows}


def media_paths(db: Any) -> set[str]:
    return {row[0] for row in db.execute("SELECT media_path FROM episodes WHERE media_path IS NOT NULL")}


def listing(
    db: Any,
    *,
    feed_id: int | None = None,
    state: State | None = None,
    query: str = "",
    limit: int = 50,
    cursor: str | None = None,
) -> Listing:
    """Newest first, a page at a time. `query` looks in titles; `cursor` is what the page before gave."""
    where = ["1"]
    values: dict[str, Any] = {}
    if feed_id is not None:
        where.append("episodes.feed_id = :feed_id")
        values["feed_id"] = feed_id
    if state is not None:
        where.append("EXISTS (SELECT 1 FROM jobs WHERE jobs.episode_id = episodes.id AND jobs.state = :state)")
        sooner = ", ".join(f"'{s.value}'" for s in ATTENTION[: ATTENTION.index(state)])
        where.append(f"NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.episode_id = episodes.id AND jobs.state IN ({sooner}))")
        values["state"] = state.value
    if query.strip():
        where.append("episodes.title LIKE :query ESCAPE '\\'")
        values["query"] = "%" + _escape_like(query.strip()) + "%"
    if cursor:
        values["cursor_at"], values["cursor_id"] = _read_cursor(cursor)
        where.append(f"({_SORT_KEY}, episodes.id) < (:cursor_at, :cursor_id)")
    rows = db.execute(
        f"SELECT {_COLUMNS}, feeds.title AS feed_title, {_SORT_KEY} AS sort_key, "
        "(SELECT engine FROM notes WHERE notes.episode_id = episodes.id ORDER BY notes.id DESC LIMIT 1) AS notes_engine "
        f"FROM episodes LEFT JOIN feeds ON feeds.id = episodes.feed_id WHERE {' AND '.join(where)} "
        f"ORDER BY {_SORT_KEY} DESC, episodes.id DESC LIMIT :limit",
        {**values, "limit": limit + 1},
    ).fetchall()
    page = rows[:limit]
    more = json.dumps([page[-1]["sort_key"], page[-1]["id"]]) if len(rows) > limit else None
    return Listing(tuple(_listed(db, page)), more)


def listed(db: Any, episode_id: int) -> Listed:
    """One episode with its jobs. Raises NotFound."""
    row = db.execute(
        f"SELECT {_COLUMNS}, feeds.title AS feed_title, "
        "(SELECT engine FROM notes WHERE notes.episode_id = episodes.id ORDER BY notes.id DESC LIMIT 1) AS notes_engine "
        "FROM episodes LEFT JOIN feeds ON feeds.id = episodes.feed_id WHERE episodes.id = ?",
        [episode_id],
    ).fetchone()
    if row is None:
        raise NotFound(f"There is no episode {episode_id}.", id=episode_id)
    return _listed(db, [row])[0]


def _listed(db: Any, rows: Iterable[sqlite3.Row]) -> list[Listed]:
    rows = list(rows)
    by_episode = jobs.of_episodes(db, [row["id"] for row in rows])
    return [Listed(_episode(r), tuple(by_episode.get(r["id"], ())), r["feed_title"], r["notes_engine"]) for r in rows]


def _escape_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _read_cursor(cursor: str) -> tuple[float, int]:
    try:
        at, last_id = json.loads(cursor)
        return float(at), int(last_id)
    except (ValueError, TypeError, OverflowError) as error:
        raise UserError("The cursor is not one that a listing gave.") from error
