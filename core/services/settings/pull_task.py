"""Pulling a language model into Ollama, in the background.

Ollama keeps what has arrived of a model, so a pull that a restart has ended goes on where it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.background.task_kind import Beside, TaskContext, TaskKind
from core.background.tasks import Tasks
from core.domain.jobs.task import Task
from core.errors import Conflict
from core.notes.language_model import LanguageModel


class PullTask(TaskKind):
    """The model `key`; `done` of `total` bytes of the layer that is under way. `detail.status` is what Ollama says of it."""

    name = "pull"
    beside = Beside.NONE

    def __init__(self, language_model: LanguageModel) -> None:
        self._language_model = language_model

    def run(self, ctx: TaskContext, arguments: Mapping[str, Any]) -> None:
        def tell(status: str, done: int, total: int) -> None:
            ctx.report(done=done, total=total, status=status)

        self._language_model.pull(arguments["name"], tell, cancelled=ctx.ended)


def begin(tasks: Tasks, name: str) -> Task:
    """Raises Conflict while another one is pulled."""
    return tasks.begin(PullTask.name, {"name": name}, key=name, busy=_busy)


def _busy(other: Task) -> Conflict:
    return Conflict(f"{other.key} is being pulled already.", state="running")
