"""The speech models that the settings offer: each with its size, its quality, and its time on this computer.

catalogue, folders on the disk ─┬─▶ offered()      transcription runs ─▶ median factor by model ─▶ measured, or expected
the probe's device and choice ──┘
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.domain.accounts.actor import Actor
from core.domain.episodes.statistics import TranscriptionRun, median_factor
from core.services.settings.setup_checklist import SetupChecklist
from core.speech.models import catalogue
from core.speech.models.catalogue import BY_NAME, Quality
from core.speech.models.hardware import GraphicsCard, Hardware
from core.speech.models.model_choice import choose, find, is_whole
from core.speech.request import Probe
from core.store.db.database import Store
from core.store.library import transcription_runs

# The newest runs that count: a card or a driver may have changed since older ones.
RUNS = 200


@dataclass(frozen=True, slots=True)
class OfferedModel:
    """A speech model. `size`: bytes of its download, 0 if unknown. `quality` is "" if unknown.

    `factor` is its real-time factor here, None if it cannot be told; `measured` says whether it ran here, or is an estimate.
    """

    name: str
    size: int
    quality: Quality | str
    english_only: bool
    present: bool
    factor: float | None
    measured: bool


@dataclass(frozen=True, slots=True)
class SpeechModelOffer:
    """`automatic` is the model that `auto` chooses on this computer; "" while the probe runs."""

    models: tuple[OfferedModel, ...]
    automatic: str


class SpeechModels:
    """Safe to call from any thread."""

    def __init__(self, store: Store, checklist: SetupChecklist, data: Path) -> None:
        self._store = store
        self._checklist = checklist
        self._folder = data / "models"

    def offered(self, actor: Actor) -> SpeechModelOffer:
        """Return the models of the catalogue, then those in the folder of models that it does not list."""
        probe = self._checklist.speech(actor)
        device = probe.device if probe else "cpu"
        with self._store.snapshot() as db:
            factors = measured_factors(transcription_runs.newest(db, limit=RUNS), device)
        listed = [self._listed(name, device, factors) for name in BY_NAME]
        others = [
            OfferedModel(name, 0, "", english_only=name.endswith(".en"), present=True, factor=factors.get(name), measured=True)
            for name in sorted(self._others())
        ]
        return SpeechModelOffer((*listed, *others), automatic(probe))

    def _listed(self, name: str, device: str, factors: Mapping[str, float]) -> OfferedModel:
        model = BY_NAME[name]
        return OfferedModel(
            name,
            model.size,
            model.quality,
            model.english_only,
            present=find(name, self._folder) is not None,
            factor=factors.get(name) or catalogue.expected_factor(model, device, factors),
            measured=name in factors,
        )

    def _others(self) -> Iterable[str]:
        """Yield the folders of models that a person put there, by name; a hub's `owner--name` is `owner/name`."""
        for folder in self._folder.glob("*"):
            name = folder.name.replace("--", "/", 1)
            if name not in BY_NAME and not folder.name.endswith(".part") and is_whole(folder):
                yield name


def automatic(probe: Probe | None) -> str:
    if probe is None or not probe.tried:
        return ""
    card = GraphicsCard(probe.device_name, probe.vram_total, probe.vram_free, (0, 0)) if probe.device == "cuda" else None
    hardware = Hardware(probe.cpu_count, probe.memory, "", card)
    return choose(hardware, probe.device, probe.compute_type).model


def measured_factors(runs: Iterable[TranscriptionRun], device: str) -> dict[str, float]:
    """Return the median real-time factor of each model on a device, of runs that took time."""
    by_model: dict[str, list[TranscriptionRun]] = defaultdict(list)
    for run in runs:
        if run.device == device and run.wall_seconds > 0 and run.duration > 0:
            by_model[run.model].append(run)
    return {name: factor for name, of in by_model.items() if (factor := median_factor(of)) is not None}
