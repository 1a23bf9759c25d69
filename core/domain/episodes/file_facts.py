"""What a media file says of itself, and which of an episode's columns that fills.

tags ─▶ FileFacts ─▶ title: unless it is the number of a track, as programs write where nobody gave a title
                 └─▶ columns: people, published_at, description
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import Any

from core.domain.feeds import people
from core.domain.feeds.people import Person

_TRACK = (
    "audio ?track|track|titel|title|piste|pista|traccia|faixa|spor|spår|raita|utwór|дорожка|трек|"
    "トラック|트랙|音轨|音軌|曲目|音频|untitled|unknown(?: title)?|unbekannt(?:er titel)?|no title|无标题|無標題|未知|未命名"
)
_NO_TITLE = re.compile(rf"(?:{_TRACK})?[\W\d_]*(?:(?:of|/|von|de)[\W\d_]*)?", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FileFacts:
    """`about` is a text of lines, `dated_at` Unix seconds. None: the file does not say."""

    tagged_title: str | None = None
    author: str | None = None
    album: str | None = None
    about: str | None = None
    dated_at: float | None = None

    @property
    def title(self) -> str | None:
        """Return the title; None for the number of a track, an address, or nothing."""
        title = (self.tagged_title or "").strip()
        return None if _NO_TITLE.fullmatch(title) or _ADDRESS.fullmatch(title) else title

    def columns(self) -> dict[str, Any]:
        """Return the columns that the file fills; the album is the first line of the description, which is HTML."""
        lines = dict.fromkeys(line for text in (self.album, self.about) if text for line in text.splitlines())
        found = {
            "people": people.written([Person(self.author, "artist")]) if self.author else None,
            "published_at": self.dated_at,
            "description": "".join(f"<p>{escape(line)}</p>" for line in lines) or None,
        }
        return {name: value for name, value in found.items() if value is not None}
