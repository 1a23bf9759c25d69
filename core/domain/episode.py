"""An episode: one piece of audio, wherever it came from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
    `description` is HTML cleaned by nh3 when it came in; pages render it as text.
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


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What probing a media file found. `media_type` is a MIME type by content, `suffix` the fitting file ending."""

    media_type: str
    suffix: str
    duration: float
    bytes: int
    sha256: str
    title: str | None = None
    author: str | None = None
