from __future__ import annotations

import pytest

from core.domain.notify import pacing
from core.domain.notify.channel import Channel
from core.domain.notify.pacing import Waiting, due, next_try

NOON = 1_796_126_400.0  # 12:00 UTC
CHANNEL = Channel(1, 1, "Phone", "ntfy", "", ("notes.ready",), gather=300)
SLEEPING = Channel(1, 1, "Phone", "ntfy", "", ("notes.ready",), gather=300, quiet_from=11 * 60, quiet_to=14 * 60)


def test_notices_are_gathered_and_urgent_ones_are_not() -> None:
    assert due(CHANNEL, Waiting("notes.ready", 3, NOON), [], NOON) == NOON + 300
    assert due(CHANNEL, Waiting("disk.low", 1, NOON), [], NOON) == NOON


def test_quiet_hours_hold_back_and_urgent_ones_pass_if_they_may() -> None:
    assert due(SLEEPING, Waiting("notes.ready", 3, NOON), [], NOON) == NOON + 7200
    assert due(SLEEPING, Waiting("disk.low", 1, NOON), [], NOON) == NOON
    strict = Channel(1, 1, "", "", "", (), quiet_from=11 * 60, quiet_to=14 * 60, urgent_anyway=False)
    assert due(strict, Waiting("disk.low", 1, NOON), [], NOON) == NOON + 7200


def test_what_would_be_due_within_quiet_hours_waits_for_their_end() -> None:
    before = NOON - 3600 - 120  # two minutes before they begin, five minutes of gathering
    assert due(SLEEPING, Waiting("notes.ready", 1, before), [], before) == NOON + 7200


def test_a_channel_has_a_rate() -> None:
    waiting = Waiting("disk.low", 1, NOON)
    assert due(CHANNEL, waiting, [NOON - 4], NOON) == NOON + 6
    full = [NOON - 3000 + n for n in range(pacing.MOST_AN_HOUR)]
    assert due(CHANNEL, waiting, full, NOON) == NOON + 600
    assert due(CHANNEL, waiting, full[1:], NOON) == NOON


@pytest.mark.parametrize(
    ("code", "waits"),
    [
        ("notify_failed", [10, 60, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]),
        ("name_unknown", [10, 60, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]),
        ("notify_refused", [60, 600, 3600]),
    ],
)
def test_a_passing_failure_is_tried_for_days_and_a_refusal_for_an_hour(code: str, waits: list[int]) -> None:
    found = [next_try(code, number, NOON) for number in range(1, len(waits) + 2)]
    assert found == [*(NOON + wait for wait in waits), None]


def test_a_server_that_names_a_time_is_given_it_within_a_day() -> None:
    assert next_try("notify_busy", 1, NOON, retry_after=120.0) == NOON + 120
    assert next_try("notify_busy", 1, NOON, retry_after=1e9) == NOON + 86400
    assert next_try("notify_busy", 1, NOON, retry_after=1.0) == NOON + 10


def test_retries_are_spread() -> None:
    assert next_try("notify_failed", 2, NOON, jitter=1.0) == pytest.approx(NOON + 66)
