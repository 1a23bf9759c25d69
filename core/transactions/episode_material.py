"""Read everything that is known about one episode, in the caller's snapshot: the material of exports and published files."""

from __future__ import annotations

from core.domain.episodes.publisher_extras import Origin
from core.domain.notes.note import Chapter
from core.export.export_data import Material
from core.store.db.sqlite import Database
from core.store.library import episodes, publisher_extras, tags
from core.store.text import highlights, notes, transcripts


def gather(db: Database, episode_id: int, *, page_address: str | None = None, audio_address: str | None = None) -> Material:
    """Return all data that an export of the episode may hold, as it is now. Raises NotFound."""
    listed = episodes.listed(db, episode_id, user_id=None)
    current = notes.current(db, episode_id)
    return Material(
        episode=listed.episode,
        transcript=transcripts.find(db, episode_id),
        notes=current.notes if current else None,
        feed_title=listed.feed_title,
        own_notes=notes.own(db, episode_id),
        highlights=tuple(highlights.of_episode(db, episode_id)),
        tags=tuple(tag.name for tag in tags.of_episodes(db, [episode_id]).get(episode_id, [])),
        chapters=_chapters(db, episode_id),
        audio_address=audio_address,
        page_address=page_address,
    )


def _chapters(db: Database, episode_id: int) -> tuple[Chapter, ...]:
    """Return the publisher's chapters, else those in the file. () leaves it to the notes' chapters."""
    found = publisher_extras.chapters(db, episode_id, Origin.PUBLISHER) or publisher_extras.chapters(db, episode_id, Origin.FILE)
    return tuple(Chapter(c.title, c.start, link=c.link, picture=c.picture) for c in found.items) if found else ()
