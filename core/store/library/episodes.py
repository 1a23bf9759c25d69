"""The `episodes` table: add, change, delete and find episodes. Filtered lists are in listing.py."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from core import events
from core.domain.episodes.episode import Episode, Source
from core.domain.episodes.listed import Listed
from core.domain.feeds import people
from core.domain.feeds.matching import Known
from core.domain.feeds.people import Person
from core.errors import Conflict, NotFound
from core.store.db.rows import assignments, build_placed, columns, inserted_id
from core.store.db.sqlite import Database
from core.store.jobs import jobs
from core.store.library import reading_states, tags

_ENGINE = (
    "(SELECT engine FROM notes WHERE notes.id = coalesce(episodes.notes_id, "
    "(SELECT max(id) FROM notes WHERE notes.episode_id = episodes.id AND NOT outdated))) AS notes_engine"
)
_SPEECH_SHARE = "(SELECT speech_share FROM transcripts WHERE transcripts.episode_id = episodes.id) AS speech_share"
COLUMNS = columns(Episode, "episodes")
_EPISODE_COLUMNS = len(fields(Episode))
SORT_KEY = "coalesce(episodes.published_at, episodes.created_at)"


def episode_of(row: sqlite3.Row) -> Episode:
    return build_placed(Episode, row, source=Source(row["source"]), people=people.read(row["people"]))


def add(db: Database, values: Mapping[str, Any], *, now: float) -> int:
    """Insert an episode from column values (title and source at least); return its id."""
    row = {**values, "created_at": now, "updated_at": now}
    names = ", ".join(row)
    cursor = db.execute(f"INSERT INTO episodes ({names}) VALUES ({', '.join(':' + n for n in row)})", row)
    episode_id = inserted_id(cursor)
    events.record(events.EpisodeAdded(episode_id=episode_id, source=values["source"], feed_id=values.get("feed_id")))
    return episode_id


def change(db: Database, episode_id: int, values: Mapping[str, Any], *, now: float) -> None:
    """Set columns. Raises NotFound."""
    row = {**values, "updated_at": now}
    cursor = db.execute(f"UPDATE episodes SET {assignments(row)} WHERE id = :id", {**row, "id": episode_id})
    if cursor.rowcount == 0:
        raise NotFound(f"There is no episode {episode_id}.", id=episode_id)


def delete(db: Database, episode_id: int) -> None:
    if db.execute("DELETE FROM episodes WHERE id = ?", [episode_id]).rowcount:
        events.record(events.EpisodeDeleted(episode_id=episode_id))


def find(db: Database, episode_id: int) -> Episode | None:
    row = db.execute(f"SELECT {COLUMNS} FROM episodes WHERE id = ?", [episode_id]).fetchone()
    return episode_of(row) if row else None


def get(db: Database, episode_id: int) -> Episode:
    """Return an episode. Raises NotFound."""
    episode = find(db, episode_id)
    if episode is None:
        raise NotFound(f"There is no episode {episode_id}.", id=episode_id)
    return episode


def with_sha256(db: Database, sha256: str) -> Episode | None:
    row = db.execute(f"SELECT {COLUMNS} FROM episodes WHERE sha256 = ?", [sha256]).fetchone()
    return episode_of(row) if row else None


def of_feed(db: Database, feed_id: int) -> list[Episode]:
    rows = db.execute(f"SELECT {COLUMNS} FROM episodes WHERE feed_id = ?", [feed_id])
    return [episode_of(row) for row in rows]


def people_of_feed(db: Database, feed_id: int, *, newest: int) -> list[tuple[Person, ...]]:
    """Return the people of the feed's newest episodes outside the trash, by episode; those without people are left out."""
    rows = db.execute(
        "SELECT people FROM (SELECT people FROM episodes INDEXED BY episodes_feed "
        f"WHERE feed_id = ? AND deleted_at IS NULL ORDER BY {SORT_KEY} DESC LIMIT ?) WHERE people IS NOT NULL",
        [feed_id, newest],
    )
    return [people.read(row[0]) for row in rows]


