"""Cron expressions: five fields (minute, hour, day, month, weekday) or an alias such as @daily.

    Cron.of(text) ─▶ BadCron: a field is wrong │ no date ever matches
            └─▶ after(moment, zone) ─▶ the next time, in Unix seconds

When clocks change, a fixed time in the missing hour comes right after it, and one in the doubled hour comes once. An interval
(`*/15 * * * *`) keeps to real time. If both day and weekday are restricted, either is enough, as in Debian's cron.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import islice

from cronsim import CronSim, CronSimError

from core.errors import BadCron

LONGEST = 100
ALIASES = {
    "@annually": "0 0 1 1 *",
    "@yearly": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
FIELDS = 5
# What cronsim calls a field, and the case of the error about it.
CASES = {
    "minute": "cron_minute",
    "hour": "cron_hour",
    "day-of-month": "cron_day",
    "month": "cron_month",
    "day-of-week": "cron_weekday",
}
# Any date: an expression that matches within fifty years of it matches again and again.
_START = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cron:
    """A checked expression, as it was typed but for spaces."""

    text: str

    @classmethod
    def of(cls, text: str) -> Cron:
        """Raises BadCron, with the field that is wrong as its `case`, or `cron_never` if no date matches."""
        cron = cls(" ".join(text.split()))
        fields = cron.fields
        if len(cron.text) > LONGEST or len(fields) != FIELDS:
            raise _bad(cron.text, "cron_fields")
        try:
            times = CronSim(" ".join(fields), _START)
        except CronSimError as error:
            raise _bad(cron.text, _case(fields, str(error))) from error
        if next(times, None) is None:
            raise _bad(cron.text, "cron_never")
        return cron

    @property
    def fields(self) -> list[str]:
        """Return minute, hour, day, month and weekday, in capitals; those of an alias as it stands for them."""
        return ALIASES.get(self.text.lower(), self.text).upper().split()

    def after(self, moment: float, zone: tzinfo) -> float | None:
        """Return the first time later than `moment`; None if there is none within fifty years. Both are Unix seconds."""
        for found in CronSim(" ".join(self.fields), datetime.fromtimestamp(moment, zone)):
            # In a doubled hour, the first of the two may be over.
            if (at := found.timestamp()) > moment:
                return at
        return None

    def times(self, moment: float, zone: tzinfo, count: int) -> list[float]:
        """Return the next `count` times after `moment`, or those that there are."""
        return list(islice(self._from(moment, zone), count))

    def _from(self, moment: float, zone: tzinfo) -> Iterator[float]:
        at: float | None = moment
        while at is not None and (at := self.after(at, zone)) is not None:
            yield at


def _case(fields: list[str], said: str) -> str:
    """Return the case of an error of cronsim, which calls a day that no named month has a wrong day."""
    case = CASES.get(said.removeprefix("Bad "), "cron_fields")
    if case != "cron_day":
        return case
    try:
        CronSim(" ".join([*fields[:3], "*", "*"]), _START)
    except CronSimError:
        return "cron_day"
    return "cron_never"


def _bad(text: str, case: str) -> BadCron:
    shown = text[:LONGEST]
    if case == "cron_never":
        return BadCron(f"“{shown}” never comes: no date matches it. Nothing was changed.", case=case, cron=shown)
    wrong = "it needs five fields" if case == "cron_fields" else f"its {case.removeprefix('cron_')} is wrong"
    return BadCron(
        f"“{shown}” is not a cron expression: {wrong}. An example is “0 3 * * *”, every day at 03:00. Nothing was changed.",
        case=case,
        cron=shown,
    )
