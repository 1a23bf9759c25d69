"""The background task of a large export: writes one episode after another into a zip file on disk.

    an episode ─▶ the zip's .part ─▶ … ─▶ fsync ─▶ rename ─▶ detail.file
         └─ cancelled, failed, the server stops ─▶ the .part is deleted

A half-written zip cannot be continued: after a restart the task starts from the beginning.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from core.background.task_kind import TaskContext, TaskKind
from core.domain.episodes.export_form import Form
from core.export.bundle import ZipFileOnDisk
from core.services.library.exports import Contents, Exports, Page

FOLDER = "bundles"


class ExportTask(TaskKind):
    """`done` counts processed episodes, `detail.exported` those with a file in the zip; `detail.file` is its final name."""

    name = "export"

    def __init__(self, exports: Exports, data: Path) -> None:
        self._exports = exports
        self._folder = data / FOLDER

    def run(self, ctx: TaskContext, arguments: Mapping[str, Any]) -> None:
        made = ZipFileOnDisk(self._folder / arguments["file"], now=datetime.fromisoformat(arguments["at"]))
        try:
            exported = self._pack(ctx, arguments, made)
            path = made.finish()
        except BaseException:
            made.discard()
            raise
        ctx.report(exported=exported, file=path.name)

    def _pack(self, ctx: TaskContext, arguments: Mapping[str, Any], made: ZipFileOnDisk) -> int:
        contents = Contents(self._exports, [Form(name) for name in arguments["formats"]], _page(arguments["base"]))
        for done, episode_id in enumerate(arguments["ids"], 1):
            ctx.check()
            for entry in contents.of([episode_id]):
                made.put(entry)
            ctx.report(done=done, exported=contents.exported)
        for entry in contents.left_out():
            made.put(entry)
        return contents.exported


def _page(base: str) -> Page | None:
    return (lambda episode_id: f"{base}/episode?id={episode_id}") if base else None
