"""The trash: deleted episodes, which can be restored until they are deleted for good."""

from __future__ import annotations

from collections.abc import Sequence

from core import events
from core.domain.episodes.episode import Episode
from core.store.db.sqlite import Database
from core.store.jobs import fetches, jobs
from core.store.library.episodes import COLUMNS, episode_of, get


def put_in_trash(db: Database, episode_ids: Sequence[int], *, now: float) -> list[int]:
    """Move episodes to the trash; return those that were not in it. Cancel their open jobs; `take_from_trash` resumes them."""
    marks = ", ".join("?" * len(episode_ids))
    rows = db.execute(
        f"UPDATE episodes SET deleted_at = ?, updated_at = ? WHERE id IN ({marks}) AND deleted_at IS NULL RETURNING id",
        [now, now, *episode_ids],
    ).fetchall()
    gone = [row[0] for row in rows]
    jobs.suspend(db, gone, now=now)
    for episode_id in gone:
        events.record(events.EpisodeTrashed(episode_id=episode_id))
    return gone


def take_from_trash(db: Database, episode_ids: Sequence[int], *, now: float) -> list[int]:
    """Restore episodes; return those that were in the trash. Their cancelled jobs resume; no rule deletes them again."""
    marks = ", ".join("?" * len(episode_ids))
    rows = db.execute(
        "UPDATE episodes SET deleted_at = NULL, wanted_at = ?, updated_at = ? "
        f"WHERE id IN ({marks}) AND deleted_at IS NOT NULL RETURNING id",
        [now, now, *episode_ids],
    ).fetchall()
    back = [row[0] for row in rows]
    jobs.resume(db, back)
    for episode_id in back:
        events.record(events.EpisodeRestored(episode_id=episode_id))
        episode = get(db, episode_id)
        if episode.audio_dropped_at and episode.media_path is None and episode.enclosure_url:
            fetches.fetch_again(db, episode_id)
    return back


def in_trash(db: Database, *, before: float = 1e18, with_audio: bool = False, limit: int = 200) -> list[Episode]:
    """Return the episodes deleted before a time, the first deleted first."""
    rows = db.execute(
        f"SELECT {COLUMNS} FROM episodes INDEXED BY episodes_deleted WHERE deleted_at IS NOT NULL AND deleted_at < ? "
        f"{'AND media_path IS NOT NULL' if with_audio else ''} ORDER BY deleted_at, id LIMIT ?",
        [before, limit],
    )
    return [episode_of(row) for row in rows]
