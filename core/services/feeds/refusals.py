"""Errors for a new subscription whose feed is subscribed already, at the same URL or at another one."""

from __future__ import annotations

from core.domain.feeds.feed_address import carries_key
from core.errors import (
    Conflict,
    ShowSubscribed,
)
from core.services.feeds.feed_moves import MoveReading
from core.store.db.sqlite import Database
from core.store.feeds import feeds


def refuse_second(db: Database, *urls: str) -> None:
    for url in urls:
        there = feeds.with_url(db, url)
        if there:
            raise Conflict(
                f"{there.title} is subscribed already.", id=there.id, state="subscribed", case="subscribed", title=there.title
            )


def refuse_show(db: Database, reading: MoveReading) -> None:
    parsed = reading.parsed
    if parsed is None or parsed.podcast_guid is None:
        return
    there = next((feed for feed in feeds.of_show(db, parsed.podcast_guid) if not carries_key(feed.url)), None)
    if there:
        raise ShowSubscribed(
            f"You follow this show already, as “{there.title}”, at another address. From both addresses, each of its episodes "
            "would come twice. Nothing was added; subscribe to it as well only if you want both.",
            id=there.id,
            title=there.title,
            name=parsed.title,
            episodes=len(parsed.entries),
        )
