from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.jobs.worker_status import WorkerStatus
from core.ops.checks import engine_checks
from core.ops.healing.integrity import Integrity
from core.ops.healing.supervisor import ClockJump
from core.speech import device_messages
from core.speech.request import Probe

CPU = Probe("cpu", "A Processor", "int8", "small", True, "")
CARD = replace(CPU, device="cuda", device_name="RTX", vram_total=12_000_000_000)


@pytest.mark.parametrize(
    ("alive", "lag", "status", "code"),
    [
        (True, 0.0, "pass", "running"),
        (True, engine_checks.LAG_SECONDS, "pass", "running"),
        (True, engine_checks.LAG_SECONDS + 0.1, "fail", "late"),
        (False, 0.0, "fail", "ended"),
        (False, 60.0, "fail", "ended"),
    ],
)
def test_a_scheduler_that_ended_or_is_late_fails(alive: bool, lag: float, status: str, code: str) -> None:
    check = engine_checks.scheduler(alive, lag)
    assert (check.status, check.code) == (status, code)


def test_a_worker_may_be_off_idle_or_busy() -> None:
    stands = [WorkerStatus(running=False), WorkerStatus(running=True), WorkerStatus(running=True, busy=True)]
    assert [(c.status, c.code) for c in (engine_checks.worker(s, []) for s in stands)] == [
        ("pass", "off"),
        ("pass", "idle"),
        ("pass", "busy"),
    ]


def test_a_worker_that_ends_again_and_again_warns_for_an_hour() -> None:
    ends, off = [0.0, 10.0, 20.0], WorkerStatus(running=False)
    assert engine_checks.worker(off, ends[:2], now=30.0).status == "pass"
    check = engine_checks.worker(off, ends, now=30.0)
    assert (check.status, check.code, check.params) == ("warn", "ends", {"count": 3})
    assert engine_checks.worker(off, ends, now=engine_checks.HOUR).status == "pass"


def test_what_was_restarted_is_told_and_is_no_fault() -> None:
    assert engine_checks.healing({"scheduler": 0, "pipeline": 0}).code == "well"
    check = engine_checks.healing({"scheduler": 2, "pipeline": 0, "inbox": 1})
    assert (check.status, check.params) == ("pass", {"count": 3, "parts": "scheduler, inbox"})


def test_a_damaged_database_fails_with_the_remedy() -> None:
    assert engine_checks.integrity(None).code == "opened"
    assert engine_checks.integrity(Integrity(1.0)).code == "whole"
    check = engine_checks.integrity(Integrity(1.0, ("page 7 is broken",)))
    assert check.status == "fail" and "page 7 is broken" in check.output and "Restore" in check.output


def test_a_card_that_is_set_aside_warns_and_none_at_all_does_not() -> None:
    assert engine_checks.gpu(None, None).code == "probing"
    assert engine_checks.gpu(CPU, None).code == "none"
    assert engine_checks.gpu(CARD, None).params == {"name": "RTX", "total_gb": "12.0"}
    check = engine_checks.gpu(CARD, device_messages.card_silent(600.0))
    assert (check.status, check.code) == ("warn", "set_aside") and "600" in check.output


@pytest.mark.parametrize(
    ("failing", "count", "status", "code"),
    [(0, 0, "pass", "well"), (0, 9, "pass", "well"), (4, 9, "pass", "some"), (5, 10, "warn", "most"), (1, 1, "warn", "most")],
)
def test_a_few_feeds_may_fail_but_not_most(failing: int, count: int, status: str, code: str) -> None:
    check = engine_checks.feeds(failing, count)
    assert (check.status, check.code, check.params) == (status, code, {"failing": failing, "count": count})


def test_a_clock_that_was_set_is_told_for_an_hour() -> None:
    jump = ClockJump(7200.4, 1000.0)
    assert engine_checks.clock(None).code == "steady"
    found = engine_checks.clock(jump, 1180.0)
    assert (found.status, found.code, found.params) == ("pass", "jumped", {"seconds": 7200, "minutes": 3})
    assert engine_checks.clock(jump, 1000.0 + 3600.0).code == "steady"
    assert engine_checks.clock(jump, 900.0).code == "steady", "set back since, which is a jump of its own"


def test_a_worker_that_ended_once_is_told_and_no_warning() -> None:
    found = engine_checks.worker(WorkerStatus(running=False), [1000.0], 1100.0)
    assert (found.status, found.code, found.params) == ("pass", "restarted", {"count": 1})
