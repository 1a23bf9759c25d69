"""Map folders to feeds: find the feed of a file's folder, and move an episode whose file comes again in another folder.

    folder ─▶ its feed, made when it is new        no folder ─▶ no feed

All inside the caller's transaction.
"""

from __future__ import annotations

from core.domain.episodes.episode import Episode
from core.domain.feeds import folder_feed
from core.domain.feeds.feed import Feed
from core.domain.feeds.folder_feed import Folder
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from core.store.library import episodes


def feed_of(db: Database, folder: Folder, *, now: float) -> Feed | None:
    """Return the folder's feed. Like all own files, its episodes are transcribed until the user says otherwise."""
    if not folder:
        return None
    url = folder_feed.address(folder)
    there = feeds.with_url(db, url)
    if there:
        return there
    return feeds.get(db, feeds.add(db, {"url": url, "title": folder_feed.title(folder), "auto_transcribe": True}, now=now))


def move(db: Database, known: Episode, folder: Folder, *, now: float) -> None:
    """Move the user's own file to the feed of its new folder; episodes from a publisher's feed stay in that feed."""
    if known.feed_id is not None and not folder_feed.is_local(feeds.get(db, known.feed_id).url):
        return
    feed = feed_of(db, folder, now=now)
    if feed and feed.id != known.feed_id:
        episodes.change(db, known.id, {"feed_id": feed.id}, now=now)
