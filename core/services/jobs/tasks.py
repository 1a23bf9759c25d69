"""Background tasks for pages and routes (`castmind.tasks`): running tasks, their progress, cancellation.

The service that owns the work starts the task (`castmind.bulk_tasks.begin`, `castmind.export_archives.begin`, …).
"""

from __future__ import annotations

from core.background.tasks import Tasks
from core.domain.accounts.actor import Actor
from core.domain.jobs.task import Task


class TaskService:
    """Lists, cancels and deletes tasks. Thread-safe."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks

    def listing(self, actor: Actor, *kinds: str) -> list[Task]:
        """Return unfinished tasks and recently ended ones, in the order of creation. Without names: of all kinds."""
        return self._tasks.listing(*kinds)

    def get(self, actor: Actor, task_id: int) -> Task:
        """Return a task. Raises NotFound."""
        return self._tasks.get(task_id)

    def cancel(self, actor: Actor, task_id: int) -> Task:
        """End the task after its current item; an ended one stays unchanged. Raises NotFound."""
        return self._tasks.cancel(task_id)

    def forget(self, actor: Actor, task_id: int) -> None:
        """Delete an ended task. Raises NotFound, and Conflict while it runs or waits."""
        self._tasks.forget(task_id)