def known(db: Database, feed_id: int) -> list[Known]:
    """Return the identifying data of a feed's episodes, oldest row first. The title is the one in the feed, not the user's."""
    rows = db.execute(
        "SELECT id, guid, enclosure_url, coalesce(offered_title, title), coalesce(offered_duration, duration), published_at, "
        "offered_digest, enclosure_bytes, listed FROM episodes INDEXED BY episodes_of_feed WHERE feed_id = ? ORDER BY id",
        [feed_id],
    )
    return [Known(row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], bool(row[8])) for row in rows]


def note_listed(db: Database, episode_ids: Iterable[int], *, listed: bool) -> None:
    """Record whether their feed still lists the episodes."""
    db.conn.executemany("UPDATE episodes SET listed = ? WHERE id = ?", [(int(listed), each) for each in episode_ids])


def note_replaced(db: Database, episode_ids: Sequence[int], *, now: float) -> None:
    """Record that the publisher replaced the episodes' audio; skip those that never had audio and have no transcript."""
    if not episode_ids:
        return  # SQLite walks the whole table for an empty IN ()
    db.execute(
        f"UPDATE episodes SET audio_replaced_at = ?, updated_at = ? WHERE id IN ({', '.join('?' * len(episode_ids))}) "
        "AND (media_path IS NOT NULL OR audio_dropped_at IS NOT NULL "
        "OR EXISTS (SELECT 1 FROM transcripts WHERE episode_id = episodes.id))",
        [now, now, *episode_ids],
    )


# --- duplicates -----------------------------------------------------------------------------------------


def unlisted_with_audio(db: Database, episode: Episode, sha256: str) -> Episode | None:
    """Return the oldest episode of the same show with this hash that no feed lists any more and that is not in the trash."""
    row = db.execute(
        f"SELECT {COLUMNS} FROM episodes WHERE sha256 = ? AND id <> ? AND deleted_at IS NULL AND source = 'feed' "
        "AND ((feed_id = ? AND NOT listed) OR feed_id IS NULL) ORDER BY id LIMIT 1",
        [sha256, episode.id, episode.feed_id],
    ).fetchone()
    return episode_of(row) if row else None


def columns_of(db: Database, episode_id: int, names: Sequence[str]) -> dict[str, Any]:
    """Return the raw values of the columns."""
    return dict(db.execute(f"SELECT {', '.join(names)} FROM episodes WHERE id = ?", [episode_id]).fetchone())


def forget(db: Database, episode_id: int) -> None:
    """Delete an episode, and its entry in `dismissed`, so that the feed may add the same item again."""
    row = columns_of(db, episode_id, ["feed_id", "guid", "enclosure_url"])
    delete(db, episode_id)
    db.execute(
        "DELETE FROM dismissed WHERE feed_id = ? AND guid IS ? AND enclosure_url IS ?",
        [row["feed_id"], row["guid"], row["enclosure_url"]],
    )


def dismissed(db: Database, feed_id: int) -> list[Known]:
    """Return the identifying data of a feed's episodes that the user deleted. Their ids are negative and name no row."""
    rows = db.execute(
        "SELECT -rowid, guid, enclosure_url, coalesce(title, ''), duration, published_at FROM dismissed WHERE feed_id = ?",
        [feed_id],
    )
    return [Known(*row) for row in rows]


def left_behind(db: Database) -> list[Known]:
    """Return the episodes whose feed was removed, without guids: those are unique only within a feed; the audio identifies them."""
    rows = db.execute(
        "SELECT id, NULL, enclosure_url, coalesce(offered_title, title) FROM episodes INDEXED BY episodes_left_behind "
        "WHERE source = 'feed' AND feed_id IS NULL ORDER BY id"
    )
    return [Known(*row) for row in rows]


def there_at_subscription(db: Database, feed_id: int, *, newest: int) -> list[int]:
    """Return the ids of the `newest` episodes that existed at the time of the subscription, newest first."""
    rows = db.execute(
        "SELECT episodes.id FROM episodes JOIN feeds ON feeds.id = episodes.feed_id WHERE feeds.id = ? "
        f"AND episodes.created_at <= feeds.created_at AND episodes.deleted_at IS NULL ORDER BY {SORT_KEY} DESC, episodes.id LIMIT ?",
        [feed_id, newest],
    )
    return [row["id"] for row in rows]


