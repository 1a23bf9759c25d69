from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import pytest

from core.errors import NotFound, UserError
from core.services.library.background_actions import KEPT_SECONDS, ActionOutcome, BackgroundActions


@pytest.fixture
def now() -> list[float]:
    return [1000.0]


@pytest.fixture
def bulk(now: list[float]) -> Iterator[BackgroundActions]:
    made = BackgroundActions(clock=lambda: now[0])
    yield made
    made.stop()


def test_batch_after_batch_is_done_and_counted(bulk: BackgroundActions) -> None:
    given: list[list[int]] = []

    def do(some: Sequence[int]) -> int:
        given.append(list(some))
        return len(some) - 1

    closed: list[bool] = []

    def close(whole: bool) -> str:
        closed.append(whole)
        return "what was made"

    run = bulk.wait(bulk.start("star", [1, 2, 3, 3, 4, 5], do, batch=2, close=close).number)
    assert given == [[1, 2], [3, 4], [5]] and closed == [True]
    assert (run.outcome, run.done, run.total, run.changed, run.result) == (ActionOutcome.DONE, 5, 5, 2, "what was made")


def test_a_run_that_is_cancelled_ends_after_its_batch(bulk: BackgroundActions) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def do(some: Sequence[int]) -> int:
        begun.set()
        assert go_on.wait(30)
        return len(some)

    closed: list[bool] = []
    run = bulk.start("delete", range(10), do, batch=4, close=closed.append)
    assert begun.wait(30)
    assert bulk.runs() == [run] and run.running
    bulk.cancel(run.number)
    go_on.set()
    ended = bulk.wait(run.number)
    assert (ended.outcome, ended.done, ended.changed, closed) == (ActionOutcome.STOPPED, 4, 4, [False])


def test_a_stop_ends_what_runs_and_waits_for_it(bulk: BackgroundActions) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def do(some: Sequence[int]) -> int:
        begun.set()
        assert go_on.wait(30)
        return 1

    run = bulk.start("read", range(100), do, batch=1)
    assert begun.wait(30)
    stopping = threading.Thread(target=bulk.stop)
    stopping.start()
    go_on.set()
    stopping.join()
    assert bulk.run(run.number).outcome is ActionOutcome.STOPPED and bulk.run(run.number).done < 100


@pytest.mark.parametrize(("error", "code"), [(UserError("No."), "invalid"), (ValueError("a defect"), "internal")])
def test_what_goes_wrong_is_kept_with_what_was_done(bulk: BackgroundActions, error: Exception, code: str) -> None:
    def do(some: Sequence[int]) -> int:
        if 2 in some:
            raise error
        return 1

    run = bulk.wait(bulk.start("tag", [1, 2, 3], do, batch=1).number)
    assert (run.outcome, run.done, (run.error or {})["code"]) == (ActionOutcome.FAILED, 1, code)


def test_a_result_that_cannot_be_had_is_a_failure(bulk: BackgroundActions) -> None:
    def close(whole: bool) -> str:
        raise UserError("The disk is full.")

    run = bulk.wait(bulk.start("export", [1], len, close=close).number)
    assert (run.outcome, (run.error or {})["detail"]) == (ActionOutcome.FAILED, "The disk is full.")


def test_ended_runs_are_forgotten_after_a_day_or_when_asked(bulk: BackgroundActions, now: list[float]) -> None:
    one, two = (bulk.wait(bulk.start("star", [1], len).number) for _ in range(2))
    bulk.cancel(one.number)
    assert bulk.runs() == [two]
    now[0] += KEPT_SECONDS + 1
    assert bulk.runs() == []
    with pytest.raises(NotFound):
        bulk.run(two.number)
