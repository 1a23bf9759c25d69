"""What stops working when a part is away, as a table: for the dependency map, /health and the fault reports.

    checks of /health ─▶ state_of(part): here │ away │ partly │ unused │ unknown
    parts that are away ─▶ effects: ability ─▶ stops │ waits │ less        still_works: the abilities that are left

`stops`: refused at once, and nothing is queued. `waits`: queued, and done when the part is back. `less`: done in a plainer or a
slower way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Dependency(StrEnum):
    """Something that can be away while CastMind runs."""

    DATABASE = "database"
    SAVING = "saving"
    DISK = "disk"
    PIPELINE = "pipeline"
    SCHEDULER = "scheduler"
    WORKER = "worker"
    CARD = "card"
    OLLAMA = "ollama"
    INTERNET = "internet"
    FEED_HOST = "feed_host"


class Ability(StrEnum):
    """Something that a person can do, or that happens automatically."""

    READ = "read"
    LISTEN = "listen"
    SEARCH = "search"
    EDIT = "edit"
    UPLOAD = "upload"
    CHECK_FEEDS = "check_feeds"
    DOWNLOAD = "download"
    TRANSCRIBE = "transcribe"
    NOTES = "notes"
    EXPORT = "export"
    BACKUP = "backup"
    NOTIFY = "notify"


class Effect(StrEnum):
    """What the absence of a part does to an ability, the worst first."""

    STOPS = "stops"
    WAITS = "waits"
    LESS = "less"


class DependencyState(StrEnum):
    HERE = "here"
    AWAY = "away"
    # Away for some of what needs it: nothing is missing as a whole.
    PARTLY = "partly"
    # Turned off, or not in this computer: nothing is missing.
    UNUSED = "unused"
    UNKNOWN = "unknown"


_STOPS, _WAITS, _LESS = Effect.STOPS, Effect.WAITS, Effect.LESS

WITHOUT: Mapping[Dependency, Mapping[Ability, Effect]] = {
    Dependency.DATABASE: dict.fromkeys(Ability, _STOPS),
    Dependency.SAVING: {
        Ability.EDIT: _STOPS,
        Ability.UPLOAD: _STOPS,
        Ability.CHECK_FEEDS: _WAITS,
        Ability.DOWNLOAD: _WAITS,
        Ability.TRANSCRIBE: _WAITS,
        Ability.NOTES: _WAITS,
        Ability.BACKUP: _WAITS,
    },
    Dependency.DISK: {
        Ability.UPLOAD: _STOPS,
        Ability.DOWNLOAD: _WAITS,
        Ability.TRANSCRIBE: _WAITS,
        Ability.NOTES: _WAITS,
        Ability.BACKUP: _WAITS,
    },
    Dependency.PIPELINE: {Ability.DOWNLOAD: _WAITS, Ability.TRANSCRIBE: _WAITS, Ability.NOTES: _WAITS},
    Dependency.SCHEDULER: {Ability.CHECK_FEEDS: _WAITS, Ability.BACKUP: _WAITS, Ability.NOTIFY: _WAITS},
    Dependency.WORKER: {Ability.TRANSCRIBE: _WAITS},
    Dependency.CARD: {Ability.TRANSCRIBE: _LESS, Ability.NOTES: _LESS},
    Dependency.OLLAMA: {Ability.NOTES: _LESS},
    Dependency.INTERNET: {Ability.CHECK_FEEDS: _WAITS, Ability.DOWNLOAD: _WAITS, Ability.NOTIFY: _WAITS},
    # Of this feed alone.
    Dependency.FEED_HOST: {Ability.CHECK_FEEDS: _WAITS, Ability.DOWNLOAD: _WAITS},
}
"""What each part's absence does; an ability that is not named works as always."""


