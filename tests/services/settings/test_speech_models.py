"""The speech models that the settings offer, of a real library and folder, with a probe of this computer."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.episodes.statistics import TranscriptionRun
from core.services.settings.setup_checklist import SetupChecklist
from core.services.settings.speech_models import OfferedModel, SpeechModels, automatic, measured_factors
from core.speech.request import Probe
from core.store.db.database import Store
from core.store.db.sqlite import Database

GB = 1 << 30


def probe(device: str = "cpu", *, cores: int = 4, memory: int = 16 * GB, vram: int = 0) -> Probe:
    compute_type = "float16" if device == "cuda" else "int8"
    return Probe(device, "", compute_type, "demo", True, "", vram_total=vram, cpu_count=cores, memory=memory)


class Checklist:
    """Only the probe is asked of it."""

    def __init__(self, found: Probe | None) -> None:
        self.found = found

    def speech(self, _actor: object) -> Probe | None:
        return self.found


def offered(store: Store, folder: Path, found: Probe | None) -> dict[str, OfferedModel]:
    models = SpeechModels(store, cast(SetupChecklist, Checklist(found)), folder)
    return {model.name: model for model in models.offered(OWNER).models}


def put_model(folder: Path) -> None:
    folder.mkdir(parents=True)
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.json"):
        (folder / name).write_text("{}")


def ran(store: Store, model: str, device: str, factor: float) -> None:
    def write(db: Database) -> None:
        db.execute(
            "INSERT INTO transcriptions (episode_id, finished_at, duration, wall_seconds, model, device, compute_type) "
            "VALUES (NULL, 1.0, 100.0, ?, ?, ?, 'int8')",
            [100.0 * factor, model, device],
        )

    store.write(write)


def test_nothing_has_run_yet(store: Store, tmp_path: Path) -> None:
    models = offered(store, tmp_path, probe())
    assert models["base"].factor is None and not models["base"].present and models["base"].size > 0
    assert models["base.en"].english_only


def test_what_ran_here_is_measured_and_the_rest_estimated_on_the_same_device(store: Store, tmp_path: Path) -> None:
    for factor in (0.1, 0.3, 0.2):
        ran(store, "base", "cpu", factor)
    ran(store, "base", "cuda", 0.01)
    models = offered(store, tmp_path, probe())
    assert models["base"].measured and models["base"].factor == pytest.approx(0.2)
    assert not models["small"].measured and models["small"].factor == pytest.approx(0.66)


def test_folders_of_models_are_present_and_unknown_ones_listed_too(store: Store, tmp_path: Path) -> None:
    put_model(tmp_path / "models" / "small")
    put_model(tmp_path / "models" / "somebody--whisper-cantonese")
    put_model(tmp_path / "models" / "medium.part")
    models = offered(store, tmp_path, probe())
    assert models["small"].present and not models["medium"].present
    assert models["somebody/whisper-cantonese"].present and models["somebody/whisper-cantonese"].quality == ""
    assert "medium.part" not in models


def test_before_the_probe_has_ended_everything_is_offered(store: Store, tmp_path: Path) -> None:
    assert "base" in offered(store, tmp_path, None)


@pytest.mark.parametrize(
    ("found", "model"),
    [
        (None, ""),
        (probe(), "small"),
        (probe(cores=2), "base"),
        (probe("cuda", vram=12 * GB), "large-v3-turbo"),
        (Probe("cpu", "", "", "demo", False, "not tried"), ""),
    ],
)
def test_automatic_is_told_for_this_computer(found: Probe | None, model: str) -> None:
    assert automatic(found) == model


def test_runs_that_took_no_time_do_not_count() -> None:
    run = TranscriptionRun(1.0, 100.0, 0.0, "base", "cpu", "int8")
    assert measured_factors([run], "cpu") == {}
