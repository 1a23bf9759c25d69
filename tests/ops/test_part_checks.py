"""The verdicts on single parts: one that nobody misses passes; one that is needed warns or fails, and says what to do."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from core.domain.notes.ollama_state import InstalledModel, OllamaState
from core.errors import BackupNoRoom
from core.ops import part_checks
from core.speech.request import Probe
from tests.accounts_fixture import Household
from tests.new_database import new_database
from tests.ops.backup import library
from tests.ops.test_health import EN, ZH


def test_ollama_is_missed_only_when_it_is_wanted() -> None:
    away = OllamaState(None, "", (), None, "", (("http://127.0.0.1:11434", "no connection"),))
    empty = OllamaState("http://h", "0.13.0", (), None, "qwen3:4b", ())
    there = OllamaState("http://h", "0.13.0", (InstalledModel("qwen3:4b"),), "qwen3:4b", "", ())
    assert part_checks.ollama(away).status == "warn" and "no connection" in part_checks.ollama(away).output
    assert part_checks.ollama(away, wanted=False).status == "pass"
    assert part_checks.ollama(empty).status == "warn" and "qwen3:4b" in part_checks.ollama(empty).output
    assert part_checks.ollama(there).status == "pass"


def probe(**fields: object) -> Probe:
    return Probe(
        **(
            {"device": "cpu", "device_name": "CPU", "compute_type": "int8", "model": "small", "model_present": True, "reason": ""}
            | fields
        )
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("environ", "container", "status", "code"),
    [
        ({}, False, "pass", "local"),
        ({"HOST": "0.0.0.0"}, False, "warn", "set_up"),
        ({"HOST": "192.168.1.5"}, False, "warn", "set_up"),
        ({"OPEN_WITHOUT_LOGIN": "nobody"}, False, "warn", "set_up"),
        ({"HOST": "0.0.0.0", "OPEN_WITHOUT_LOGIN": "anyone"}, False, "pass", "anyone"),
        ({"OPEN_WITHOUT_LOGIN": "anyone"}, False, "pass", "local"),
        ({"HOST": "0.0.0.0", "PUBLISHED": "127.0.0.1"}, True, "pass", "local"),
        ({"HOST": "0.0.0.0", "PUBLISHED": "0.0.0.0"}, True, "warn", "set_up"),
        ({"HOST": "0.0.0.0"}, True, "warn", "set_up"),
    ],
)
def test_who_can_open_it_is_told(tmp_path: Path, environ: dict[str, str], container: bool, status: str, code: str) -> None:
    with closing(Household(tmp_path, container=container, **environ)) as home:
        found = part_checks.access(home.door)
        assert (found.status, found.code) == (status, code)
        home.settle_in()
        assert (part_checks.access(home.door).status, part_checks.access(home.door).code) == ("pass", "login")


@pytest.mark.parametrize("code", ["local", "set_up", "anyone", "login"])
@pytest.mark.parametrize("words", [EN, ZH])
def test_each_verdict_on_access_has_its_words(words: dict[str, str], code: str) -> None:
    assert "{" not in words[f"health.access.{code}"]


def test_a_card_that_cannot_be_used_is_told() -> None:
    assert part_checks.speech(None).status == "pass"
    assert part_checks.speech(probe()).status == "pass"
    assert part_checks.speech(probe(cuda_error="no NVIDIA driver was found")).status == "warn"  # the card was asked for
    bad = part_checks.speech(probe(cuda_error="libcublas.so.12 is missing", vram_total=8_000_000_000))
    assert bad.status == "warn" and "libcublas" in bad.output
    assert part_checks.speech(probe(model_present=False)).status == "warn"
    untried = part_checks.speech(probe(compute_type="", reason="the worker died", cuda_error="the worker died"))
    assert (untried.status, untried.code) == ("warn", "untried") and "the worker died" in untried.output


def test_what_the_kernel_cannot_hold_is_said_and_is_no_illness() -> None:
    found = {
        (files, calls): part_checks.confinement(files=files, calls=calls) for files in (True, False) for calls in (True, False)
    }
    assert {check.status for check in found.values()} == {"pass"}
    assert len({check.code for check in found.values()}) == 4
    assert "Landlock" in found[(False, True)].output and "network" in found[(True, False)].output


def test_a_dead_pipeline_is_unhealthy() -> None:
    assert part_checks.pipeline(True).status == "pass"
    assert part_checks.pipeline(False).status == "fail"


# --- backups ----------------------------------------------------------------------------------------


DAYS = 86_400.0


def test_a_nightly_backup_that_stays_away_is_a_warning(tmp_path: Path) -> None:
    data = tmp_path / "data"
    library.fill(data)
    backups = library.backups_of(data, now=1000.0 * DAYS)
    assert part_checks.backup(backups, True, 1000.0 * DAYS).code == "old"
    assert part_checks.backup(backups, True, 1.0 * DAYS).code == "first", "the library began on the first day of all"
    backups.create("nightly", media=False)
    assert [part_checks.backup(backups, True, day * DAYS).code for day in (1000.5, 1002.9, 1003.1)] == ["fresh", "fresh", "old"]
    assert part_checks.backup(backups, True, 1003.1 * DAYS).status == "warn"
    assert part_checks.backup(backups, False, 1003.1 * DAYS).code == "off"


def test_a_nightly_backup_that_failed_says_why(tmp_path: Path) -> None:
    data = tmp_path / "data"
    library.fill(data)
    backups = library.backups_of(data, now=1000.0 * DAYS)
    backups.nightly_error = BackupNoRoom("There is no room.")
    found = part_checks.backup(backups, True, 1000.0 * DAYS)
    assert (found.status, found.code) == ("warn", "failed") and "There is no room." in found.output


def test_a_library_without_anything_has_no_backup_to_miss(tmp_path: Path) -> None:
    new_database(tmp_path)
    assert part_checks.backup(library.backups_of(tmp_path), True, 1000.0 * DAYS).code == "empty"


def test_a_library_that_nothing_was_lost_from_is_whole(tmp_path: Path) -> None:
    data = tmp_path / "data"
    library.fill(data)
    backups = library.backups_of(data)
    backups.create("nightly", media=False)
    assert (part_checks.library(backups).status, part_checks.library(backups).code) == ("pass", "whole")
