"""Clips (`castmind.clips`): a passage of an episode as an audio file with its title and time.

clip(episode_id, start, end, form) ─▶ cut into a .part under media/ ─▶ Clip: an open, already unlinked file, freed when closed
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from core.domain.accounts.actor import Actor
from core.domain.episodes.episode import Episode
from core.domain.episodes.export_form import ClipForm
from core.export.clip import MEDIA_TYPES, check_passage, cut
from core.export.layout.cues import stamp
from core.files import partial_files
from core.services.library.library import Library


@dataclass(frozen=True, slots=True)
class Clip:
    """`file` is open for reading and already unlinked; the caller closes it. `title` names the passage."""

    file: BinaryIO
    bytes: int
    title: str
    media_type: str


class Clips:
    def __init__(self, library: Library, data: Path) -> None:
        self._library = library
        self._data = data

    def clip(self, actor: Actor, episode_id: int, start: float, end: float, form: ClipForm = ClipForm.MP3) -> Clip:
        """Cut [start, end) seconds; blocks for up to a few seconds.

        Raises NotFound, MediaMissing, UserError (empty, or longer than ten minutes), ToolMissing, MediaUnreadable, DiskFull.
        """
        row = self._library.episode(actor, episode_id)
        check_passage(start, end, row.episode.duration)
        media = self._library.media(actor, episode_id)
        end = min(end, row.episode.duration or end)
        title = passage_title(row.episode, start, end)
        tags = {"title": title, "artist": row.feed_title or "", "album": row.episode.title}
        part = partial_files.new_part(self._data / "media")
        try:
            with partial_files.disk_errors(part.parent):
                cut(media, part, start=start, end=end, form=form, tags={k: v for k, v in tags.items() if v})
                return Clip(part.open("rb"), part.stat().st_size, title, MEDIA_TYPES[form])
        finally:
            partial_files.discard(part)


def passage_title(episode: Episode, start: float, end: float) -> str:
    """Return a title such as `A talk (12:03–12:40)`."""
    return f"{episode.title} ({stamp(start)}–{stamp(end)})"
