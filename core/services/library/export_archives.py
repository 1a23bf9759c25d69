"""Large exports (`castmind.export_archives`): thousands of episodes as one zip, made in the background.

    begin(ids, formats) ─▶ Tasks.begin ─▶ ExportTask ─▶ its `detail.file` ─▶ path(name)

Zips are kept in data/bundles for a day, the newest few of a schedule for longer. A schedule calls `step`, which
deletes older ones and `.part` files left by a crash.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from core.background.tasks import Tasks
from core.domain.accounts.actor import Actor
from core.domain.episodes.export_form import Form
from core.domain.jobs.task import Task
from core.errors import NotFound
from core.files import partial_files
from core.services.library.export_task import FOLDER, ExportTask
from core.services.library.exports import Exports

KEPT_SECONDS = 24 * 3600.0
# How the names of zips begin that a schedule makes; `SCHEDULED 7 …` are those of one schedule, of which the newest few stay.
SCHEDULED = "CastMind library"
KEPT_SCHEDULED = 3


class ExportArchives:
    def __init__(self, exports: Exports, tasks: Tasks, data: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._exports = exports
        self._tasks = tasks
        self._folder = data / FOLDER
        self._clock = clock

    def begin(
        self, actor: Actor, episode_ids: Sequence[int], wanted: Sequence[Form | str], *, now: datetime, base: str = ""
    ) -> Task:
        """Start an export. `base` is the URL of the pages; with it, each timestamp in an export is a link into the app.

        Pass `file(task)` to `path` once it is done. Raises UserError, and NotFound for an unknown id.
        """
        ids, chosen = self._exports.checked(actor, episode_ids, wanted)
        arguments = {
            "ids": ids,
            "formats": [form.value for form in chosen],
            "base": base,
            "file": f"CastMind {now:%Y-%m-%d %H%M%S}.zip",
            "at": now.isoformat(),
        }
        return self._tasks.begin(ExportTask.name, arguments, total=len(ids))

    def path(self, actor: Actor, name: str) -> Path:
        """Return the path of a zip. Raises NotFound."""
        path = self._folder / name
        if path.parent != self._folder or path.suffix != ".zip" or not path.is_file():
            raise NotFound("This export is not here (any more). Make it again.", case="export")
        return path

    def remove(self, actor: Actor, name: str) -> None:
        partial_files.discard(self.path(actor, name))

    def step(self) -> int:
        """Delete files older than a day, but for the newest few of each schedule; return their number."""
        kept = self._newest_scheduled()
        old = [
            each for each in self._folder.glob("*") if each.stat().st_mtime < self._clock() - KEPT_SECONDS and each not in kept
        ]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def _newest_scheduled(self) -> set[Path]:
        by_schedule: dict[str, list[Path]] = {}
        # A name goes on with the number of its schedule and the time, so that names are in order.
        for path in sorted(self._folder.glob(f"{SCHEDULED} *.zip"), reverse=True):
            by_schedule.setdefault(path.name.removeprefix(SCHEDULED).split()[0], []).append(path)
        return {path for paths in by_schedule.values() for path in paths[:KEPT_SCHEDULED]}


def file(task: Task) -> str:
    """Return the name of the zip that the task made; "" while there is none."""
    return str(task.detail.get("file", ""))
