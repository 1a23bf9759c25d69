"""Have waiting episodes transcribed: of one podcast, with one tag, or of the whole library; the newest first, so many at most.

The episodes of a run and its end are one transaction: none is ordered twice, and a kill loses none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.schedules.schedule import Schedule
from core.services.schedules.kind import ByTransaction, Counts, known, number
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from core.store.jobs import jobs
from core.store.library import tags
from core.store.schedules import untranscribed

MOST = 500
DEFAULT = 10


class TranscribeWaiting(ByTransaction):
    """`feed_id` and `tag_id` are 0 for any; `most` episodes a run."""

    name = "transcribe"
    own = True

    def checked(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        known(parameters, "feed_id", "tag_id", "most")
        ids = {name: number(parameters, name, least=0, most=2**53, default=0) for name in ("feed_id", "tag_id")}
        return ids | {"most": number(parameters, "most", least=1, most=MOST, default=DEFAULT)}

    def change(self, db: Database, row: Schedule, now: float) -> Counts:
        feed_id, tag_id = row.parameters["feed_id"], row.parameters["tag_id"]
        # The error of a podcast or a tag that is gone is that of the run: it must not mean the whole library then.
        if feed_id:
            feeds.get(db, feed_id)
        if tag_id:
            tags.get(db, tag_id)
        chosen = untranscribed.newest(db, feed_id=feed_id, tag_id=tag_id, limit=row.parameters["most"])
        for episode_id in chosen:
            jobs.enqueue(db, episode_id, priority=row.priority.rank, now=now)
        return {"episodes": len(chosen)}
