"""The checklist of a first run: for each requirement, its state and the next step.

    key             codes (text key `setup.<key>.<code>`)         params
    device          probing · cpu · cuda · fallback · untried     device, compute_type, reason, error
    speech_model    probing · present · absent                    model
    ollama          found · absent · off                          host, version, tried
    language_model  present · absent · pulling · failed · off     model, done, total, error
    language        auto · chosen                                 language
    disk            enough · low                                  free_gb, least_gb

State is `ok`, `warn` (works, but could be better), `todo` (something for the user to do) or `working`.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from core import errors
from core.background.tasks import Tasks
from core.domain.accounts.actor import Actor
from core.domain.jobs.job import State
from core.domain.jobs.task import Task
from core.domain.jobs.worker_status import WorkerStatus
from core.domain.notes.ollama_state import OllamaState
from core.errors import TaskBroke, from_dict
from core.files.partial_files import GIGABYTE
from core.llm import locate
from core.message import Message
from core.notes.language_model import LanguageModel
from core.notes.model_choice import SUGGESTIONS, recommend
from core.pipeline.gpu import Card
from core.services.settings import pull_task
from core.services.settings.probe_task import Probes
from core.services.settings.pull_task import PullTask
from core.services.settings.settings_service import SettingsService
from core.settings import Settings
from core.speech import device_messages
from core.speech.client.client import SpeechClient
from core.speech.request import Probe, SpeechRequest
from core.store.db.database import Store
from core.store.settings import saved_settings

log = logging.getLogger(__name__)

DISMISSED = "first_run_dismissed"
# Seconds until a probe that failed is tried again: doubled each time that it fails again.
FIRST_PAUSE, MOST_PAUSE = 30.0, 3600.0
ItemState = Literal["ok", "warn", "todo", "working"]


@dataclass(frozen=True, slots=True)
class SetupItem:
    """One line of the checklist."""

    key: str
    state: ItemState
    code: str
    params: Mapping[str, str | int | float] = field(default_factory=dict)


class SetupChecklist:
    """Checks the device, the models and Ollama. A probe is a background task, under `hold(check)`, the lease of the GPU; `check`
    raises when the probe is to end."""

    def __init__(
        self,
        store: Store,
        preferences: SettingsService,
        speech: SpeechClient,
        language_model: LanguageModel,
        data: Path,
        *,
        tasks: Tasks,
        hold: Callable[[Callable[[], None]], AbstractContextManager[object]] = nullcontext,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._preferences = preferences
        self._speech = speech
        self._language_model = language_model
        self._tasks = tasks
        self._data = data
        self._hold = hold
        self._probe: Probe | None = None
        self._card = Card()
        self._probed_for: tuple[str, ...] = ()
        self._clock = clock
        self._pause, self._try_again_at = FIRST_PAUSE, 0.0
        self._guard = threading.Lock()
        self._probes = Probes(tasks)

    # --- the speech side --------------------------------------------------------------------------

    def speech(self, actor: Actor) -> Probe | None:
        """Return the device that `auto` chose, and why; None before the first probe has ended.

        Changed settings start a new probe. So does one that failed, after a pause; its answer stands meanwhile.
        """
        with self._guard:
            found = self._probe if self._probed_for == _wanted(self._preferences.values) else None
            again = found is not None and not found.tried and self._clock() >= self._try_again_at
        if found is None or again:
            self._probes.begin()
        return found

    def try_out(self, check: Callable[[], None]) -> None:
        """Probe the device for the present settings; ProbeTask does so. Raises whatever `check` raises."""
        values = self._preferences.values
        request = SpeechRequest(
            media=self._data,
            model=values.whisper_model,
            device=values.device,
            compute_type=values.compute_type,
            models_dir=self._data / "models",
            hf_endpoint=values.hf_endpoint,
        )
        try:
            with self._hold(check):
                found = self._speech.probe(request, fresh=True, check=check)
        except errors.Stopped:
            raise
        except errors.CastMindError as error:
            log.warning("the speech probe failed: %s", error)
            why = device_messages.not_tried(error)
            found = Probe("cpu", "", "", values.whisper_model, False, why, cuda_error=why)
        with self._guard:
            # One that was cut off, by a lack of memory for instance, is made up for; one that goes on failing, ever later.
            failing = self._probe is not None and not self._probe.tried
            self._pause = min(self._pause * 2, MOST_PAUSE) if failing else FIRST_PAUSE
            self._try_again_at = self._clock() + self._pause
            self._probe, self._probed_for = found, _wanted(values)
            self._card = Card(found.vram_total if found.device == "cuda" else 0)
        log.info("speech runs on %s (%s) with %s: %s", found.device, found.compute_type, found.model, found.reason)

    def card(self) -> Card:
        """Return the GPU for the lease, as the last probe found it, also while a new probe runs."""
        return self._card

    @property
    def card_memory(self) -> int:
        """Return the memory of the GPU in bytes, even if speech runs on the CPU; 0 without a GPU or before the first probe."""
        return self._probe.vram_total if self._probe else 0

    def worker(self, actor: Actor) -> WorkerStatus:
        return self._speech.status()

    def model_arrived(self) -> None:
        """Drop the probe's result, so that the next call checks again whether the speech model is present."""
        with self._guard:
            self._probe = None

    # --- the language model -----------------------------------------------------------------------

    def ollama(self, actor: Actor, *, refresh: bool = False) -> OllamaState:
        return self._language_model.state(refresh=refresh)

    def recommended_model(self, actor: Actor) -> str:
        """Return the model to suggest for a pull: the one in the settings, or one that fits this computer."""
        return self._preferences.values.ollama_model or self._fitting()

    def suggested_models(self, actor: Actor) -> list[tuple[str, int]]:
        """Return models that Ollama can download, with the bytes of it; the one that fits this computer comes first."""
        best = self._fitting()
        return sorted(SUGGESTIONS.items(), key=lambda each: each[0] != best)

    def _fitting(self) -> str:
        probe = self._probe
        return recommend(probe.memory if probe else 0, probe.vram_total if probe else 0)

    def pull(self, actor: Actor, name: str) -> Task:
        """Start the pull of a model. Raises OllamaUnreachable, Conflict."""
        self._language_model.client()
        return pull_task.begin(self._tasks, name)

    def pulling(self, actor: Actor) -> Task | None:
        """Return the running or last pull."""
        return self._tasks.last(PullTask.name)

    # --- the list ---------------------------------------------------------------------------------

    def checklist(self, actor: Actor) -> list[SetupItem]:
        values, probe = self._preferences.values, self.speech(actor)
        return [
            _device(probe),
            _speech_model(probe),
            *self._notes_items(actor, values),
            SetupItem("language", "ok", "auto" if values.language == "auto" else "chosen", {"language": values.language}),
            self._disk(values),
        ]

    def finished(self, actor: Actor) -> bool:
        """Return whether the checklist can be hidden: all items are ok, or the user has dismissed it."""
        if saved_settings.all_saved(self._store.read()).get(DISMISSED):
            return True
        return all(item.state == "ok" for item in self.checklist(actor))

    def dismiss(self, actor: Actor) -> None:
        self._store.write(lambda db: saved_settings.save(db, DISMISSED, True, now=0.0))

    def _notes_items(self, actor: Actor, values: Settings) -> list[SetupItem]:
        if values.notes_engine == "extractive":
            return [SetupItem("ollama", "ok", "off"), SetupItem("language_model", "ok", "off")]
        state, pulled = self.ollama(actor), self.pulling(actor)
        if state.host is None:
            return [
                SetupItem("ollama", "todo", "absent", {"tried": locate.listed(state.tried)}),
                SetupItem("language_model", "todo", "absent", self._suggestion(actor)),
            ]
        found = SetupItem("ollama", "ok", "found", {"host": state.host, "version": state.version})
        if state.chosen:
            return [found, SetupItem("language_model", "ok", "present", {"model": state.chosen, "why": state.why})]
        if state.why:
            return [found, SetupItem("language_model", "warn", "refused", {"why": state.why})]
        if pulled and not pulled.finished:
            params: dict[str, str | int | float] = {"model": pulled.key, "done": pulled.done, "total": pulled.total}
            return [found, SetupItem("language_model", "working", "pulling", params)]
        if pulled and pulled.state is State.FAILED:
            why = Message.of(from_dict(pulled.error or TaskBroke().to_dict()))
            return [found, SetupItem("language_model", "todo", "failed", {"model": pulled.key, "error": why})]
        return [found, SetupItem("language_model", "todo", "absent", self._suggestion(actor))]

    def _suggestion(self, actor: Actor) -> Mapping[str, str]:
        return {"model": self.recommended_model(actor)}

    def _disk(self, values: Settings) -> SetupItem:
        free = shutil.disk_usage(self._data).free / GIGABYTE
        params = {"free_gb": round(free, 1), "least_gb": values.min_free_gb}
        return (
            SetupItem("disk", "ok", "enough", params) if free >= values.min_free_gb else SetupItem("disk", "todo", "low", params)
        )


def _wanted(values: Settings) -> tuple[str, ...]:
    return values.whisper_model, values.device, values.compute_type


def _device(probe: Probe | None) -> SetupItem:
    if probe is None:
        return SetupItem("device", "working", "probing")
    if not probe.tried:
        return SetupItem("device", "warn", "untried", {"error": probe.reason})
    params = {"device": probe.device_name or probe.device, "compute_type": probe.compute_type, "reason": probe.reason}
    if probe.cuda_error and probe.device != "cuda":
        return SetupItem("device", "warn", "fallback", params | {"error": probe.cuda_error})
    return SetupItem("device", "ok", "cuda" if probe.device == "cuda" else "cpu", params)


def _speech_model(probe: Probe | None) -> SetupItem:
    if probe is None:
        return SetupItem("speech_model", "working", "probing")
    if probe.model_present:
        return SetupItem("speech_model", "ok", "present", {"model": probe.model})
    return SetupItem("speech_model", "warn", "absent", {"model": probe.model})
