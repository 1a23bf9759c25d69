from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from core.domain.notify.channel import Channel, checked, quiet_until, takes
from core.domain.notify.kinds import BY_NAME
from core.errors import UserError

CHANNEL = Channel(1, 7, "Phone", "ntfy", "ntfys://…", ("notes.ready", "disk.low", "signin.new_place"))


def at(text: str, zone: str = "UTC") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


@pytest.mark.parametrize(
    ("kind", "about", "is_admin", "expected"),
    [
        ("notes.ready", None, False, True),
        ("disk.low", None, False, False),
        ("disk.low", None, True, True),
        ("signin.new_place", 7, False, True),
        ("signin.new_place", 8, True, False),
        ("signin.new_place", None, True, False),
        ("job.failed", None, True, False),
    ],
)
def test_a_channel_takes_what_was_chosen_and_is_for_its_user(
    kind: str, about: int | None, is_admin: bool, expected: bool
) -> None:
    assert takes(CHANNEL, BY_NAME[kind], about=about, is_admin=is_admin) is expected
    assert not takes(replace(CHANNEL, enabled=False), BY_NAME[kind], about=about, is_admin=is_admin)


@pytest.mark.parametrize(
    ("start", "end", "now", "until"),
    [
        ("22:00", "07:00", "2026-12-01T21:59", None),
        ("22:00", "07:00", "2026-12-01T22:00", "2026-12-02T07:00"),
        ("22:00", "07:00", "2026-12-02T06:59", "2026-12-02T07:00"),
        ("22:00", "07:00", "2026-12-02T07:00", None),
        ("09:30", "12:15", "2026-12-01T09:30", "2026-12-01T12:15"),
        ("09:30", "12:15", "2026-12-01T12:15", None),
        ("00:00", "00:00", "2026-12-01T00:00", None),
        # The night in which the clocks go forward, and back.
        ("22:00", "07:00", "2026-03-28T23:00", "2026-03-29T07:00"),
        ("22:00", "07:00", "2026-10-24T23:00", "2026-10-25T07:00"),
    ],
)
def test_quiet_hours_end_by_the_clock_of_their_zone(start: str, end: str, now: str, until: str | None) -> None:
    zone = "Europe/Berlin"
    minutes = [int(text[:2]) * 60 + int(text[3:]) for text in (start, end)]
    channel = replace(CHANNEL, quiet_from=minutes[0], quiet_to=minutes[1], zone=zone)
    assert quiet_until(channel, at(now, zone)) == (None if until is None else at(until, zone))


def test_an_end_that_the_clocks_skip_still_lies_ahead() -> None:
    channel = replace(CHANNEL, quiet_from=60, quiet_to=150, zone="Europe/Berlin")
    now = at("2026-03-29T01:59", "Europe/Berlin")
    until = quiet_until(channel, now)
    assert until is not None and now < until <= now + 3600


@pytest.mark.parametrize(
    "values",
    [
        {"name": "  "},
        {"name": "x" * 81},
        {"language": "fr"},
        {"gather": 1},
        {"quiet_from": 1440},
        {"quiet_to": -1},
        {"zone": "Mars/Olympus"},
        {"zone": "../../etc/passwd"},
    ],
)
def test_what_cannot_be_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(UserError) as refused:
        checked(replace(CHANNEL, **values))  # type: ignore[arg-type]
    assert "case" in refused.value.params


def test_what_can_be_is_kept() -> None:
    assert checked(CHANNEL) is CHANNEL
    assert checked(replace(CHANNEL, quiet_from=1439, gather=3600, zone="Asia/Shanghai", language="zh")).quiet_from == 1439
