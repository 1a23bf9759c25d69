"""This installation as the server itself knows it: its probe of the device, its Ollama, its settings."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from core import settings
from core.background.tasks import Tasks
from core.domain.accounts.actor import SYSTEM
from core.errors import CastMindError
from core.ops.backup.backups import Backups
from core.ops.doctor.finding import Patient
from core.services.settings.settings_service import SettingsService
from core.services.settings.setup_checklist import SetupChecklist
from core.speech.request import Probe

PROBE_TASK = "probe"


def server_patient(
    values: SettingsService,
    checklist: SetupChecklist,
    tasks: Tasks,
    backups: Backups,
    *,
    clock: Callable[[], float] = time.time,
) -> Callable[[], Patient]:
    """Return who describes this installation, anew at each call."""
    return lambda: Patient(
        loaded=values.loaded,
        now=clock(),
        probe=lambda: probed(checklist, tasks),
        ollama=lambda: checklist.ollama(SYSTEM, refresh=True),
        backups=backups,
        container=settings.in_container(),
        serving=True,
        environ=dict(os.environ),
    )


def probed(checklist: SetupChecklist, tasks: Tasks) -> Probe:
    """Return the probe of the device; wait for the one that runs. Raises CastMindError if there is none."""
    found = checklist.speech(SYSTEM)
    if found is None and (task := tasks.last(PROBE_TASK)):
        tasks.wait(task.id)
        found = checklist.speech(SYSTEM)
    if found is None:
        raise CastMindError("The device for speech could not be tried out. Nothing was changed; try again.")
    return found
