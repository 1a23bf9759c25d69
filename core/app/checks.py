"""The checks of /health."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.ops import health
from core.ops.health import Check
from core.sandbox import landlock, seccomp

if TYPE_CHECKING:
    from core.app import CastMind

CHECKS: dict[str, Callable[[CastMind], Check]] = {
    "database": lambda app: health.database(app._store),
    "writes": lambda app: health.writes(app._store),
    "data_folder": lambda app: health.mount(app.data),
    "disk": lambda app: health.disk(app.data, app.settings.values.min_free_gb),
    "access": lambda app: app.access(),
    "library": lambda app: health.library(app.backups),
    "backup": lambda app: health.backup(app.backups, app.settings.values.backup_nightly),
    "confinement": lambda _: health.confinement(files=landlock.available(), calls=seccomp.available()),
    "pipeline": lambda app: health.pipeline(app._runner.alive()),
    "speech": lambda app: health.speech(app.setup_checklist.speech()),
    "ollama": lambda app: health.ollama(app.setup_checklist.ollama(), wanted=app.settings.values.notes_engine != "extractive"),
}
"""The checks by name, in the order in which the status page shows them."""
