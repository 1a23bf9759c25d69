"""Detect a library that holds much less than its backups: a sign of loss, unless a user accepts it.

    nightly backups, and others of the last two weeks ─┐
    the counts that a user accepted last ──────────────┴─▶ the maximum of each ─▶ rows now less than half of it? ─▶ Shrunk
                                     newest nightly less than half of the largest one's bytes? ─▶ Shrunk

While it is `Shrunk`, all automatic deletion pauses, and /health and the status page report it. `accept` ends it: from then on
only later backups count, and the counts of that moment. They are stored beside the backups, because the library may be lost.
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

# Rows that disappear when a library is lost; feeds and notes come and go by the dozen.
COUNTED = ("episodes", "transcripts")
# Kinds of backups of this library; imported ones may come from another.
RECENT_KINDS = ("manual", "migration", "restore-point")
RECENT_SECONDS = 14 * 86_400.0
NOTE = "accepted.json"


class Made(Protocol):
    """The attributes of a backup that the comparison needs."""

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
    """The loss. `what` is episodes, transcripts or bytes (of the newest nightly backup); `backup` is the one that holds more."""

    what: str
    now: int
    before: int
    backup: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The counts that a user accepted, and when (Unix seconds)."""

    at: float = 0.0
    counts: Mapping[str, int] | None = None


class Shrinking:
    """Compares one data folder with its backups.

    `listing` returns them, newest first; `counted` the rows of one whose manifest lacks them.
    """

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
        """Return the loss; None for a library that has not shrunk or was never backed up."""
        accepted = self._accepted()
        made = self._counting(accepted)
        return self._rows(accepted, made) or _nights(made)

    def accept(self) -> None:
        """Accept the library as it is, on behalf of a user."""
        said = {"at": self._clock(), "counts": self._now()}
        self._note.parent.mkdir(exist_ok=True)
        draft = self._note.with_suffix(".part")
        draft.write_text(json.dumps(said), encoding="utf-8")
        partial_files.sync(draft)
        draft.replace(self._note)
        log.warning("the library is right as it is, says a person: %s", said["counts"])

    def unless_shrunk(self, step: Callable[[], None]) -> Callable[[], None]:
        """Wrap the step of a sweep so that it pauses while the library is smaller than its backups."""

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
        """Return the backups to compare with, newest first."""
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
            # A clock that was wrong then must not exclude every later backup.
            return Accepted(min(float(said["at"]), self._clock()), {what: int(said["counts"].get(what, 0)) for what in COUNTED})
        except FileNotFoundError:
            return Accepted()
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("%s cannot be read, so nothing counts as accepted: %s", self._note, error)
            return Accepted()


def _nights(made: Iterable[Made]) -> Shrunk | None:
    """Compare the newest nightly backup with the largest of the same contents: files can be lost while rows stay."""
    nights = [each for each in made if each.kind == "nightly"]
    if not nights:
        return None
    newest = nights[0]
    largest = max((each for each in nights if _same_choice(newest, each)), key=lambda each: each.bytes)
    if newest.bytes < SHRUNK * largest.bytes:
        return Shrunk("bytes", newest.bytes, largest.bytes, largest.name)
    return None


def _same_choice(one: Made, other: Made) -> bool:
    """Return whether both backups were made with the same choice of including the audio of feeds."""
    return ("media" in one.contents) == ("media" in other.contents)
