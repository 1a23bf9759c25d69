"""Large exports (`castmind.export_archives`): thousands of episodes as one zip, made in the background.

    begin(ids, formats) ─▶ castmind.bulk ─▶ an episode ─▶ the zip's .part ─▶ … ─▶ fsync ─▶ rename ─▶ path(name)
                                                 └─ stopped, failed ─▶ the part goes

They lie in data/bundles for a day; `step` is what the scheduler runs. A part that a crash left goes with it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from core.domain.episodes.export_form import Form
from core.errors import NotFound
from core.export.bundle import ZipFileOnDisk
from core.files import partial_files
from core.services.library.background_actions import ActionRun, BackgroundActions
from core.services.library.exports import Contents, Exports, Page

FOLDER = "bundles"
NAME = "export"
KEPT_SECONDS = 24 * 3600.0
# A stop waits for no more than one.
AT_ONCE = 1


class ExportArchives:
    def __init__(self, exports: Exports, bulk: BackgroundActions, data: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._exports = exports
        self._bulk = bulk
        self._folder = data / FOLDER
        self._clock = clock

    def begin(
        self, episode_ids: Sequence[int], wanted: Sequence[Form | str], *, now: datetime, page: Page | None = None
    ) -> ActionRun:
        """The run's `result` is what `path` takes. Raises UserError, and NotFound for an id that is none."""
        ids, chosen = self._exports.checked(episode_ids, wanted)
        packing = _Packing(self._exports, chosen, page, self._folder / f"CastMind {now:%Y-%m-%d %H%M%S}.zip", now)
        return self._bulk.start(NAME, ids, packing.add, batch=AT_ONCE, close=packing.close)

    def path(self, name: str) -> Path:
        """Raises NotFound."""
        path = self._folder / name
        if path.parent != self._folder or path.suffix != ".zip" or not path.is_file():
            raise NotFound("This export is not here (any more). Make it again.")
        return path

    def remove(self, name: str) -> None:
        partial_files.discard(self.path(name))

    def step(self) -> None:
        """Takes away what is older than a day."""
        for path in self._folder.glob("*"):
            if path.stat().st_mtime < self._clock() - KEPT_SECONDS:
                path.unlink(missing_ok=True)


class _Packing:
    """One zip on its way. The file is opened with the first batch: in the thread that writes it."""

    def __init__(self, exports: Exports, forms: Sequence[Form], page: Page | None, path: Path, now: datetime) -> None:
        self._contents = Contents(exports, forms, page)
        self._zip = ZipFileOnDisk(path, now=now)

    def add(self, ids: Sequence[int]) -> int:
        before = self._contents.exported
        for entry in self._contents.of(ids):
            self._zip.put(entry)
        return self._contents.exported - before

    def close(self, whole: bool) -> str | None:
        """The file's name; None when it did not come to the end."""
        if not whole:
            self._zip.discard()
            return None
        for entry in self._contents.left_out():
            self._zip.put(entry)
        return self._zip.finish().name
