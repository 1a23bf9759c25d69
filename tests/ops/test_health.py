from __future__ import annotations

import json
import sqlite3
import subprocess
import threading
from datetime import datetime
from pathlib import Path

import pytest

from core.ops import health
from core.ops.health import Check, Health
from core.store.db.database import Store
from tests.runner_fixture import until
from tests.store.db.mounts import foreign_mount

PAGES = Path(__file__).resolve().parents[2] / "pages" / "text"
EN, ZH = (json.loads((PAGES / f"{language}.json").read_text(encoding="utf-8")) for language in ("en", "zh"))

PASS, WARN = Check("pass", "fine", "fine"), Check("warn", "so so", "so_so", {"n": 1})


def broken() -> Check:
    raise OSError("the disk is gone")


def test_the_report_has_the_shape_of_the_contract() -> None:
    report = Health({"one": lambda: PASS}, version="1.2.3").report()
    assert list(report) == ["status", "timestamp", "uptime", "version", "checks", "works"]
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


def test_what_is_not_set_up_is_not_looked_at_until_it_is() -> None:
    left_out = {"b"}
    one = Health({"a": lambda: PASS, "b": broken}, left_out=lambda: left_out)
    assert one.report()["checks"].keys() == {"a"}
    left_out.clear()
    assert one.report()["checks"]["b"]["code"] == "error"


def test_a_check_that_hangs_fails_within_its_time_and_holds_up_no_other() -> None:
    freed = threading.Event()

    def hangs() -> Check:
        freed.wait(30.0)
        return PASS

    one = Health({"stuck": hangs, "well": lambda: PASS}, seconds=0.05)
    try:
        for _ in range(3):
            checks = one.report()["checks"]
            assert (checks["stuck"]["status"], checks["stuck"]["code"]) == ("fail", "hangs")
            assert checks["well"]["status"] == "pass"
        assert sum(1 for thread in threading.enumerate() if thread.name == "check-stuck") == 1
    finally:
        freed.set()
    until(lambda: one.report()["status"] == "healthy")


def test_a_part_that_nobody_needs_warns_at_worst() -> None:
    report = Health({"a": broken, "b": lambda: PASS}, optional={"a"}).report()
    assert report["status"] == "degraded" and report["checks"]["a"]["status"] == "warn"
    assert Health({"a": lambda: PASS}, optional={"a"}).report()["status"] == "healthy"


def test_the_report_says_what_still_works() -> None:
    away = Health({"disk": lambda: WARN}).report()["works"]
    assert away["code"] == "some" and "upload" not in away["works"]
    assert Health({"ollama": lambda: PASS}).report()["works"]["code"] == "all"


def test_a_lock_that_another_program_holds_is_told_within_the_time_of_a_check(tmp_path: Path) -> None:
    """Also where who asks would wait longer, or for ever."""
    store = Store(tmp_path / "castmind.db")
    store.open()
    try:
        other = sqlite3.connect(store.path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        store.standing.written_at = 0.0
        checks = {"database": lambda: health.database(store), "writes": lambda: health.writes(store)}
        found = Health(checks).found()
        assert all(check.code != health.HANGS for check, _ in found.values())
        assert found["writes"][0].status == "fail" or found["writes"][0].code == "busy"
        other.execute("ROLLBACK")
        other.close()
    finally:
        store.close()


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


def test_a_disk_that_went_away_fails(tmp_path: Path) -> None:
    """As after an unmount: the folder is there, on another file system, or it is gone."""
    assert health.mount(tmp_path, device=health.device_of(tmp_path)).status == "pass"
    assert health.mount(tmp_path, device=-1).code == "away"
    assert health.mount(tmp_path / "gone", device=health.device_of(tmp_path)).status == "fail"


def test_a_real_foreign_mount_is_seen(tmp_path: Path) -> None:
    assert health.mount(tmp_path).status == "pass"
    with foreign_mount(tmp_path / "elsewhere") as point:
        assert health.mount(point).status == "warn"
