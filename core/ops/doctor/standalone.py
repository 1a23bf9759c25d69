"""The doctor for a command: reads by itself beside a server, and needs no lock.

settings ─▶ patient: the device is tried in an own worker, Ollama is asked, the database is opened read-only
fixes    ─▶ the index through the server that holds the data folder, else here
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import cache

from core import settings
from core.notes.language_model import LanguageModel
from core.ops.backup.backups import Backups
from core.ops.doctor.finding import Patient
from core.ops.doctor.trials import request_for
from core.ops.notes_trial import SAMPLES
from core.settings import Loaded, Settings
from core.speech.client.client import SpeechClient


def patient(loaded: Loaded, client: SpeechClient, *, clock: Callable[[], float] = time.time) -> Patient:
    """Return this installation as a command sees it."""
    values: Settings = loaded.values
    probed = cache(lambda: client.probe(request_for(SAMPLES / "en_episode.mp3", values)))
    language_model = LanguageModel(lambda: values, card=lambda: probed().vram_total)
    return Patient(
        loaded=loaded,
        now=clock(),
        probe=probed,
        ollama=language_model.state,
        backups=Backups(values.data, lambda: values),
        container=settings.in_container(),
        serving=False,
        environ=dict(os.environ),
    )
