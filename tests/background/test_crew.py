from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from core.background.crew import Crew, free_in
from tests.runner_fixture import until

THREADS = 16
# For crews in which nobody joins merely because time passes.
NEVER = 1e6
SOON = 0.001

Job = Callable[[], None]


class Threads:
    """A crew at work; `most` is how many had begun a job and not ended it."""

    def __init__(self, patience: float) -> None:
        self.crew: Crew[Job] = Crew(patience=patience)
        self.under_way = self.most = self.done = 0
        self._guard = threading.Lock()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(THREADS)]
        for thread in self._threads:
            thread.start()

    def _work(self) -> None:
        while (job := self.crew.take()) is not None:
            with self._guard:
                self.under_way += 1
                self.most = max(self.most, self.under_way)
            job()
            with self._guard:
                self.under_way -= 1
                self.done += 1

    def close(self) -> None:
        self.crew.close()
        for thread in self._threads:
            thread.join(30.0)
        assert not any(thread.is_alive() for thread in self._threads)


@pytest.fixture
def threads() -> Iterator[Callable[[float], Threads]]:
    made: list[Threads] = []

    def make(patience: float) -> Threads:
        made.append(Threads(patience))
        return made[-1]

    yield make
    for each in made:
        each.close()


def hang(release: threading.Event) -> None:
    assert release.wait(30.0)


def work() -> None:
    """A little that keeps the processor, and gives other threads every chance."""
    for n in range(50):
        sum(range(n))


@pytest.mark.parametrize(
    ("working", "left"),
    [([], 0.0), ([100.0], 5.0), ([96.0], 1.0), ([95.0], 0.0), ([90.0], -5.0), ([90.0, 98.0], 3.0), ([98.0, 90.0, 20.0], 3.0)],
)
def test_one_more_may_begin_when_all_have_worked_for_long_without_a_word(working: list[float], left: float) -> None:
    assert free_in(working, 100.0, 5.0) == left


def test_what_ends_at_once_is_done_one_after_the_other(threads: Callable[[float], Threads]) -> None:
    crew = threads(NEVER)
    for _ in range(2000):
        crew.crew.put(work)
    until(lambda: crew.done == 2000)
    assert crew.most == 1


def test_all_that_say_that_they_wait_are_under_way_together(threads: Callable[[float], Threads]) -> None:
    crew, answered = threads(NEVER), threading.Event()

    def wait() -> None:
        with crew.crew.waiting():
            answered.wait(30.0)

    for _ in range(40):
        crew.crew.put(wait)
    until(lambda: crew.under_way == THREADS)
    answered.set()
    until(lambda: crew.done == 40)
    assert crew.most == THREADS


@pytest.mark.parametrize("hanging", [1, 5, THREADS - 1])
def test_those_that_hang_without_a_word_keep_nobody_waiting(threads: Callable[[float], Threads], hanging: int) -> None:
    crew, release = threads(SOON), threading.Event()
    for _ in range(hanging):
        crew.crew.put(partial(hang, release))
    for _ in range(100):
        crew.crew.put(work)
    until(lambda: crew.done == 100)
    assert crew.under_way == hanging
    release.set()


def test_all_threads_join_where_all_hang_without_a_word(threads: Callable[[float], Threads]) -> None:
    crew, release = threads(SOON), threading.Event()
    for _ in range(40):
        crew.crew.put(partial(hang, release))
    until(lambda: crew.under_way == THREADS)
    release.set()
    until(lambda: crew.done == 40)


def test_whoever_has_waited_works_again_and_the_next_begins_after_it(threads: Callable[[float], Threads]) -> None:
    crew, answered, go_on, told = threads(NEVER), threading.Event(), threading.Event(), list[str]()

    def asks() -> None:
        with crew.crew.waiting():
            answered.wait(30.0)
        told.append("works on")
        go_on.wait(30.0)
        told.append("ends")

    def meanwhile() -> None:
        told.append("meanwhile")
        answered.set()
        until(lambda: "works on" in told)

    crew.crew.put(asks)
    crew.crew.put(meanwhile)
    until(lambda: crew.done == 1)
    crew.crew.put(lambda: told.append("after it"))
    until(lambda: len(crew.crew._changed._waiters) == THREADS - 1)  # type: ignore[attr-defined]
    go_on.set()
    until(lambda: crew.done == 3)
    assert told == ["meanwhile", "works on", "ends", "after it"]


def test_a_wait_that_breaks_off_and_one_within_another_are_over_as_any(threads: Callable[[float], Threads]) -> None:
    crew = threads(NEVER)

    def breaks() -> None:
        with pytest.raises(OSError, match="reset"), crew.crew.waiting(), crew.crew.waiting():
            raise OSError("reset")
        assert threading.get_ident() in crew.crew._working

    for _ in range(20):
        crew.crew.put(breaks)
    until(lambda: crew.done == 20)


def test_nobody_is_left_asleep_while_there_is_something_to_do(threads: Callable[[float], Threads]) -> None:
    """A call that gets lost would leave tasks in the line for ever."""
    crew = threads(NEVER)
    chance = random.Random(11)

    def job(waits: int) -> Job:
        def run() -> None:
            for _ in range(waits):
                with crew.crew.waiting():
                    work()
            work()

        return run

    def put() -> None:
        for _ in range(700):
            crew.crew.put(job(chance.choice([0, 0, 1, 3])))

    putting = [threading.Thread(target=put) for _ in range(3)]
    for thread in putting:
        thread.start()
    until(lambda: crew.done == 2100)
    # And again after all have been without work.
    for n in range(100):
        crew.crew.put(job(n % 3))
        until(lambda n=n: crew.done == 2101 + n)
    for thread in putting:
        thread.join()


def test_a_task_that_gives_the_next_one_keeps_its_thread() -> None:
    crew: Crew[int] = Crew(patience=NEVER)
    crew.put(1)
    assert crew.take() == 1
    crew.put(2)
    assert crew.take() == 2


def test_closing_ends_those_who_wait_for_work_and_gives_out_nothing_more(threads: Callable[[float], Threads]) -> None:
    crew, release = threads(NEVER), threading.Event()
    crew.crew.put(partial(hang, release))
    until(lambda: crew.under_way == 1)
    for _ in range(20):
        crew.crew.put(work)
    crew.crew.close()
    until(lambda: sum(thread.is_alive() for thread in crew._threads) == 1)
    release.set()
    crew.close()
    assert crew.done == 1


def test_a_thread_that_is_not_of_the_crew_may_wait_and_is_not_counted() -> None:
    crew: Crew[int] = Crew(patience=NEVER)
    with crew.waiting():
        crew.put(1)
    assert crew.take() == 1
