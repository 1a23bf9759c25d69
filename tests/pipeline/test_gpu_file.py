"""The card among processes: locks in the data folder, and a process that is killed while it holds one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.pipeline.gpu_file import GpuFile
from core.settings import PROJECT
from tests.runner_fixture import until

HOLD = """
import sys, threading
from pathlib import Path
from core.pipeline.gpu_file import GpuFile
file = GpuFile(Path(sys.argv[1]))
print(file.take(), flush=True)
threading.Event().wait()
"""


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[GpuFile, GpuFile]]:
    first, second = GpuFile(tmp_path), GpuFile(tmp_path)
    yield first, second
    first.give()
    second.give()


def test_one_has_it_and_sees_that_another_waits(two: tuple[GpuFile, GpuFile]) -> None:
    first, second = two
    assert first.take() and first.take()
    assert not first.wanted()
    assert not second.take()
    assert first.wanted()
    second.give()
    assert not first.wanted()


def test_who_waits_has_it_before_who_just_gave_it_back(two: tuple[GpuFile, GpuFile]) -> None:
    first, second = two
    assert first.take() and not second.take()
    first.give()
    assert not first.take()
    assert second.take() and not second.wanted()
    assert not first.take() and second.wanted()
    second.give()
    assert first.take()


def test_a_process_that_is_killed_frees_it(tmp_path: Path, two: tuple[GpuFile, GpuFile]) -> None:
    mine, _ = two
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], cwd=PROJECT, stdout=subprocess.PIPE) as other:
        assert other.stdout and other.stdout.readline() == b"True\n"
        assert not mine.take()
        other.kill()
    until(mine.take)


def test_where_no_file_can_be_locked_it_is_used_alone(tmp_path: Path) -> None:
    file = GpuFile(tmp_path / "gone")
    assert file.take() and not file.wanted()
