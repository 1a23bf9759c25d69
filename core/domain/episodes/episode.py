"""An episode: one piece of audio, wherever it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from core.domain.episodes.file_facts import FileFacts
from core.domain.episodes.publisher_extras import SuppliedChapter
from core.domain.feeds.people import Person
from core.domain.jobs.job import State


class Source(StrEnum):
    UPLOAD = "upload"
    FEED = "feed"
    INBOX = "inbox"
    ADDRESS = "address"
    SAMPLE = "sample"


@dataclass(frozen=True, slots=True)
class Episode:
    """A row of the library. `media_path` is relative to the data folder, None until the audio is here.

    `duration` is seconds, `bytes` the size of the media file; `published_at`, `created_at`, `updated_at` are Unix seconds.
    `language`, `model`, `notes_language`, `notes_model` are the user's wishes for this episode: None means the settings.
    `description` is HTML that nh3 cleaned on arrival; pages render it as text. `spoken_language` is the transcript's language.
    `season`, `number`, `kind` (full, trailer, bonus) and `people` come from its feed. `deleted_at` (moved to the trash) and
    `audio_dropped_at` (its audio deleted, for the RetentionReason `audio_dropped_why`) are times, or None.
    `publisher_transcript` (prefer, never) is the user's choice for this episode; None means the feed's, or the settings.
    `audio_replaced_at`: when the publisher was seen to have replaced the downloaded audio; `fetch_anew_at`: when the download of
    the new audio was requested, None once it has arrived. `heard_sha256` is the hash of the transcribed audio.
    """

    id: int
    title: str
    source: Source
    created_at: float
    updated_at: float
    feed_id: int | None = None
    guid: str | None = None
    description: str = ""
    link: str | None = None
    season: int | None = None
    number: float | None = None
    kind: str | None = None
    people: tuple[Person, ...] = ()
    image_url: str | None = None
    enclosure_url: str | None = None
    enclosure_type: str | None = None
    enclosure_bytes: int | None = None
    published_at: float | None = None
    sha256: str | None = None
    media_path: str | None = None
    media_type: str | None = None
    bytes: int | None = None
    duration: float | None = None
    language: str | None = None
    model: str | None = None
    notes_language: str | None = None
    notes_model: str | None = None
    spoken_language: str | None = None
    deleted_at: float | None = None
    audio_dropped_at: float | None = None
    audio_dropped_why: str | None = None
    publisher_transcript: str | None = None
    audio_replaced_at: float | None = None
    fetch_anew_at: float | None = None
    heard_sha256: str | None = None

    @property
    def heard_other_audio(self) -> bool:
        """Return whether the transcript was made of other audio than the one that is here now."""
        return self.media_path is not None and self.heard_sha256 not in (None, self.sha256)


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """The result of probing a media file. `media_type` is a MIME type by content, `suffix` the fitting file ending, `said` what
    the file says of itself."""

    media_type: str
    suffix: str
    duration: float
    bytes: int
    sha256: str
    said: FileFacts = field(default_factory=FileFacts)
    chapters: tuple[SuppliedChapter, ...] = ()


class Sort(StrEnum):
    """`newest` and `oldest` go by publication, `added` by when it came into the library, newest first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    ADDED = "added"
    LONGEST = "longest"
    SHORTEST = "shortest"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Filter:
    """Restricts a list of the library; a field that is None or empty does not narrow it.

    `tag` is a tag's id, `text` is looked for in titles. `started`: begun, and not heard to the end. `inbox`: episodes of
    feeds, published since the subscription, that the reader has neither starred, nor read, nor had transcribed. `deleted`: the
    trash instead of the library, last deleted first.
    """

    feed_id: int | None = None
    state: State | None = None
    tag: int | None = None
    language: str | None = None
    unread: bool | None = None
    starred: bool | None = None
    started: bool = False
    inbox: bool = False
    text: str = ""
    deleted: bool = False


# An episode counts as heard near its end: the rest is usually music and credits.
HEARD_SHARE = 0.95
HEARD_SECONDS = 30.0


def heard(position: float, duration: float | None) -> bool:
    """Return whether somebody who stopped at `position` has heard the episode (seconds)."""
    return duration is not None and duration > 0 and position >= max(duration * HEARD_SHARE, duration - HEARD_SECONDS)
