from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import httpx

from core.background.task_kind import TaskContext, TaskKind
from tests.api.conftest import Running, is_problem


class Wait(TaskKind):
    """Until it is let go."""

    name = "wait"

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()

    def run(self, ctx: TaskContext, arguments: Mapping[str, Any]) -> None:
        self.begun.set()
        assert self.go_on.wait(60)
        ctx.check()


def test_tasks_are_listed_cancelled_and_forgotten(api: httpx.Client, services: Running) -> None:
    assert api.get("/tasks").json() == {"items": []}
    kind = Wait()
    services.background.register(kind)
    task = services.background.begin("wait", {"secret": "not told"}, what="here", total=9)
    assert kind.begun.wait(60)
    (told,) = api.get("/tasks").json()["items"]
    assert told == api.get(f"/tasks/{task.id}").json()
    assert {name: told[name] for name in ("id", "kind", "what", "state", "done", "total", "detail", "error")} == {
        "id": task.id,
        "kind": "wait",
        "what": "here",
        "state": "running",
        "done": 0,
        "total": 9,
        "detail": {},
        "error": None,
    }
    assert "secret" not in str(told)
    assert is_problem(api.delete(f"/tasks/{task.id}"), 409, "conflict")
    assert api.post(f"/tasks/{task.id}/cancel").json()["cancel_requested"]
    kind.go_on.set()
    services.background.wait(task.id)
    assert api.post(f"/tasks/{task.id}/cancel").json()["state"] == "cancelled"
    assert api.delete(f"/tasks/{task.id}").status_code == 204
    assert is_problem(api.get(f"/tasks/{task.id}"), 404, "not_found")
