"""Settings that contradict each other."""

from __future__ import annotations

import pytest

from core.ops.doctor import conflicts
from core.ops.doctor.finding import Patient
from tests.ops.doctor.conftest import MakePatient, codes


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"open_to_network": "true", "host": "127.0.0.1"}, "settings.open_but_local"),
        ({"env": "production", "whisper_model": "demo"}, "settings.demo_in_use"),
        ({"podcastindex_key": "x"}, "settings.index_half"),
        ({"notes_engine": "ollama", "ollama_model": "big-cloud", "ollama_remote_models": "false"}, "settings.remote_off"),
        ({"device": "cpu", "compute_type": "float16"}, "settings.floats_on_processor"),
        ({"min_free_gb": "0"}, "settings.no_room_kept"),
        ({"media_gb": "1", "min_free_gb": "2"}, "settings.unlimited_and_full"),
    ],
)
def test_a_contradiction_is_named(make: MakePatient, changes: dict[str, str], code: str) -> None:
    assert codes(conflicts.settings, make(**changes))[code].status == "warn"


def test_every_contradiction_is_shown_above(patient: Patient) -> None:
    assert len(conflicts.CONFLICTS) == 7
    assert set(codes(conflicts.settings, patient)) == {"settings.agree"}


def test_saved_settings_that_the_environment_overrides_are_told(filled: Patient, make: MakePatient) -> None:
    found = codes(conflicts.settings, make(backlog="5"))
    assert found["settings.hidden"].params == {"names": "backlog"} and found["settings.hidden"].status == "pass"
    assert "settings.hidden" not in codes(conflicts.settings, filled)
