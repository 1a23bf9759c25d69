"""The list of background work, as pages and routes reach it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import pytest

from core.background.task_kind import TaskContext, TaskKind
from core.background.tasks import Tasks
from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import State
from core.errors import Conflict, NotFound
from core.services.jobs.tasks import TaskService
from core.store.db.database import Store


class Wait(TaskKind):
    """Until it is let go."""

    name = "wait"

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()

    def run(self, ctx: TaskContext, arguments: Mapping[str, Any]) -> None:
        self.begun.set()
        assert self.go_on.wait(60)
        ctx.check()


def test_a_task_is_listed_and_cancelled_and_deleted_once_it_has_ended(store: Store) -> None:
    tasks, kind = Tasks(store), Wait()
    tasks.register(kind)
    tasks.start()
    service = TaskService(tasks)
    task = tasks.begin("wait", {})
    assert kind.begun.wait(60)
    assert service.listing(OWNER) == service.listing(OWNER, "wait") == [service.get(OWNER, task.id)]
    assert service.listing(OWNER, "other") == []
    with pytest.raises(Conflict):
        service.forget(OWNER, task.id)
    assert service.cancel(OWNER, task.id).cancel_requested
    kind.go_on.set()
    assert tasks.wait(task.id).state is State.CANCELLED
    service.forget(OWNER, task.id)
    with pytest.raises(NotFound):
        service.get(OWNER, task.id)
    assert tasks.stop()
