from __future__ import annotations

import json
import subprocess
from datetime import datetime
from pathlib import Path

import pytest

from core import settings
from core.domain.notes.ollama_state import OllamaState
from core.errors import BackupNoRoom
from core.ops import health, part_checks
from core.ops.health import Check, Health
from core.speech.request import Probe
from core.store.db.database import Store
from tests.ops.backup import library
from tests.store.db.mounts import foreign_mount

PAGES = Path(__file__).resolve().parents[2] / "pages" / "text"
EN, ZH = (json.loads((PAGES / f"{language}.json").read_text(encoding="utf-8")) for language in ("en", "zh"))

PASS, WARN = Check("pass", "fine", "fine"), Check("warn", "so so", "so_so", {"n": 1})


def broken() -> Check:
    raise OSError("the disk is gone")


def test_the_report_has_the_shape_of_the_contract() -> None:
    report = Health({"one": lambda: PASS}, version="1.2.3").report()
    assert list(report) == ["status", "timestamp", "uptime", "version", "checks"]
    assert (report["status"], report["version"]) == ("healthy", "1.2.3")
    assert datetime.fromisoformat(report["timestamp"]).utcoffset() is not None
    assert report["uptime"] >= 0
    assert list(report["checks"]["one"]) == ["status", "output", "duration", "code", "params"]
    assert report["checks"]["one"]["duration"] >= 0
    assert (report["checks"]["one"]["code"], report["checks"]["one"]["params"]) == ("fine", {})


def test_a_warning_degrades() -> None:
    assert Health({"a": lambda: PASS, "b": lambda: WARN}).report()["status"] == "degraded"


def test_a_check_that_raises_is_a_fail_and_the_others_still_run() -> None:
    report = Health({"a": broken, "b": lambda: WARN}).report()
    assert report["status"] == "unhealthy"
    assert report["checks"]["a"]["status"] == "fail" and "the disk is gone" in report["checks"]["a"]["output"]
    assert report["checks"]["a"]["code"] == "error" and "the disk is gone" in report["checks"]["a"]["params"]["error"]
    assert report["checks"]["b"]["output"] == "so so"


def test_no_checks_are_healthy() -> None:
    assert Health({}).report()["status"] == "healthy"


def test_the_database_is_read(tmp_path: Path) -> None:
    store = Store(tmp_path / "castmind.db")
    store.open()
    assert health.database(store) == Check("pass", "0 episodes", "readable", {"count": 0})
    store.close()


def test_a_database_that_is_not_there_fails(tmp_path: Path) -> None:
    report = Health({"database": lambda: health.database(Store(tmp_path / "none.db"))}).report()
    assert report["checks"]["database"]["status"] == "fail"


def test_a_disk_with_too_little_room_warns(tmp_path: Path) -> None:
    assert health.disk(tmp_path, 0).status == "pass"
    assert health.disk(tmp_path, 1e9).status == "warn"


@pytest.mark.parametrize("name", ["uploads", "media", "inbox"])
def test_a_disk_of_its_own_for_audio_warns_too(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    assert health.disk(tmp_path, 0.01).status == "pass"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=5m", "tmpfs", str(tmp_path / name)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"cannot mount a small disk: {mounted.stderr.strip()}")
    try:
        check = health.disk(tmp_path, 0.01)
        assert (check.status, check.code, check.params["folder"]) == ("warn", "low_in", name) and name in check.output
        assert health.disk(tmp_path, 0.001).status == "pass"
    finally:
        subprocess.run(["umount", str(tmp_path / name)], check=True)


UBUNTU, WSL2 = "6.8.0-45-generic\n", "5.15.153.1-microsoft-standard-WSL2\n"


@pytest.mark.parametrize(
    ("kind", "kernel", "code"),
    [
        ("9p", UBUNTU, "foreign"),
        ("virtiofs", UBUNTU, "foreign"),
        ("fuse.sshfs", WSL2, "foreign"),
        ("nfs4", WSL2, "foreign"),
        ("9p", WSL2, "windows"),
        ("drvfs", WSL2, "windows"),
        ("virtiofs", WSL2, "windows"),
        ("ext4", WSL2, "local"),
    ],
)
def test_a_mount_of_another_kernel_warns_with_its_own_remedy(kind: str, kernel: str, code: str, tmp_path: Path) -> None:
    text = f"1 0 0:1 / / rw - ext4 /dev/sda rw\n2 1 0:2 / {tmp_path} rw - {kind} source rw\n"
    check = health.mount(tmp_path / "data", text, kernel)
    assert (check.status, check.code, check.params) == ("pass" if code == "local" else "warn", code, {"kind": kind})
    assert ("~/castmind" in check.output) == (code == "windows")


def test_a_link_into_such_a_mount_warns_too(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "real")
    text = f"1 0 0:1 / / rw - ext4 /dev/sda rw\n2 1 0:2 / {tmp_path}/real rw - cifs //nas/pods rw\n"
    assert health.mount(tmp_path / "data", text, UBUNTU).code == "foreign"


def test_a_real_foreign_mount_is_seen(tmp_path: Path) -> None:
    assert health.mount(tmp_path).status == "pass"
    with foreign_mount(tmp_path / "elsewhere") as point:
        assert health.mount(point).status == "warn"


def test_ollama_is_missed_only_when_it_is_wanted() -> None:
    away = OllamaState(None, "", (), None, "", (("http://127.0.0.1:11434", "no connection"),))
    empty = OllamaState("http://h", "0.13.0", (), None, "qwen3:4b", ())
    there = OllamaState("http://h", "0.13.0", ("qwen3:4b",), "qwen3:4b", "", ())
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
        ({"CASTMIND_HOST": "0.0.0.0"}, False, "warn", "network"),
        ({"CASTMIND_HOST": "192.168.1.5"}, False, "warn", "network"),
        ({"CASTMIND_HOST": "0.0.0.0", "CASTMIND_OPEN_TO_NETWORK": "true"}, False, "pass", "meant"),
        ({"CASTMIND_HOST": "0.0.0.0", "CASTMIND_PUBLISHED": "127.0.0.1"}, True, "pass", "local"),
        ({"CASTMIND_HOST": "0.0.0.0", "CASTMIND_PUBLISHED": "0.0.0.0"}, True, "warn", "network"),
        ({"CASTMIND_HOST": "0.0.0.0"}, True, "warn", "unknown"),
    ],
)
def test_a_port_that_others_reach_is_told(environ: dict[str, str], container: bool, status: str, code: str) -> None:
    found = part_checks.access(settings.load(environ=environ).values, container=container)
    assert (found.status, found.code) == (status, code)
    for words in (EN, ZH):
        assert "{" not in words[f"health.access.{code}"].format(**found.params)


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
