"""The end of a confined process, as it reaches the one who started it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import Cancelled
from core.sandbox import Piped, follow
from tests.running import PROJECT
from tests.sandbox.attempted import attempt


def test_lines_are_heard_as_they_come_over_a_channel_that_is_given() -> None:
    ours, theirs = socket.socketpair()
    heard: list[bytes] = []

    def answer(line: bytes) -> None:
        heard.append(line)
        ours.sendall(b"cba\n") if len(heard) == 1 else ours.shutdown(socket.SHUT_RDWR)

    with ours, theirs:
        ours.sendall(b"olleh\n")
        ended = follow("tests.sandbox.attempts", "talk", channel=theirs.fileno(), heard=answer, timeout=60.0)
    assert heard[:2] == [b"hello", b"abc"]
    assert ended.code == 0 and not ended.late


def test_a_line_without_an_end_is_not_listened_to() -> None:
    heard: list[bytes] = []
    with Path("/dev/null").open() as nothing:
        ended = follow("tests.sandbox.attempts", "flood", channel=nothing.fileno(), heard=heard.append, timeout=60.0)
    assert heard == []
    # Killed, or gone by itself when nobody read on.
    assert ended.code != 0


def test_its_input_and_output_are_what_it_is_given() -> None:
    ended = attempt("echo", given=[b"0123456789"] * 9000)
    assert (ended.code, ended.output) == (0, b"9876543210" * 9000 + b"done")
    assert not ended.crashed and not ended.late


def test_a_crash_is_told_apart_from_a_failure() -> None:
    assert attempt("abort").crashed
    assert not attempt("no such attempt").crashed


def test_what_takes_too_long_is_ended() -> None:
    ended = attempt("sleep", timeout=0.001)
    assert ended.late and ended.code == -9 and not ended.crashed


def test_whoever_waits_can_end_it() -> None:
    asked: list[int] = []

    def check() -> None:
        asked.append(1)
        if len(asked) > 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        attempt("sleep", check=check)


def test_it_does_not_outlive_the_server(tmp_path: Path) -> None:
    """A middleman starts it and is killed; the kernel ends it too, and so closes the pipe that it holds."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    program = "import sys; from core.sandbox import run; run('tests.sandbox.outliving', sys.argv[1], timeout=600.0)"
    middleman = subprocess.Popen([sys.executable, "-c", program, str(pipe)], cwd=PROJECT)
    with pipe.open("rb") as held:
        assert held.readline() == b"started\n"
        middleman.kill()
        middleman.wait()
        assert held.read() == b""


def test_one_can_be_spoken_to_while_it_works() -> None:
    talking = Piped("tests.sandbox.attempts", "talk")
    talking.stdin.write(b"one\n")
    talking.stdin.flush()
    assert talking.stdout.readline() == b"eno\n"
    talking.stdin.close()
    assert talking.stdout.read() == b"done"
    assert talking.ended().code == 0


def test_one_that_is_not_wanted_any_more_is_ended() -> None:
    talking = Piped("tests.sandbox.attempts", "talk")
    assert talking.close().code == -9
    assert talking.close().code == -9
