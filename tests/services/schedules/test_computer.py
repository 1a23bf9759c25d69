"""What is seen of a computer: a /proc and programs of the test's own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.services.schedules.computer import Computer


def process(proc: Path, number: int, comm: str, *command: str, parent: int = 1) -> None:
    folder = proc / str(number)
    folder.mkdir(parents=True)
    (folder / "stat").write_text(f"{number} ({comm}) S {parent} 1 1 0", encoding="utf-8")
    (folder / "comm").write_text(f"{comm}\n", encoding="utf-8")
    (folder / "cmdline").write_text("".join(f"{part}\0" for part in command), encoding="utf-8")


def program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (folder / name).chmod(0o755)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in front of PATH."""
    folder = tmp_path / "bin"
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


def test_programs_are_found_by_their_own_name_and_by_their_file(tmp_path: Path) -> None:
    proc = tmp_path / "proc"
    process(proc, 1, "systemd", "/sbin/init")
    process(proc, 20, "factorio-server", "/opt/factorio/bin/x64/Factorio")
    process(proc, 30, "Cyberpunk2077.e", "Z:\\games\\Cyberpunk 2077\\bin\\Cyberpunk2077.exe", "--skip")
    process(proc, 40, "kworker")
    process(proc, os.getpid(), "python", "/usr/bin/python")
    process(proc, 60, "our speech (1)", "/usr/bin/worker", parent=os.getpid())
    process(proc, 61, "ffmpeg", "/usr/bin/ffmpeg", parent=60)
    (proc / "meminfo").write_text("", encoding="utf-8")
    (proc / "50").mkdir()
    found = Computer(proc, container=False).programs()
    assert {"factorio", "factorio-server", "cyberpunk2077.exe", "kworker", "systemd"} <= found
    assert not found & {"python", "worker", "our speech (1)", "ffmpeg", ""}


def test_programs_of_windows_are_seen_under_wsl(tmp_path: Path, path: Path) -> None:
    (tmp_path / "proc").mkdir()
    rows = ('"Game, the.exe","4242","Console","1","1,024 K"', '"System","4","Services","0","8 K"')
    program(path, "tasklist.exe", "\n".join(f"printf '%s\\r\\n' '{row}'" for row in rows))
    assert Computer(tmp_path / "proc", container=False).programs() == {"game, the.exe", "system"}
    program(path, "tasklist.exe", "exit 1")
    assert Computer(tmp_path / "proc", container=False).programs() == frozenset()


@pytest.mark.parametrize(
    ("container", "first", "kernel", "seen"),
    [
        (False, "python", "", True),
        (False, "init", "5.15.90.1-microsoft-standard-WSL2", True),
        (True, "python", "", False),
        (True, "tini", "", False),
        (True, "systemd", "6.1.0-18-amd64", True),
        (True, "init", "5.15.49-linuxkit", False),
        (True, "systemd", "5.15.90.1-Microsoft-standard-WSL2", False),
        (True, None, "", False),
    ],
)
def test_a_container_of_its_own_or_in_a_virtual_machine_does_not_see_the_computer(
    tmp_path: Path, container: bool, first: str | None, kernel: str, seen: bool
) -> None:
    (tmp_path / "version").write_text(f"Linux version {kernel}", encoding="utf-8")
    if first is not None:
        process(tmp_path, 1, first, first)
    assert Computer(tmp_path, container=container).sees_the_host() is seen


def test_a_program_that_fails_is_told_once_until_it_answers(tmp_path: Path, path: Path, caplog: pytest.LogCaptureFixture) -> None:
    computer = Computer(tmp_path)
    for script in ("exit 9", "exit 9", "echo 5", "exit 9"):
        program(path, "nvidia-smi", script)
        computer.card_use()
    assert len(caplog.records) == 2


@pytest.mark.parametrize(
    ("script", "use"), [("echo 12; echo 87", 87), ("echo 0", 0), ("echo '[N/A]'", None), ("exit 9", None), ("echo", None)]
)
def test_the_use_of_the_busiest_card(tmp_path: Path, path: Path, script: str, use: int | None) -> None:
    program(path, "nvidia-smi", script)
    assert Computer(tmp_path).has_card() and Computer(tmp_path).card_use() == use


def test_without_a_card_nothing_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("core.services.schedules.computer.WSL_CARD", str(tmp_path / "nvidia-smi"))
    assert not Computer(tmp_path).has_card() and Computer(tmp_path).card_use() is None
