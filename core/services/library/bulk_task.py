"""A bulk action over very many episodes, run as a background task in batches, one transaction each.

    begin(action, ids) ─▶ Tasks.begin ─▶ a batch ─▶ its checkpoint ─▶ … ─▶ done of total, changed

Finished batches are not rolled back: a cancel takes effect after the current batch, and a restart continues with the next one.
If a crash loses a batch's checkpoint, the batch runs again; this changes nothing, because the actions are idempotent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.background.task_kind import Beside, TaskContext, TaskKind
from core.background.tasks import Tasks
from core.domain.accounts.actor import Actor
from core.domain.accounts.role import Role
from core.domain.jobs.task import Task
from core.errors import NotAllowed
from core.services.library.bulk_actions import BulkActions
from core.services.library.trash import batches

BATCH = 100
# Up to this many episodes are changed while the request waits; more are changed in the background.
AT_ONCE = 200
# Deleting for good removes long transcripts from the search index, one by one.
PURGED_AT_ONCE = 5
# The least role, as in core/app/rights.py; a member for all others.
NEEDED = {"star": Role.VIEWER, "unstar": Role.VIEWER, "read": Role.VIEWER, "unread": Role.VIEWER, "purge": Role.ADMIN}


def at_once(action: str) -> int:
    """Return the greatest number of episodes for which the action need not run in the background."""
    return PURGED_AT_ONCE if action == "purge" else AT_ONCE


def batch_of(action: str) -> int:
    """Return the number of episodes of a batch."""
    return min(at_once(action), BATCH)


class BulkTask(TaskKind):
    """The task's `what` is its action; `done` counts processed episodes, `detail.changed` those of them that were changed."""

    name = "bulk"
    # What takes back an action follows it, as the reader asked.
    beside = Beside.NONE

    def __init__(self, selection: BulkActions) -> None:
        self._selection = selection

    def run(self, ctx: TaskContext, arguments: Mapping[str, Any]) -> None:
        # Tasks of earlier versions, without a role, are the owner's.
        actor = Actor(arguments["user"], role=Role(arguments.get("role", Role.ADMIN)))
        done, changed = ctx.checkpoint or (0, 0)
        for batch in batches(arguments["ids"][done:], arguments["batch"]):
            ctx.check()
            changed += self._selection.act(actor, arguments["action"], batch, **arguments["named"]).changed
            done += len(batch)
            ctx.save((done, changed), done=done, changed=changed)


class BulkTasks:
    """Starts bulk actions in the background (`castmind.bulk_tasks`). Thread-safe."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks

    def begin(self, actor: Actor, action: str, ids: Sequence[int], *, batch: int = BATCH, **named: str | int) -> Task:
        """Start a task. `action` and `named` are passed to `BulkActions.act`. Raises NotAllowed."""
        if actor.role < NEEDED.get(action, Role.MEMBER):
            raise NotAllowed()
        chosen = list(dict.fromkeys(ids))
        arguments = {
            "user": actor.user_id,
            "role": int(actor.role),
            "action": action,
            "ids": chosen,
            "batch": batch,
            "named": named,
        }
        return self._tasks.begin(BulkTask.name, arguments, what=action, total=len(chosen))
