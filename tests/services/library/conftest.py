"""The tasks of exports, and the files that they leave."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from core.background.tasks import Tasks
from core.services.library.export_archives import ExportArchives
from core.services.library.export_task import FOLDER, ExportTask
from tests.runner_fixture import Rig

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@pytest.fixture
def export_tasks(rig: Rig) -> Iterator[Tasks]:
    made = Tasks(rig.store)
    made.register(ExportTask(rig.exports, rig.data))
    made.start()
    yield made
    assert made.stop()


@pytest.fixture
def bundles(rig: Rig, export_tasks: Tasks) -> ExportArchives:
    return ExportArchives(rig.exports, export_tasks, rig.data)


def left(rig: Rig) -> list[str]:
    return sorted(path.name for path in (rig.data / FOLDER).glob("*"))
