"""An incident: what went wrong, since when, until when, what was affected, what was done automatically.

looks (name of a check ─▶ status, code) and happenings (a crash, a dead worker, a job given up)
    ─▶ IncidentWatch.look ─▶ an incident opens: a check that had passed does not pass any more, or something happened
                  ─▶ it grows: more causes, more deeds, the worst effects
                  ─▶ it closes: all of it has been well for CALM_SECONDS
    a cause that returns within AGAIN_SECONDS of the end opens the same incident again: flapping makes no second report
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.domain import dependencies
from core.domain.dependencies import Ability, Effect

CALM_SECONDS = 120.0
AGAIN_SECONDS = 1800.0
MOST_DEEDS = 50

DEEDS: Mapping[str, str] = {"disk": "intake_paused", "gpu": "processor_used", "scheduler": "thread_restarted"}
"""What CastMind does automatically while a check does not pass."""

Look = Mapping[str, tuple[str, str]]
"""Name of a check ─▶ (status, code)."""


@dataclass(frozen=True, slots=True)
class Cause:
    """`what` is the name of a check of /health, or of a happening; `code` its code. `until` is None while it lasts.

    `times` counts how often it began.
    """

    what: str
    code: str
    since: float
    until: float | None = None
    times: int = 1


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened and is over: `what` and `code` as in Cause, from `at` until `until` (None: at that moment).

    `deed` is what was done about it, "" for nothing; `effects` is what did not work meanwhile.
    """

    what: str
    code: str
    at: float
    until: float | None = None
    deed: str = ""
    effects: Mapping[Ability, Effect] = field(default_factory=dict)

    @property
    def ended_at(self) -> float:
        return self.at if self.until is None else self.until


@dataclass(frozen=True, slots=True)
class AutomaticDeed:
    """Something that CastMind did automatically: a code, when, how often."""

    code: str
    at: float
    times: int = 1


@dataclass(frozen=True, slots=True)
class Incident:
    """`id` is 0 before it is stored. `closed_at` is the moment since when all is well, None while it is not."""

    id: int
    opened_at: float
    closed_at: float | None = None
    causes: tuple[Cause, ...] = ()
    effects: Mapping[Ability, Effect] = field(default_factory=dict)
    deeds: tuple[AutomaticDeed, ...] = ()

    @property
    def lasting(self) -> bool:
        return any(cause.until is None for cause in self.causes)

    @property
    def well_since(self) -> float | None:
        """Return the end of the last cause; None while one lasts."""
        return None if self.lasting else max((cause.until or 0.0 for cause in self.causes), default=self.opened_at)

    def to_dict(self) -> dict[str, Any]:
        """Return all but id and times of the incident, as JSON values."""
        return {
            "causes": [[cause.what, cause.code, cause.since, cause.until, cause.times] for cause in self.causes],
            "effects": {ability.value: effect.value for ability, effect in self.effects.items()},
            "deeds": [[deed.code, deed.at, deed.times] for deed in self.deeds],
        }

    @classmethod
    def from_dict(cls, incident_id: int, opened_at: float, closed_at: float | None, row: Mapping[str, Any]) -> Incident:
        return cls(
            incident_id,
            opened_at,
            closed_at,
            tuple(Cause(*cause) for cause in row["causes"]),
            {Ability(ability): Effect(effect) for ability, effect in row["effects"].items()},
            tuple(AutomaticDeed(*deed) for deed in row["deeds"]),
        )


