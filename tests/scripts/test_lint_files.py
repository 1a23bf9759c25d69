"""scripts/lint-files finds shell scripts by their first line, also those that are not added yet, and Dockerfiles by name."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / "scripts").mkdir()
    shutil.copy(PROJECT / "scripts" / "lint-files", tmp_path / "scripts")
    (tmp_path / ".venv").symlink_to(PROJECT / ".venv")
    (tmp_path / ".gitignore").write_text(".venv\n/build/\n")
    return tmp_path


def lint(clone: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([clone / "scripts" / "lint-files"], capture_output=True, text=True, check=False)


def test_what_is_in_order_passes_and_is_counted(clone: Path) -> None:
    (clone / "go").write_text('#!/usr/bin/env bash\nset -euo pipefail\necho "$1"\n')
    (clone / "Dockerfile").write_text('FROM debian:12\nCMD ["true"]\n')
    ended = lint(clone)
    assert (ended.returncode, ended.stdout) == (0, "Linted: shell scripts 2, Dockerfiles 1\n"), ended.stdout + ended.stderr


def test_a_fault_in_a_shell_script_fails(clone: Path) -> None:
    (clone / "go").write_text("#!/bin/sh\nrm -rf $1/*\n")
    ended = lint(clone)
    assert ended.returncode != 0
    assert "SC2086" in ended.stdout


@pytest.mark.parametrize(("text", "rule"), [("FROM debian\n", "DL3006"), ("FROM debian:latest\n", "DL3007")])
def test_a_fault_in_a_dockerfile_fails(clone: Path, text: str, rule: str) -> None:
    (clone / "Dockerfile").write_text(text)
    ended = lint(clone)
    assert ended.returncode != 0
    assert rule in ended.stdout


def test_what_git_ignores_and_what_is_no_shell_script_is_left_alone(clone: Path) -> None:
    (clone / "build").mkdir()
    (clone / "build" / "go").write_text("#!/bin/sh\nrm -rf $1/*\n")
    (clone / "page.py").write_text("#!/usr/bin/env python3\nx = $1\n")
    (clone / "picture").write_bytes(b"\x89PNG\x00\xff")
    assert lint(clone).returncode == 0
