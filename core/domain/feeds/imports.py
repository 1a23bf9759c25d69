"""Imports of addresses that become feeds: an import, its lines, and the pure decisions about them.

    waiting ─▶ added | known (was subscribed already) | choice (a page that offers several; a show that is there) | failed
       ▲  │                                                                                  │
       │  └─ the import is cancelled ─▶ cancelled                                            │
       └──────────────── retry, automatically while that helps, or on request ◀──────────────┘

One address from the form is an import of one line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.errors import CastMindError, OutsideCondition, Transient

TRIES = 3
AGAIN = (30.0, 120.0)


class ImportKind(StrEnum):
    OPML = "opml"
    ADDRESS = "address"


class LineState(StrEnum):
    WAITING = "waiting"
    ADDED = "added"
    KNOWN = "known"
    CHOICE = "choice"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class FeedCandidate:
    """A feed that may be subscribed. `episodes`: how many it has, None if unknown."""

    url: str
    title: str = ""
    author: str = ""
    link: str | None = None
    image_url: str | None = None
    episodes: int | None = None


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One address. `number` is its place in the file, from 1; `error` is a record, `offers` the feeds to choose from; with an
    `error`, the line asks whether to take the offer nevertheless. `anyway`: subscribe even if the show is known.

    `folder` is that of the file, as in feed_folder."""

    id: int
    import_id: int
    number: int
    url: str
    title: str
    state: LineState
    feed_id: int | None = None
    error: Mapping[str, Any] | None = None
    offers: tuple[FeedCandidate, ...] = ()
    tries: int = 0
    not_before: float = 0.0
    anyway: bool = False
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Import:
    """A list of addresses to be subscribed. `finished_at` is None while lines wait; `broken_at` and `repeated` come from the
    file's reader; `counts` are of its lines, by state."""

    id: int
    kind: ImportKind
    name: str
    auto_transcribe: bool
    backlog: int
    created_at: float
    finished_at: float | None = None
    cancelled_at: float | None = None
    broken_at: int | None = None
    repeated: int = 0
    counts: Mapping[LineState, int] = field(default_factory=dict)

    @property
    def running(self) -> bool:
        return self.finished_at is None

    @property
    def cancelled(self) -> bool:
        """Return whether a cancel ended it; `cancelled_at` stays when a choice is made later."""
        return self.cancelled_at is not None and self.cancelled_at == self.finished_at

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        return self.total - self.counts.get(LineState.WAITING, 0)


def again(kind: ImportKind, error: Exception, tries: int) -> float | None:
    """Return the seconds until the next try of a line that failed for the `tries`th time; None when a retry cannot help.

    A person who typed an address waits for the answer, and retries by hand.
    """
    cause = error.__cause__ if isinstance(error.__cause__, CastMindError) else error
    if kind is ImportKind.ADDRESS or tries >= TRIES or not isinstance(cause, OutsideCondition | Transient):
        return None
    return AGAIN[min(tries, len(AGAIN)) - 1]


def choose(waiting: Iterable[tuple[int, str]], busy: Mapping[str, int], *, free: int, a_host: int) -> list[int]:
    """Return ids of the lines (id, host) to begin with, in their order: at most `free`, `a_host` of a host with those at work."""
    chosen: list[int] = []
    taken = dict(busy)
    for line_id, host in waiting:
        if len(chosen) >= free:
            break
        if taken.get(host, 0) < a_host:
            taken[host] = taken.get(host, 0) + 1
            chosen.append(line_id)
    return chosen


class Which(StrEnum):
    ITUNES = "itunes"
    PODCAST_INDEX = "podcastindex"


@dataclass(frozen=True, slots=True)
class Outline:
    """One feed of the file. `url` is unchanged: nothing has been fetched from it. `folder`: as in feed_folder."""

    url: str
    title: str = ""
    link: str | None = None
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Outlines:
    """The feeds of a file, each address once, in its order. `broken_at`: the line from which it is not well-formed."""

    title: str
    feeds: tuple[Outline, ...]
    repeated: int = 0
    broken_at: int | None = None