@dataclass(frozen=True, slots=True)
class Sign:
    """A result of a check of /health that tells of a part. `codes`: only these; empty for every code."""

    check: str
    part: Dependency
    means: DependencyState
    statuses: frozenset[str] = frozenset({"warn", "fail"})
    codes: frozenset[str] = frozenset()

    def shown_by(self, status: str, code: str) -> bool:
        return status in self.statuses and (not self.codes or code in self.codes)


_FAIL = frozenset({"fail"})
_PASS = frozenset({"pass"})


def _codes(*names: str) -> frozenset[str]:
    return frozenset(names)


_NO_NOTES = ("absent", "refused", "no_model", "model_missing", "error", "hangs")

SIGNS: tuple[Sign, ...] = (
    Sign("database", Dependency.DATABASE, DependencyState.AWAY, _FAIL),
    Sign("data_folder", Dependency.DATABASE, DependencyState.AWAY, _FAIL),
    Sign("writes", Dependency.SAVING, DependencyState.AWAY, _FAIL),
    Sign("disk", Dependency.DISK, DependencyState.AWAY),
    Sign("pipeline", Dependency.PIPELINE, DependencyState.AWAY, _FAIL),
    Sign("scheduler", Dependency.SCHEDULER, DependencyState.AWAY, _FAIL),
    Sign("worker", Dependency.WORKER, DependencyState.AWAY),
    Sign("speech", Dependency.WORKER, DependencyState.AWAY, codes=_codes("untried")),
    Sign("speech", Dependency.CARD, DependencyState.AWAY, codes=_codes("fallback")),
    Sign("gpu", Dependency.CARD, DependencyState.AWAY),
    Sign("gpu", Dependency.CARD, DependencyState.UNUSED, _PASS, _codes("none")),
    Sign("ollama", Dependency.OLLAMA, DependencyState.UNUSED, _PASS, _codes("off")),
    Sign("ollama", Dependency.OLLAMA, DependencyState.AWAY, codes=_codes(*_NO_NOTES)),
    # Most feeds failing at once is this computer's way out; a few are their publishers' own trouble.
    Sign("feeds", Dependency.INTERNET, DependencyState.AWAY),
    Sign("feeds", Dependency.FEED_HOST, DependencyState.AWAY),
    Sign("feeds", Dependency.FEED_HOST, DependencyState.PARTLY, _PASS, _codes("some")),
)
"""Which result of which check says that a part is away or unused."""


def state_of(part: Dependency, checks: Mapping[str, tuple[str, str]]) -> DependencyState:
    """Return the state of a part by the checks of /health: name ─▶ (status, code)."""
    signs = [sign for sign in SIGNS if sign.part is part and sign.check in checks]
    shown = {sign.means for sign in signs if sign.shown_by(*checks[sign.check])}
    for state in (DependencyState.AWAY, DependencyState.PARTLY, DependencyState.UNUSED):
        if state in shown:
            return state
    return DependencyState.HERE if signs else DependencyState.UNKNOWN


def away(checks: Mapping[str, tuple[str, str]]) -> frozenset[Dependency]:
    """Return the parts that are away by the checks of /health: name ─▶ (status, code)."""
    return frozenset(part for part in Dependency if state_of(part, checks) is DependencyState.AWAY)


def effects(parts: Iterable[Dependency]) -> Mapping[Ability, Effect]:
    """Return what the absence of these parts does, the worst effect for each ability; in the order of Ability."""
    worst: dict[Ability, Effect] = {}
    order = list(Effect)
    for part in parts:
        for ability, effect in WITHOUT[part].items():
            worst[ability] = min(effect, worst.get(ability, effect), key=order.index)
    return {ability: worst[ability] for ability in Ability if ability in worst}


def still_works(parts: Iterable[Dependency]) -> tuple[Ability, ...]:
    """Return the abilities that are left without these parts, those that are plainer or slower included."""
    found = effects(parts)
    return tuple(ability for ability in Ability if found.get(ability, Effect.LESS) is Effect.LESS)
