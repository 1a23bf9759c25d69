from __future__ import annotations

import pytest

from core import events
from core.events import Event
from core.ops.healing.supervisor import JUMP_SECONDS, Mended, Supervisor
from tests.runner_fixture import until


class Part:
    def __init__(self) -> None:
        self.ill = False
        self.restarts = 0

    def mend(self) -> list[str]:
        self.restarts += 1
        return ["a thread"]


def test_a_part_that_dies_again_and_again_is_restarted_ever_later_and_counted() -> None:
    part, told = Part(), list[Event]()
    one = Supervisor([Mended("lanes", lambda: part.ill, part.mend)], publish=told.append)
    one.step(0.0, 0.0)
    assert part.restarts == 0
    part.ill = True
    for now in (1.0, 2.0, 3.0, 5.0, 7.0):
        one.step(now, now)
    # At 1 s, 2 s later, and 4 s after that.
    assert part.restarts == 3 and one.counts() == {"lanes": 3}
    assert told == [events.PartRestarted(part="lanes", count=count) for count in (1, 2, 3)]


def test_one_part_that_cannot_be_mended_holds_up_no_other(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> list[str]:
        raise RuntimeError("no more threads")

    part = Part()
    part.ill = True
    one = Supervisor([Mended("bad", lambda: True, broken), Mended("good", lambda: part.ill, part.mend)])
    one.step(0.0, 0.0)
    assert part.restarts == 1 and "bad could not be mended" in caplog.text


@pytest.mark.parametrize(("set_by", "jumps"), [(JUMP_SECONDS, 0), (JUMP_SECONDS + 1, 1), (-86_400.0, 1), (0.5, 0)])
def test_a_clock_that_was_set_is_noticed(set_by: float, jumps: int) -> None:
    one = Supervisor([])
    one.step(0.0, 1000.0)
    one.step(2.0, 1002.0)
    one.step(4.0, 1004.0 + set_by)
    one.step(6.0, 1006.0 + set_by)
    assert one.jumps == jumps


def test_its_thread_looks_until_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.ops.healing.supervisor.STEP_SECONDS", 0.01)
    part = Part()
    part.ill = True
    one = Supervisor([Mended("part", lambda: part.ill, part.mend)])
    one.start()
    until(lambda: part.restarts == 1)
    one.stop()
    assert one._thread is None
