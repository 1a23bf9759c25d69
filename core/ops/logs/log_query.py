"""What is searched for in the logs, as data; whether a line is it; and where the next page begins.

LogQuery ─▶ needles   bytes of which each line that fits has at least one: found first, before a line is parsed
         ─▶ bits      what the index of a compressed piece must hold
         ─▶ fits      the line itself
LogCursor   the time of the last line of a page, and how many lines of that very time were given
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from core.domain.log_kinds import LogKind
from core.errors import UserError
from core.ops.logs import log_index

LEVELS = ("debug", "info", "warning", "error", "critical")
_LAST = "9999"
_IDS = ("request_id", "job_id", "episode_id", "feed_id", "user_id")
MOST = 500


@dataclass(frozen=True, slots=True)
class LogQuery:
    """`level` is the least one. `since` and `until` are Unix seconds. `text` stands in any value; A to Z in either case."""

    kinds: tuple[LogKind, ...] = ()
    level: str = "debug"
    since: float | None = None
    until: float | None = None
    text: str = ""
    request_id: str = ""
    job_id: int | None = None
    episode_id: int | None = None
    feed_id: int | None = None
    user_id: int | None = None

    @property
    def ids(self) -> dict[str, int | str]:
        """Return what is asked of ids, by name."""
        asked = {name: getattr(self, name) for name in _IDS}
        return {name: value for name, value in asked.items() if value not in (None, "")}

    @property
    def wanted_kinds(self) -> tuple[LogKind, ...]:
        return self.kinds or tuple(LogKind)

    @property
    def levels(self) -> frozenset[str]:
        return frozenset(LEVELS[LEVELS.index(self.level) :])

    def needles(self) -> list[bytes]:
        """Return bytes of which each line that fits has at least one, in lower case; empty if every line may fit."""
        if self.ids:
            name, value = next(iter(self.ids.items()))
            return [_pair(name, value).lower()]
        if self.text:
            return [_escaped(self.text)]
        return [] if self.level == "debug" else [f'"level": "{level}"'.encode() for level in sorted(self.levels)]

    def bits(self) -> list[int]:
        texts = [_escaped(self.text)] if self.text else []
        return log_index.asked(texts, [_pair(name, value) for name, value in self.ids.items()])

    def fits(self, row: Mapping[str, Any]) -> bool:
        if row.get("level") not in self.levels or any(row.get(name) != value for name, value in self.ids.items()):
            return False
        return not self.text or any(_lower(self.text) in _lower(value) for value in row.values())


@dataclass(frozen=True, slots=True)
class LogCursor:
    """Go on at lines of `at` and older; of those of `at`, `skip` were given already."""

    at: str = _LAST
    skip: int = 0

    @classmethod
    def parse(cls, text: str) -> LogCursor:
        """Raises UserError for what `str` did not make."""
        at, _, skip = text.partition("~")
        try:
            datetime.fromisoformat(at)
            return cls(at, int(skip))
        except ValueError as error:
            raise UserError("This is no place in the log. Begin again without a cursor.", case="log_cursor") from error

    def __str__(self) -> str:
        return f"{self.at}~{self.skip}"

    def after(self, moments: list[str]) -> LogCursor:
        """Return the cursor behind a page with lines of these times, newest first."""
        if not moments:
            return self
        same = moments.count(moments[-1])
        return replace(self, at=moments[-1], skip=same + (self.skip if moments[-1] == self.at else 0))


def stamp(seconds: float) -> str:
    """Return the time as lines have it; such texts compare as times do."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _pair(name: str, value: int | str) -> bytes:
    return f'"{name}": {json.dumps(value, ensure_ascii=False)}'.encode()


def _escaped(text: str) -> bytes:
    return json.dumps(text, ensure_ascii=False)[1:-1].encode("utf-8", "backslashreplace").lower()


def _lower(value: Any) -> bytes:
    """Return what is shown of a value. Letters besides A to Z keep their case, as in the search of bytes before."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").lower()
