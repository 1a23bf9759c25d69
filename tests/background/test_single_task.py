"""Long work of which one runs at a time."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest

from core.background.single_task import SingleTask, TaskState
from core.errors import BackupFailed, BackupNoRoom, BackupRunning, CastMindError


@dataclass(frozen=True, slots=True, kw_only=True)
class Digging(TaskState):
    where: str
    phase: str = "digging"
    found: str | None = None


def told(error: BaseException) -> CastMindError:
    return error if isinstance(error, CastMindError) else BackupFailed(f"It broke: {error}")


def begun() -> SingleTask[Digging]:
    task: SingleTask[Digging] = SingleTask("dig", lambda: 42.0)
    task.begin(Digging(where="garden"), lambda _: BackupRunning())
    return task


def run(task: SingleTask[Digging], result: str | BaseException) -> str:
    def work() -> str:
        if isinstance(result, BaseException):
            raise result
        return result

    return task.carry_out(work, told=told, outcome=lambda found: {"found": found})


def test_what_is_done_says_what_came_of_it_and_when() -> None:
    task = begun()
    task.change(done=3, total=4)
    state = task.state()
    assert state and state.running and (state.where, state.done, state.total) == ("garden", 3, 4)
    assert run(task, "a coin") == "a coin"
    state = task.state()
    assert state and not state.running and (state.found, state.finished_at, state.error) == ("a coin", 42.0, None)


def test_a_second_one_is_refused_until_the_first_has_ended() -> None:
    task = begun()
    with pytest.raises(BackupRunning):
        task.begin(Digging(where="field"), lambda state: BackupRunning(state.where))
    run(task, "a coin")
    task.begin(Digging(where="field"), lambda _: BackupRunning())
    state = task.state()
    assert state and state.running and state.where == "field"


@pytest.mark.parametrize(
    ("raised", "kept"), [(BackupNoRoom("full"), BackupNoRoom), (OSError("no"), BackupFailed), (KeyboardInterrupt(), BackupFailed)]
)
def test_what_went_wrong_is_kept_in_words_for_people(raised: BaseException, kept: type[CastMindError]) -> None:
    task = begun()
    # Whoever ends the program is not told something else.
    with pytest.raises(kept if isinstance(raised, Exception) else type(raised)):
        run(task, raised)
    state = task.state()
    assert state and not state.running and isinstance(state.error, kept)
    assert state.to_dict()["error"]["code"] == kept.code and state.to_dict()["running"] is False


def test_a_cancel_is_for_the_one_that_runs() -> None:
    task = begun()
    task.cancel()
    assert task.cancelled()
    run(task, "a coin")
    task.begin(Digging(where="field"), lambda _: BackupRunning())
    assert not task.cancelled()


def test_in_a_thread_of_its_own_an_error_is_kept_in_the_state() -> None:
    task, ended = begun(), threading.Event()

    def work() -> None:
        try:
            run(task, OSError("no"))
        finally:
            ended.set()

    task.in_thread(work)
    assert ended.wait(30.0)
    state = task.state()
    assert state and isinstance(state.error, BackupFailed)
