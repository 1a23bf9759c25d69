"""The queue for the card by its states: no threads but where one has to wait, and a clock that the test turns."""

from __future__ import annotations

import threading

import pytest

from core.domain.jobs.gpu_line import Entry, Priority, QueueState
from core.pipeline.gpu_queue import RISE_SECONDS, SLICE_SECONDS, GpuQueue, QueuePlace, Taker
from tests.runner_fixture import until

BACKGROUND, RUNNING, PERSON = Priority


class Clocked:
    """A queue over a clock of its own, with places by name."""

    def __init__(self) -> None:
        self.now = 0.0
        self.queue = GpuQueue(lambda: self.now)
        self.places: dict[str, QueuePlace] = {}

    def join(self, *names: str, priority: Priority = RUNNING) -> None:
        for name in names:
            self.places[name] = self.queue.join(Taker(name, priority))

    def leave(self, name: str) -> None:
        self.queue.leave(self.places[name])

    def wanted(self, name: str) -> bool:
        return self.queue.wanted(self.places[name])

    def step_back(self, name: str) -> bool:
        return self.queue.step_back(self.places[name])

    def line(self) -> list[str]:
        """The holder, if there is one, and those who wait, the next one first."""
        state = self.queue.state()
        return [entry.name for entry in ((state.holder, *state.waiting) if state.holder else state.waiting)]


@pytest.fixture
def clocked() -> Clocked:
    return Clocked()


def test_a_free_card_is_had_at_once(clocked: Clocked) -> None:
    assert clocked.queue.state() == QueueState()
    clocked.join("a")
    assert clocked.queue.holds(clocked.places["a"])
    clocked.leave("a")
    assert clocked.queue.state() == QueueState()


def test_equals_come_in_the_order_of_their_arrival(clocked: Clocked) -> None:
    clocked.join("a", "b", "c")
    for left in (["a", "b", "c"], ["b", "c"], ["c"]):
        assert clocked.line() == left
        clocked.leave(left[0])


def test_the_more_urgent_go_first_whenever_they_came(clocked: Clocked) -> None:
    clocked.join("holder")
    clocked.join("chore", priority=BACKGROUND)
    clocked.join("notes")
    clocked.join("question", priority=PERSON)
    assert clocked.line() == ["holder", "question", "notes", "chore"]


def test_a_holder_is_not_put_out_but_steps_back_at_a_boundary(clocked: Clocked) -> None:
    clocked.join("transcription")
    assert not clocked.wanted("transcription") and not clocked.step_back("transcription")
    clocked.join("question", priority=PERSON)
    assert clocked.line() == ["transcription", "question"]
    assert clocked.wanted("transcription") and clocked.step_back("transcription")
    assert clocked.line() == ["question", "transcription"]
    assert not clocked.wanted("question") and not clocked.step_back("question")


def test_who_steps_back_for_the_urgent_keeps_its_place_among_its_equals(clocked: Clocked) -> None:
    clocked.join("transcription", "notes")
    clocked.join("question", priority=PERSON)
    assert clocked.step_back("transcription")
    assert clocked.line() == ["question", "transcription", "notes"]


@pytest.mark.parametrize(("held", "steps_back"), [(SLICE_SECONDS - 1, False), (SLICE_SECONDS, True)])
def test_equals_swap_once_a_slice_is_used_and_not_before(clocked: Clocked, held: float, steps_back: bool) -> None:
    clocked.join("transcription", "notes", "more notes")
    clocked.now += held
    assert clocked.wanted("transcription") is clocked.step_back("transcription") is steps_back
    assert clocked.line() == (
        ["notes", "more notes", "transcription"] if steps_back else ["transcription", "notes", "more notes"]
    )


def test_a_slice_goes_on_after_a_step_back_for_the_urgent(clocked: Clocked) -> None:
    clocked.join("transcription", "notes")
    clocked.now += SLICE_SECONDS - 1
    clocked.join("question", priority=PERSON)
    assert clocked.step_back("transcription")
    clocked.leave("question")
    assert clocked.line() == ["transcription", "notes"] and not clocked.wanted("transcription")
    clocked.now += 1
    assert clocked.step_back("transcription") and clocked.line() == ["notes", "transcription"]


