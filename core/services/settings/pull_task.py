"""The background task that pulls a language model into Ollama.

Ollama keeps the parts of a model that have arrived, so a pull continues after a restart.
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
    """`key` is the model; `done` of `total` bytes of the current layer are here. `detail.status` is Ollama's status text."""

    name = "pull"
    beside = Beside.NONE

    def __init__(self, language_model: LanguageModel) -> None:
        self._language_model = language_model

    def run(self, ctx: TaskContext, arguments: Mapping[str, Any]) -> None:
        def tell(status: str, done: int, total: int) -> None:
            ctx.report(done=done, total=total, status=status)

        self._language_model.pull(arguments["name"], tell, cancelled=ctx.ended)


def begin(tasks: Tasks, name: str) -> Task:
    """Start a pull. Raises Conflict while another one runs."""
    return tasks.begin(PullTask.name, {"name": name}, key=name, busy=_busy)


def _busy(other: Task) -> Conflict:
    return Conflict(f"{other.key} is being pulled already.", state="running", case="pulling", name=other.key)
