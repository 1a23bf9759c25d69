"""Whether the library holds much less than its backups do: a sign that it was lost, unless a person says that it is right.

    nightly backups, and others of the last two weeks ─┐
    what a person called right last ───────────────────┴─▶ the most of each ─▶ rows now less than half of it? ─▶ Shrunk
                                                           newest nightly less than half of the largest's bytes? ─▶ Shrunk

While it is `Shrunk` everything that deletes by itself rests (`unless_shrunk`), and /health and the status page say so. `accept`
ends it: from then on only backups made later count, and what there was at that moment. It is kept beside the backups, because the
library may be what is lost.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from core.files import partial_files
from core.ops.backup.manifest import DATABASE
from core.ops.backup.retention import SHRUNK
from core.store.db import db_copies

log = logging.getLogger(__name__)

# What losing a library takes away; feeds and notes come and go by the dozen.
COUNTED = ("episodes", "transcripts")
# Backups that are made by the program, or of its library as it is; imported ones may be another's.
RECENT_KINDS = ("manual", "migration", "restore-point")
RECENT_SECONDS = 14 * 86_400.0
NOTE = "accepted.json"


class Made(Protocol):
    """What is asked of a backup."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def bytes(self) -> int: ...
    @property
    def created_at(self) -> float: ...
    @property
    def contents(self) -> Sequence[str]: ...
    @property
    def counts(self) -> Mapping[str, int]: ...
    @property
    def error(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Shrunk:
    """`what` is episodes, transcripts or bytes (of the newest nightly backup); `backup` the one that holds more."""

    what: str
    now: int
    before: int
    backup: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a person called right, and when (Unix seconds)."""

    at: float = 0.0
    counts: Mapping[str, int] | None = None


class Shrinking:
    """Of one data folder. `listing` gives its backups, the newest first; `counted` the rows of one whose manifest says none."""

    def __init__(
        self,
        data: Path,
        listing: Callable[[], Sequence[Made]],
        counted: Callable[[Made], Mapping[str, int]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._data = data
        self._note = data / "backups" / NOTE
        self._listing = listing
        self._counted = counted
        self._clock = clock

    def state(self) -> Shrunk | None:
        """None while all is well, and for a library that was never backed up."""
        accepted = self._accepted()
        made = self._counting(accepted)
        return self._rows(accepted, made) or _nights(made)

    def accept(self) -> None:
        """A person says that the library is right as it is."""
        said = {"at": self._clock(), "counts": self._now()}
        self._note.parent.mkdir(exist_ok=True)
        draft = self._note.with_suffix(".part")
        draft.write_text(json.dumps(said), encoding="utf-8")
        partial_files.sync(draft)
        draft.replace(self._note)
        log.warning("the library is right as it is, says a person: %s", said["counts"])

    def unless_shrunk(self, step: Callable[[], None]) -> Callable[[], None]:
        """The step of a sweep, which rests while the library is smaller than its backups."""

        def guarded() -> None:
            if (shrunk := self.state()) is None:
                step()
            else:
                log.debug("%s rests: %s", step, shrunk)

        return guarded

    def _now(self) -> Mapping[str, int]:
        database = self._data / DATABASE
        return db_copies.counts(database) if db_copies.is_there(database) else dict.fromkeys(COUNTED, 0)

    def _counting(self, accepted: Accepted) -> list[Made]:
        """Those that the library is held against, the newest first."""
        recent = self._clock() - RECENT_SECONDS
        return [
            each
            for each in self._listing()
            if each.error is None
            and each.created_at > accepted.at
            and (each.kind == "nightly" or (each.kind in RECENT_KINDS and each.created_at > recent))
        ]

    def _rows(self, accepted: Accepted, made: Iterable[Made]) -> Shrunk | None:
        now = self._now()
        held = [(NOTE, accepted.counts or {}), *((each.name, each.counts or self._counted(each)) for each in made)]
        for what in COUNTED:
            name, counts = max(held, key=lambda pair: pair[1].get(what, 0))
            if now.get(what, 0) < SHRUNK * counts.get(what, 0):
                return Shrunk(what, now.get(what, 0), counts[what], name)
        return None

    def _accepted(self) -> Accepted:
        try:
            said: Any = json.loads(self._note.read_text(encoding="utf-8"))
            # A clock that was wrong then must not make every later backup count for nothing.
            return Accepted(min(float(said["at"]), self._clock()), {what: int(said["counts"].get(what, 0)) for what in COUNTED})
        except FileNotFoundError:
            return Accepted()
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("%s cannot be read, so nothing counts as accepted: %s", self._note, error)
            return Accepted()


def _nights(made: Iterable[Made]) -> Shrunk | None:
    """The newest nightly backup against the largest with the same kinds of content: files can be lost while rows stay."""
    nights = [each for each in made if each.kind == "nightly"]
    if not nights:
        return None
    newest = nights[0]
    largest = max((each for each in nights if _same_choice(newest, each)), key=lambda each: each.bytes)
    if newest.bytes < SHRUNK * largest.bytes:
        return Shrunk("bytes", newest.bytes, largest.bytes, largest.name)
    return None


def _same_choice(one: Made, other: Made) -> bool:
    """Whether both were asked for the same: the audio of feeds is left out, or taken in, by choice."""
    return ("media" in one.contents) == ("media" in other.contents)
