"""Feeds, their entries, and the pure decisions about them."""

from __future__ import annotations

from dataclasses import dataclass, field

NEWEST_TRANSCRIBED = 3


@dataclass(frozen=True, slots=True)
class Feed:
    """A subscription. Times are Unix seconds. `backlog`: how many of the episodes that were there at subscription are
    transcribed by themselves; `auto_transcribe`: whether later ones are. `failures` counts polls failed in a row."""

    id: int
    url: str
    title: str
    created_at: float
    description: str = ""
    author: str = ""
    link: str | None = None
    image_url: str | None = None
    language: str | None = None
    auto_transcribe: bool = True
    backlog: int = NEWEST_TRANSCRIBED
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    next_poll_at: float = 0.0
    last_polled_at: float | None = None
    last_success_at: float | None = None
    failures: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a parsed feed, cleaned: text without markup except `description`, which nh3 cleaned; http(s) URLs only."""

    guid: str
    title: str
    enclosure_url: str
    enclosure_type: str | None = None
    enclosure_bytes: int | None = None
    description: str = ""
    link: str | None = None
    image_url: str | None = None
    published_at: float | None = None
    duration: float | None = None


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed's own data and its entries, newest first. `ttl` is seconds, if the feed names one."""

    title: str
    description: str = ""
    author: str = ""
    link: str | None = None
    image_url: str | None = None
    language: str | None = None
    ttl: float | None = None
    entries: tuple[Entry, ...] = field(default_factory=tuple)
