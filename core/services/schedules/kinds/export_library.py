"""Export every episode with a transcript as one zip. The newest few such zips stay in data/bundles; other exports stay a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core.domain.accounts.actor import SYSTEM
from core.domain.episodes.episode import Filter
from core.domain.episodes.export_form import Form
from core.domain.jobs.job import State
from core.domain.jobs.task import Task
from core.domain.schedules.schedule import Schedule
from core.errors import UserError
from core.services.library.bulk_actions import BulkActions
from core.services.library.export_archives import SCHEDULED
from core.services.library.export_task import ExportTask
from core.services.library.exports import MOST, Exports
from core.services.schedules.kind import ByTask, Counts, known
from core.store.jobs.tasks import NewTask

DEFAULT = (Form.MD.value,)


class ExportLibrary(ByTask):
    """`formats` are names of formats."""

    name = "export"
    own = True

    def __init__(self, exports: Exports, bulk_actions: BulkActions) -> None:
        self._exports = exports
        self._bulk_actions = bulk_actions

    def checked(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        known(parameters, "formats")
        chosen = parameters.get("formats") or list(DEFAULT)
        names = [form.value for form in Form]
        if not isinstance(chosen, list) or not all(each in names for each in chosen):
            raise UserError(f"formats are among {', '.join(names)}. Nothing was changed.", case="schedule_values")
        return {"formats": list(dict.fromkeys(chosen))}

    def task(self, row: Schedule, now: float) -> NewTask | None:
        done = self._bulk_actions.ids(SYSTEM, Filter(state=State.DONE))
        if not done:
            return None
        ids, forms = self._exports.checked(SYSTEM, done[:MOST], row.parameters["formats"])
        at = datetime.fromtimestamp(now, UTC)
        arguments = {
            "ids": ids,
            "formats": [form.value for form in forms],
            "base": "",
            "file": f"{SCHEDULED} {row.id} {at:%Y-%m-%d %H%M%S}.zip",
            "at": at.isoformat(),
        }
        return NewTask(ExportTask.name, arguments, total=len(ids))

    def did(self, task: Task) -> Counts:
        return {"exported": int(task.detail.get("exported", 0)), "file": str(task.detail.get("file", ""))}
