"""The installation as its server knows it: the probe that runs is waited for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from core.errors import CastMindError
from core.ops.doctor.service.server_patient import probed, server_patient
from tests.ops.doctor.conftest import NO_OLLAMA, PROBE


class Checklist:
    """Answers None until the task of the probe was waited for."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.refreshed = False

    def speech(self, _actor: object) -> Any:
        return self.answers.pop(0)

    def ollama(self, _actor: object, *, refresh: bool) -> Any:
        self.refreshed = refresh
        return NO_OLLAMA


class Waits:
    def __init__(self, task: object | None = SimpleNamespace(id=7)) -> None:
        self.task, self.waited = task, cast("list[int]", [])

    def last(self, _kind: str) -> object | None:
        return self.task

    def wait(self, task_id: int) -> None:
        self.waited.append(task_id)


def test_a_probe_that_runs_is_waited_for() -> None:
    tasks = Waits()
    assert probed(cast("Any", Checklist(None, PROBE)), cast("Any", tasks)) == PROBE and tasks.waited == [7]
    assert probed(cast("Any", Checklist(PROBE)), cast("Any", Waits())) == PROBE


def test_without_any_probe_that_is_said() -> None:
    with pytest.raises(CastMindError, match="could not be tried out"):
        probed(cast("Any", Checklist(None, None)), cast("Any", Waits(None)))


def test_ollama_is_asked_anew() -> None:
    checklist = Checklist()
    values = SimpleNamespace(loaded=SimpleNamespace(values=None))
    patient = server_patient(
        cast("Any", values), cast("Any", checklist), cast("Any", Waits()), cast("Any", None), clock=lambda: 3.0
    )()
    assert patient.ollama() == NO_OLLAMA and checklist.refreshed and patient.serving and patient.now == 3.0
