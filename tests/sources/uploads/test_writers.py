"""Who writes to a file is seen, in this process or another, by descriptor or by map; who reads it does not count."""

from __future__ import annotations

import mmap
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from core.sources.uploads.writers import _seen_writing, open_for_writing


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "talk.wav"
    path.write_bytes(bytes(8192))
    return path


@contextmanager
def process(path: Path, mode: str) -> Iterator[None]:
    code = f"f = open({str(path)!r}, {mode!r}); print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout and child.stdout.readline()
        yield


@contextmanager
def second_name(path: Path) -> Iterator[None]:
    os.link(path, path.with_name("other.wav"))
    with process(path.with_name("other.wav"), "r+b"):
        yield


@contextmanager
def mapped(path: Path) -> Iterator[None]:
    with path.open("r+b") as opened:
        view = mmap.mmap(opened.fileno(), 0)
    try:
        yield
    finally:
        view.close()


@pytest.mark.parametrize(
    ("how", "by"),
    [
        (lambda path: process(path, "ab"), True),
        (lambda path: process(path, "r+b"), True),
        (lambda path: path.open("ab"), True),
        (second_name, True),
        (mapped, True),
        (lambda path: process(path, "rb"), False),
        (lambda path: path.open("rb"), False),
    ],
)
def test_who_has_a_file_open_for_writing_is_seen(
    file: Path, how: Callable[[Path], AbstractContextManager[object]], by: bool
) -> None:
    assert open_for_writing(file) is False
    with how(file):
        assert open_for_writing(file) is by
        # Where no lease is to be had the descriptors tell the same, but for a map whose descriptor is closed.
        assert how is mapped or _seen_writing(file.stat(), Path("/proc")) is by
    assert open_for_writing(file) is False


def test_a_file_that_opens_in_the_middle_of_the_question_ends_nothing(file: Path) -> None:
    """A lease that is broken sends a signal, which would end the process were it the usual one."""
    code = "import sys\nwhile True: open(sys.argv[1], 'ab').close()"
    with subprocess.Popen([sys.executable, "-c", code, str(file)]) as child:
        try:
            answers = {open_for_writing(file) for _ in range(3000)}
        finally:
            child.kill()
    assert answers <= {True, False}


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_for_writing(tmp_path / "gone.wav")