class IncidentWatch:
    """Decides. `latest` is the newest stored incident: one that is open goes on, a closed one may open again."""

    def __init__(self, latest: Incident | None = None) -> None:
        self.incident = latest
        self._passed: set[str] = set()

    def look(self, checks: Look, happenings: Iterable[Happening], now: float) -> Incident | None:
        """Take a look and what happened since the last one. Return the incident if it has changed, else None."""
        before = self.incident
        ill = {name: code for name, (status, code) in checks.items() if status != "pass"}
        self._end_causes(checks, now)
        for name, code in ill.items():
            if name in self._passed or self._has(name):
                self._begin(name, code, now, effects=_effects(checks))
        self._passed |= checks.keys() - ill.keys()
        for each in happenings:
            self._happened(each)
        self._close(now)
        return self.incident if self.incident != before else None

    def _has(self, name: str) -> bool:
        """Return whether the open incident has this cause: after a restart nothing has passed yet, but it lasts."""
        return self._open is not None and any(cause.what == name and cause.until is None for cause in self._open.causes)

    @property
    def _open(self) -> Incident | None:
        return self.incident if self.incident is not None and self.incident.closed_at is None else None

    def _opened(self, what: str, now: float) -> Incident:
        """Return the open incident; the last one again if it had this cause a short while ago; else a new one."""
        if self._open is not None:
            return self._open
        last = self.incident
        if last is None or last.closed_at is None or now - last.closed_at >= AGAIN_SECONDS:
            return Incident(0, now)
        again = any(cause.what == what for cause in last.causes)
        return replace(last, closed_at=None) if again else Incident(0, now)

    def _begin(self, name: str, code: str, now: float, *, effects: Mapping[Ability, Effect]) -> None:
        incident = self._opened(name, now)
        causes = {cause.what: cause for cause in incident.causes}
        known = causes.get(name)
        if known is None:
            causes[name] = Cause(name, code, now)
        elif known.until is not None:
            causes[name] = replace(known, code=code, until=None, times=known.times + 1)
        began = known is None or known.until is not None
        deeds = _done(incident.deeds, DEEDS.get(name, "") if began else "", now)
        self.incident = replace(incident, causes=tuple(causes.values()), effects=_worst(incident.effects, effects), deeds=deeds)

    def _end_causes(self, checks: Look, now: float) -> None:
        if self._open is None:
            return
        passed = {name for name, (status, _) in checks.items() if status == "pass"}
        ended = [replace(c, until=now) if c.until is None and c.what in passed else c for c in self._open.causes]
        self.incident = replace(self._open, causes=tuple(ended))

    def _happened(self, each: Happening) -> None:
        incident = self._opened(each.what, each.at)
        causes = {cause.what: cause for cause in incident.causes}
        known = causes.get(each.what, Cause(each.what, each.code, each.at, each.at, 0))
        until = max(each.ended_at, known.until or 0.0)
        causes[each.what] = replace(known, code=each.code, until=until, times=known.times + 1)
        self.incident = replace(
            incident,
            opened_at=min(incident.opened_at, each.at),
            causes=tuple(causes.values()),
            effects=_worst(incident.effects, each.effects),
            deeds=_done(incident.deeds, each.deed, each.ended_at),
        )

    def _close(self, now: float) -> None:
        if self._open is None:
            return
        well = self._open.well_since
        if well is not None and now - well >= CALM_SECONDS:
            self.incident = replace(self._open, closed_at=well)


def _effects(checks: Look) -> Mapping[Ability, Effect]:
    return dependencies.effects(dependencies.away(checks))


def _worst(before: Mapping[Ability, Effect], more: Mapping[Ability, Effect]) -> Mapping[Ability, Effect]:
    order = list(Effect)
    found = dict(before)
    for ability, effect in more.items():
        found[ability] = min(effect, found.get(ability, effect), key=order.index)
    return {ability: found[ability] for ability in Ability if ability in found}


def _done(deeds: tuple[AutomaticDeed, ...], code: str, at: float) -> tuple[AutomaticDeed, ...]:
    known = {deed.code: deed for deed in deeds}
    if not code:
        return deeds
    if code in known:
        known[code] = replace(known[code], times=known[code].times + 1)
    elif len(known) < MOST_DEEDS:
        known[code] = AutomaticDeed(code, at)
    return tuple(known.values())
