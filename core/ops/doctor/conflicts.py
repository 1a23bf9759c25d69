"""Settings that contradict each other, or that are set twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from core.domain.exposure import is_loopback
from core.errors import CastMindError
from core.ops.doctor.finding import Finding, Patient, fine, odd
from core.settings import Settings
from core.speech.request import DEMO_MODEL
from core.store.db.database import Store
from core.store.settings import saved_settings

CONFLICTS: tuple[tuple[str, Callable[[Settings], bool]], ...] = (
    ("settings.open_but_local", lambda s: s.open_to_network and is_loopback(s.host) and not s.published),
    ("settings.demo_in_use", lambda s: s.env == "production" and s.whisper_model == DEMO_MODEL),
    ("settings.index_half", lambda s: bool(s.podcastindex_key) != bool(s.podcastindex_secret)),
    ("settings.remote_off", lambda s: s.notes_engine == "ollama" and _is_cloud(s.ollama_model) and not s.ollama_remote_models),
    ("settings.floats_on_processor", lambda s: s.device == "cpu" and "float16" in s.compute_type),
    ("settings.no_room_kept", lambda s: s.min_free_gb == 0),
    ("settings.unlimited_and_full", lambda s: 0 < s.media_gb < s.min_free_gb),
)
"""Code of the finding, and when it is one."""


def _is_cloud(model: str) -> bool:
    return model.endswith(("-cloud", ":cloud"))


def settings(patient: Patient) -> Iterator[Finding]:
    found = [code for code, is_so in CONFLICTS if is_so(patient.settings)]
    yield from (odd(code) for code in found)
    hidden = _hidden(patient)
    if hidden:
        yield fine("settings.hidden", names=", ".join(hidden))
    if not found:
        yield fine("settings.agree")


def _hidden(patient: Patient) -> list[str]:
    """Return saved settings that the environment overrides."""
    if not patient.database.is_file():
        return []
    store = Store(patient.database)
    try:
        saved = saved_settings.all_saved(store.read())
    except CastMindError:
        return []  # what is wrong with the database is said by its own examination
    finally:
        store.close()
    return sorted(name for name in saved if patient.loaded.locked(name))
