"""Folders as feeds: which feed a file's folder is, and what becomes of an episode whose file comes again in another folder.

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
    """The folder's feed. Its episodes are transcribed by themselves until the user says otherwise, as all own files are."""
    if not folder:
        return None
    url = folder_feed.address(folder)
    there = feeds.with_url(db, url)
    if there:
        return there
    return feeds.get(db, feeds.add(db, {"url": url, "title": folder_feed.title(folder), "auto_transcribe": True}, now=now))


def move(db: Database, known: Episode, folder: Folder, *, now: float) -> None:
    """An own file that comes in a folder belongs there from now on; what a publisher's feed brought stays in that feed."""
    if known.feed_id is not None and not folder_feed.is_local(feeds.get(db, known.feed_id).url):
        return
    feed = feed_of(db, folder, now=now)
    if feed and feed.id != known.feed_id:
        episodes.change(db, known.id, {"feed_id": feed.id}, now=now)