def count(db: Database) -> int:
    """Count the episodes of the library, without the trash."""
    return int(db.execute("SELECT count(*) FROM episodes INDEXED BY episodes_added WHERE deleted_at IS NULL").fetchone()[0])


def titles(db: Database, episode_ids: Iterable[int]) -> dict[int, str]:
    chosen = list(episode_ids)
    if not chosen:
        return {}  # SQLite walks the whole table for an empty IN ()
    rows = db.execute(f"SELECT id, title FROM episodes WHERE id IN ({', '.join('?' * len(chosen))})", chosen)
    return {row["id"]: row["title"] for row in rows}


def with_media(db: Database, media_path: str) -> list[Episode]:
    """Return the episodes with this audio file, in the library and in the trash."""
    rows = db.execute(f"SELECT {COLUMNS} FROM episodes WHERE media_path = ?", [media_path])
    return [episode_of(row) for row in rows]


def from_inbox(db: Database, *, since: float, newest: int = 1000) -> list[Episode]:
    """Return the episodes from the inbox that were added after `since` and have audio, among the `newest` of all episodes."""
    rows = db.execute(
        f"SELECT {COLUMNS} FROM episodes WHERE id > (SELECT max(id) FROM episodes) - ? AND source = 'inbox' AND created_at > ? "
        "AND media_path IS NOT NULL AND deleted_at IS NULL",
        [newest, since],
    )
    return [episode_of(row) for row in rows]


# --- rows of a list -------------------------------------------------------------------------------------


def listed(db: Database, episode_id: int, *, user_id: int | None) -> Listed:
    """Return one episode with all columns of a list. Raises NotFound."""
    found = rows(db, [episode_id], user_id=user_id)
    if not found:
        raise NotFound(f"There is no episode {episode_id}.", id=episode_id)
    return found[0]


def rows(db: Database, episode_ids: list[int], *, user_id: int | None) -> list[Listed]:
    """Return episodes with all columns of a list, in the order of the ids; deleted ones are left out.

    `user_id`: the user whose reading states are included; None for empty ones.
    """
    if not episode_ids:
        return []  # SQLite walks the whole table for an empty IN ()
    found = {row["id"]: row for row in _rows_of_list(db, episode_ids, user_id)}
    by_episode, tagged = jobs.of_episodes(db, episode_ids), tags.of_episodes(db, episode_ids)
    return [
        Listed(
            episode_of(row),
            tuple(by_episode.get(number, ())),
            row["feed_title"],
            row["notes_engine"],
            tuple(tagged.get(number, ())),
            row["feed_image_url"],
            row["speech_share"],
            reading_states.state_of(row[_EPISODE_COLUMNS:]),
        )
        for number in episode_ids
        if (row := found.get(number)) is not None
    ]


def _rows_of_list(db: Database, episode_ids: list[int], user_id: int | None) -> Iterable[sqlite3.Row]:
    return db.execute(
        f"SELECT {COLUMNS}, {reading_states.COLUMNS}, feeds.title AS feed_title, feeds.image_url AS feed_image_url, {_ENGINE}, "
        f"{_SPEECH_SHARE} FROM episodes LEFT JOIN feeds ON feeds.id = episodes.feed_id "
        "LEFT JOIN reading_states ON reading_states.user_id = ? AND reading_states.episode_id = episodes.id "
        f"WHERE episodes.id IN ({', '.join('?' * len(episode_ids))})",
        [user_id, *episode_ids],
    )


# --- the trash ------------------------------------------------------------------------------------------


def live(db: Database, episode_id: int) -> Episode:
    """Return an episode of the library. Raises NotFound, and Conflict for one in the trash."""
    episode = get(db, episode_id)
    if episode.deleted_at is not None:
        raise Conflict(
            f"“{episode.title}” is in the trash. Restore it first.",
            id=episode_id,
            state="deleted",
            case="in_trash",
            title=episode.title,
        )
    return episode
