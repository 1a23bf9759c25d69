"""What an episode's jobs amount to for a reader, and waits that have the same reason."""

from __future__ import annotations

import pytest

from core.domain.jobs.job import Job, Stage, State
from core.domain.jobs.waits import Held, condition, shown

UNREACHABLE = {"code": "ollama_unreachable", "detail": "[Errno -2] Name or service not known", "params": {}}


def jobs(states: str, **summarise: object) -> list[Job]:
    made = [Job(n, 1, stage, State(state)) for n, (stage, state) in enumerate(zip(Stage, states.split(), strict=True))]
    made[2] = Job(**{name: getattr(made[2], name) for name in made[2].__slots__} | summarise)  # type: ignore[arg-type]
    return made


@pytest.mark.parametrize(
    ("states", "summarise", "has_notes", "expected"),
    [
        ("done done waiting done", {}, True, State.DONE),
        ("done done waiting done", {}, False, State.WAITING),
        ("done done waiting queued", {}, True, State.QUEUED),
        ("done done waiting running", {}, True, State.RUNNING),
        ("done done waiting failed", {}, True, State.FAILED),
        ("done waiting queued queued", {}, True, State.WAITING),
        # It asks the language model again, every half minute: that is no news.
        ("done done running done", {"error": UNREACHABLE}, True, State.DONE),
        ("done done running done", {"error": UNREACHABLE, "progress": 0.1}, True, State.RUNNING),
        ("done done running done", {}, True, State.RUNNING),
        ("done done cancelled done", {}, True, State.DONE),
        ("done done cancelled done", {}, False, State.CANCELLED),
        ("done done failed done", {"error": UNREACHABLE}, True, State.FAILED),
    ],
)
def test_an_episode_that_can_be_read_is_done_while_only_better_notes_wait(
    states: str, summarise: dict[str, object], has_notes: bool, expected: State
) -> None:
    assert shown(jobs(states, **summarise), has_notes=has_notes) is expected


def test_without_any_work_there_is_no_state() -> None:
    assert shown([], has_notes=True) is None
    assert shown([Job(1, 1, Stage.SUMMARISE, State.WAITING)], has_notes=True) is State.DONE


def test_a_host_is_part_of_a_condition_only_where_another_may_answer() -> None:
    assert condition({"code": "name_unknown", "params": {"host": "pods.example"}}) == "name_unknown pods.example"
    assert condition({"code": "ollama_unreachable", "params": {"host": "http://a:11434"}}) == "ollama_unreachable"
    assert condition({"code": "name_unknown", "detail": "Of an earlier version."}) == "name_unknown"
    held = Held("name_unknown pods.example", Stage.FETCH, 1, {})
    assert (held.code, held.better_notes) == ("name_unknown", False)
