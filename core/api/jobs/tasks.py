"""Background tasks: those that run, wait, or ended within a day.

GET /tasks     POST /tasks/{id}/cancel ─▶ it ends after its current item     DELETE /tasks/{id} ─▶ its row is deleted
"""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter

from core.api import schemas
from core.api.asking import Asking
from core.api.bounds import Id
from core.api.services import Services
from core.domain.jobs.task import Task


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["tasks"])
    tasks = services.tasks

    @api.get("/tasks")
    def listing(actor: Asking) -> schemas.Json:
        """In the order of asking; `done` of `total` items or bytes. What each was begun with is not told."""
        return {"items": [shape(task) for task in tasks.listing(actor)]}

    @api.get("/tasks/{task_id}")
    def one(actor: Asking, task_id: Id) -> schemas.Json:
        return shape(tasks.get(actor, task_id))

    @api.post("/tasks/{task_id}/cancel")
    def cancel(actor: Asking, task_id: Id) -> schemas.Json:
        """What is done stays done; one that has ended stays as it is."""
        return shape(tasks.cancel(actor, task_id))

    @api.delete("/tasks/{task_id}", status_code=204)
    def forget(actor: Asking, task_id: Id) -> None:
        """409 while it runs or waits."""
        tasks.forget(actor, task_id)

    return api


def shape(task: Task) -> schemas.Json:
    return asdict(task) | {"state": task.state.value}
