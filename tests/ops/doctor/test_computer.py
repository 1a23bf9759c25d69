"""The computer: kernel, versions, memory, limits, clock, port."""

from __future__ import annotations

import os
import resource
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from core.ops.doctor import computer
from core.ops.doctor.finding import Patient
from tests.ops.doctor.conftest import PROBE, MakePatient, codes


def kernel(folder: Path, **files: str) -> Path:
    """Return a folder like /proc."""
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.mark.parametrize(
    ("release", "container", "code"),
    [
        ("4.4.0-19041-Microsoft", False, "environment.wsl1"),
        ("6.6.87.2-microsoft-standard-WSL2", True, "environment.wsl2"),
        ("6.1.0-31-amd64", True, "environment.container"),
        ("6.1.0-31-amd64", False, "environment.plain"),
    ],
)
def test_the_kernel_tells_where_it_runs(make: MakePatient, tmp_path: Path, release: str, container: bool, code: str) -> None:
    proc = kernel(tmp_path / "proc", sys__kernel__osrelease=release)
    assert list(codes(computer.environment, make(proc=proc, container=container))) == [code]


def test_versions_name_each_package(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {(each.code, each.params.get("name")): each for each in computer.versions(patient)}
    assert {("versions.package", name) for name in computer.PACKAGES} <= said.keys()
    monkeypatch.setattr(computer, "PACKAGES", ("no-such-package",))
    monkeypatch.setattr(computer.shutil, "which", lambda name: None if name == "ffprobe" else "/usr/bin/ffmpeg")
    monkeypatch.setattr(computer.web_page, "installed", lambda: False)
    found = codes(computer.versions, patient)
    assert found["versions.package_missing"].status == "fail"
    assert found["versions.no_ffmpeg"].params == {"missing": "ffprobe"}
    assert found["versions.no_ytdlp"].status == "pass"


@pytest.mark.parametrize(("version", "code"), [("3.51.2", "versions.sqlite_race"), ("3.51.3", "versions.sqlite")])
def test_the_race_of_sqlite_is_known(patient: Patient, monkeypatch: pytest.MonkeyPatch, version: str, code: str) -> None:
    monkeypatch.setattr(computer.census, "version", lambda: version)
    assert code in codes(computer.versions, patient)


def test_a_model_that_is_too_large_for_the_memory_is_named(make: MakePatient, tmp_path: Path) -> None:
    proc = kernel(tmp_path / "proc", meminfo="MemTotal:        4000000 kB\n")
    large = make(proc=proc, sys=tmp_path, probe=lambda: replace(PROBE, model="large-v3"))
    found = codes(computer.memory, large)["memory.small"]
    assert found.status == "warn" and found.params["model"] == "large-v3" and found.params["memory"] == "3.8"
    assert "memory.enough" in codes(computer.memory, make(proc=proc, sys=tmp_path))


def test_the_limit_of_a_container_counts(make: MakePatient, tmp_path: Path) -> None:
    kernel(tmp_path, meminfo="MemTotal:        4000000 kB\n", fs__cgroup__memory__max="")
    (tmp_path / "fs" / "cgroup" / "memory.max").write_text("1073741824\n")
    assert computer.total_memory(make(proc=tmp_path, sys=tmp_path)) == 1 << 30
    (tmp_path / "fs" / "cgroup" / "memory.max").write_text("max\n")
    assert computer.total_memory(make(proc=tmp_path, sys=tmp_path)) == 4_000_000 * 1024


def test_room_is_that_of_bytes_and_of_files(make: MakePatient, filled: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "disk.low" in codes(computer.disk, make(min_free_gb=10**9))
    monkeypatch.setattr(computer, "LEAST_INODES", 2**63)
    assert ("disk.inodes" in codes(computer.disk, filled)) == bool(os.statvfs(filled.data).f_files)


def test_low_limits_are_named(make: MakePatient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = make(proc=kernel(tmp_path / "proc", sys__fs__inotify__max_user_watches="100"))
    monkeypatch.setattr(computer.resource, "getrlimit", lambda _: (256, 256))
    assert set(codes(computer.limits, few)) == {"limits.files", "limits.watches"}
    monkeypatch.setattr(computer.resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert set(codes(computer.limits, few)) == {"limits.watches"}
    assert set(codes(computer.limits, make(proc=tmp_path / "none"))) == {"limits.enough"}


def test_a_clock_that_was_set_back_is_seen_by_the_rows(filled: Patient) -> None:
    assert set(codes(computer.clock, filled)) == {"clock.right"}
    assert set(codes(computer.clock, replace(filled, now=1000.0))) == {"clock.unset"}


def test_rows_of_the_future_are_counted_in_minutes(filled: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(computer.census, "newest", lambda _: filled.now + 7200)
    found = codes(computer.clock, filled)["clock.behind"]
    assert found.status == "warn" and found.params["minutes"] == 120
    monkeypatch.setattr(computer.census, "newest", lambda _: filled.now + 60)
    assert "clock.right" in codes(computer.clock, filled)


def test_a_port_that_another_program_holds_is_named_with_it(make: MakePatient) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        busy = make(port=taken.getsockname()[1], host="127.0.0.1")
        found = codes(computer.port, busy)["port.taken"]
        assert found.status == "fail" and str(os.getpid()) in str(found.params["by"])
        busy.data.mkdir()
        (busy.data / ".lock").write_text(str(os.getpid()))
        assert set(codes(computer.port, busy)) == {"port.server"}
        assert set(codes(computer.port, replace(busy, serving=True))) == {"port.ours"}
    assert set(codes(computer.port, busy)) == {"port.free"}


def test_an_address_of_another_computer_is_refused(make: MakePatient) -> None:
    assert codes(computer.port, make(host="192.0.2.1"))["port.refused"].status == "fail"