def test_a_used_slice_is_no_reason_to_stop_while_nobody_or_only_the_less_urgent_waits(clocked: Clocked) -> None:
    clocked.join("question", priority=PERSON)
    clocked.now += SLICE_SECONDS
    assert not clocked.wanted("question")
    clocked.join("transcription")
    assert not clocked.wanted("question")


def test_short_windows_do_not_swap_with_notes_at_each_boundary(clocked: Clocked) -> None:
    # Two hours of work each, a boundary every ten seconds: one swap a slice.
    clocked.join("transcription", "notes")
    swaps = 0
    for _ in range(2 * 7200 // 10):
        clocked.now += 10
        swaps += clocked.step_back(clocked.line()[0])
    assert swaps == 2 * 7200 / SLICE_SECONDS


def test_who_waits_long_rises_and_is_not_passed_over_for_ever(clocked: Clocked) -> None:
    clocked.join("question 0", priority=PERSON)
    clocked.join("chore", priority=BACKGROUND)
    waited = 0
    for number in range(1, 1000):
        clocked.now += 60
        waited += 60
        clocked.join(f"question {number}", priority=PERSON)
        clocked.leave(f"question {number - 1}")
        if clocked.line()[0] == "chore":
            break
    assert waited == (PERSON - BACKGROUND) * RISE_SECONDS
    # It has the card up to its next boundary, then the question is heard, and it waits anew.
    assert clocked.line() == ["chore", f"question {number}"]
    assert clocked.step_back("chore") and clocked.line() == [f"question {number}", "chore"]
    clocked.now += RISE_SECONDS - 1
    clocked.join("transcription")
    assert clocked.line() == [f"question {number}", "transcription", "chore"]
    clocked.now += 1
    assert clocked.line() == [f"question {number}", "chore", "transcription"]


def test_nobody_rises_above_a_person_who_came_first(clocked: Clocked) -> None:
    clocked.join("holder")
    clocked.join("question", priority=PERSON)
    clocked.join("chore", priority=BACKGROUND)
    clocked.now += 10 * RISE_SECONDS
    assert clocked.line() == ["holder", "question", "chore"]


def test_a_place_that_is_left_while_it_waits_holds_up_nobody(clocked: Clocked) -> None:
    clocked.join("a", "b", "c")
    clocked.leave("b")
    clocked.leave("b")
    assert clocked.line() == ["a", "c"]
    clocked.leave("a")
    assert clocked.line() == ["c"]


def test_a_holder_that_left_meanwhile_steps_back_for_nobody(clocked: Clocked) -> None:
    clocked.join("a")
    clocked.join("question", priority=PERSON)
    clocked.leave("a")
    assert not clocked.step_back("a")
    assert clocked.line() == ["question"]


def test_the_state_says_who_holds_and_waits_and_for_how_long(clocked: Clocked) -> None:
    clocked.join("transcription")
    clocked.now += 5
    clocked.join("chore", priority=BACKGROUND)
    clocked.join("question", priority=PERSON)
    clocked.now += 2
    waiting = (Entry("question", PERSON, 2.0), Entry("chore", BACKGROUND, 2.0))
    assert clocked.queue.state() == QueueState(Entry("transcription", RUNNING, 7.0), waiting)
    assert clocked.step_back("transcription")
    assert clocked.queue.state().holder == Entry("question", PERSON, 0.0)


def test_who_waits_is_woken_by_who_leaves() -> None:
    queue, had = GpuQueue(), threading.Event()
    first, second = queue.join(Taker("first")), queue.join(Taker("second"))

    def wait() -> None:
        if queue.wait(second, 30.0):
            had.set()

    thread = threading.Thread(target=wait)
    thread.start()
    assert not queue.wait(second, 0.0) and not had.is_set()
    queue.leave(first)
    thread.join(30.0)
    assert had.is_set() and queue.holds(second)


def test_one_holder_at_a_time_whoever_comes_from_whatever_thread() -> None:
    queue, most = GpuQueue(), threading.BoundedSemaphore(1)
    met: list[str] = []

    def hold(place: QueuePlace) -> None:
        until(lambda: queue.wait(place, 1.0))
        met.append("alone" if most.acquire(blocking=False) else "together")
        most.release()

    def work(number: int) -> None:
        for _ in range(20):
            place = queue.join(Taker(str(number), Priority(number % 3)))
            hold(place)
            queue.step_back(place)
            hold(place)
            queue.leave(place)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60.0)
    assert met == ["alone"] * 240 and queue.state() == QueueState()
