"""The checks of /health."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.domain.accounts.actor import SYSTEM
from core.ops import health, part_checks
from core.ops.checks import engine_checks
from core.ops.health import Check
from core.sandbox import landlock, seccomp
from core.store.feeds import feeds

if TYPE_CHECKING:
    from core.app import CastMind

CHECKS: dict[str, Callable[[CastMind], Check]] = {
    "database": lambda app: health.database(app._store),
    "writes": lambda app: health.writes(app._store),
    "data_folder": lambda app: health.mount(app.data, device=app.device),
    "disk": lambda app: health.disk(app.data, app.settings.values.min_free_gb),
    "access": lambda app: app.access(),
    "library": lambda app: part_checks.library(app._backups),
    "backup": lambda app: part_checks.backup(app._backups, app.settings.values.backup_nightly),
    "replica": lambda app: engine_checks.replica(app._replica_lag.look(time.time())),
    "confinement": lambda _: part_checks.confinement(files=landlock.available(), calls=seccomp.available()),
    "pipeline": lambda app: part_checks.pipeline(app._runner.alive()),
    "scheduler": lambda app: engine_checks.scheduler(app._scheduler.threads.alive(), app._scheduler.lag()),
    "healing": lambda app: engine_checks.healing(app._supervisor.counts()),
    "clock_jumps": lambda app: engine_checks.clock(app._supervisor.last_jump),
    "integrity": lambda app: engine_checks.integrity(app._nightly_check.last),
    "worker": lambda app: engine_checks.worker(app._speech.status(), list(app._speech.ends.times)),
    "feeds": lambda app: engine_checks.feeds(*feeds.polled(app._store.read())),
    "speech": lambda app: part_checks.speech(app.setup_checklist.speech(SYSTEM)),
    "gpu": lambda app: engine_checks.gpu(app.setup_checklist.speech(SYSTEM), app._speech.card.trouble),
    "ollama": lambda app: part_checks.ollama(
        app.setup_checklist.ollama(SYSTEM), wanted=app.settings.values.notes_engine != "extractive"
    ),
}
"""The checks by name, in the order in which the status page shows them."""

OPTIONAL = frozenset(
    {
        "access",
        "library",
        "backup",
        "replica",
        "confinement",
        "healing",
        "clock_jumps",
        "worker",
        "feeds",
        "speech",
        "gpu",
        "ollama",
    }
)
"""The checks of parts without which CastMind works: at worst those are a warning."""


def left_out(app: CastMind) -> frozenset[str]:
    """Return the checks of what is not set up."""
    return frozenset() if app.settings.values.replica else frozenset({"replica"})
