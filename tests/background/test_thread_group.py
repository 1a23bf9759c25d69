from __future__ import annotations

import threading

import pytest

from core.background.thread_group import ThreadGroup
from tests.runner_fixture import until


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_thread_is_found_and_started_again() -> None:
    group, freed, ran = ThreadGroup(), threading.Event(), []

    def dies() -> None:
        ran.append(1)
        if len(ran) > 1:
            freed.wait(30)

    group.spawn("mortal", dies)
    group.spawn("well", lambda: freed.wait(30))
    until(lambda: group.dead() == ["mortal"])
    assert not group.alive()
    assert group.revive() == ["mortal"] and group.revive() == []
    assert group.alive() and len(ran) == 2 and len(group) == 2
    freed.set()
    assert group.join(30.0)


def test_no_threads_at_all_are_not_alive_and_not_dead() -> None:
    group = ThreadGroup()
    assert not group.alive() and group.dead() == [] and group.join(0.0)


def test_one_that_hangs_is_replaced_and_left_to_itself() -> None:
    group, freed, seen = ThreadGroup(), threading.Event(), []

    def hangs() -> None:
        seen.append(threading.current_thread())
        freed.wait(30)

    group.spawn("lane", hangs)
    until(lambda: len(seen) == 1)
    group.replace(seen[0])
    until(lambda: len(seen) == 2)
    assert seen[0] is not seen[1] and group.alive()
    freed.set()
    assert group.join(30.0)


def test_threads_that_were_told_to_end_are_not_dead() -> None:
    group = ThreadGroup()
    group.spawn("short", lambda: None)
    assert group.join(30.0) and group.dead() == []
