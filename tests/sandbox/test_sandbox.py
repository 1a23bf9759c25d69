"""What a confined process cannot do, tried by one, and how its end reaches the one who started it."""

from __future__ import annotations

import ctypes
import logging
import os
import platform
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

import pytest

from core.errors import Cancelled
from core.sandbox import Ended, Piped, follow, parent, run, seccomp
from tests.running import PROJECT


def attempt(what: str, argument: object = "", **more: object) -> Ended:
    return run("tests.sandbox.attempts", what, str(argument), **({"timeout": 60.0} | more))  # type: ignore[arg-type]


def test_it_reaches_no_server_even_on_this_computer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        assert attempt("connect", server.getsockname()[1]).output == b"PermissionError"
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize("what", ["datagram", "unix", "pair", "fork", "run", "spawn", "kill"])
def test_it_opens_no_socket_and_touches_no_process(what: str) -> None:
    assert attempt(what).output == b"PermissionError"


@pytest.mark.parametrize("what", ["write", "append", "update", "unlink", "rename", "truncate", "chmod", "mkdir", "symlink"])
def test_it_changes_no_file(what: str, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_text("as it was")
    mode = there.stat().st_mode
    assert attempt(what, there).output == b"PermissionError"
    assert [p.name for p in tmp_path.iterdir()] == ["there"]
    assert (there.read_text(), there.stat().st_mode) == ("as it was", mode)


def test_it_makes_no_new_file(tmp_path: Path) -> None:
    assert attempt("write", tmp_path / "new").output == b"PermissionError"
    assert list(tmp_path.iterdir()) == []


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


FILES = ["write", "append", "update", "unlink", "rename", "truncate", "mkdir"]


def keeping(what: str, folder: Path, path: Path) -> bytes:
    return run("tests.sandbox.attempts", what, str(folder), str(path), timeout=60.0).output


@pytest.mark.parametrize("what", FILES)
def test_one_that_keeps_files_does_so_in_its_folder_alone(what: str, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    inside, outside = folder / "there", tmp_path / "there"
    for path in (inside, outside):
        path.write_text("as it was")
    assert keeping(what, folder, inside) == b"done"
    if held_to_folders():
        assert keeping(what, folder, outside) == b"PermissionError"
        assert (outside.read_text(), sorted(p.name for p in tmp_path.iterdir())) == ("as it was", ["own", "there"])


def held_to_folders() -> bool:
    """Whether this kernel has Landlock."""
    return ctypes.CDLL(None).syscall(444, None, 0, 1) > 0


@pytest.mark.parametrize("what", ["datagram", "unix", "pair", "fork", "run", "spawn", "kill", "chmod", "symlink"])
def test_one_that_keeps_files_still_has_no_socket_and_no_process(what: str, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("")
    assert keeping(what, tmp_path, tmp_path / "there") == b"PermissionError"


def test_it_cannot_lift_its_limits() -> None:
    assert attempt("lift").output in (b"PermissionError", b"ValueError")


@pytest.mark.parametrize("what", ["thread", "read"])
def test_what_a_decoder_needs_still_works(what: str) -> None:
    assert attempt(what, PROJECT / "LICENSE").output == b"done"


def test_its_input_and_output_are_what_it_is_given() -> None:
    ended = attempt("echo", given=[b"0123456789"] * 9000)
    assert (ended.code, ended.output) == (0, b"9876543210" * 9000 + b"done")
    assert not ended.crashed and not ended.late


def test_memory_is_limited() -> None:
    assert attempt("grow").output == b"MemoryError"


def test_time_on_the_processor_is_limited_and_counts_as_a_crash() -> None:
    ended = attempt("spin")
    assert ended.crashed and not ended.late


def test_an_endless_answer_ends() -> None:
    ended = attempt("flood")
    assert len(ended.output) == 100_000


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


def test_a_kernel_without_filters_is_said_once_and_the_limits_hold(caplog: pytest.LogCaptureFixture) -> None:
    parent._warn.cache_clear()
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert attempt("unfiltered").output == b"MemoryError"
    assert sum("without a filter" in r.message for r in caplog.records) == 1
    parent._warn.cache_clear()


@pytest.mark.parametrize("what", ["unheld", "with threads"])
def test_one_that_is_not_held_to_its_files_is_said_once_and_still_writes_none(
    what: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    parent._warn.cache_clear()
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert attempt(what, tmp_path / "new").output == b"PermissionError"
    assert sum("not held to the files" in r.message for r in caplog.records) == 1
    parent._warn.cache_clear()


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


def test_an_architecture_without_a_list_is_no_reason_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "s390x")
    with pytest.raises(OSError, match="s390x"):
        seccomp.hold(pid=1)


@pytest.mark.parametrize("name", seccomp.ARCHITECTURES)
def test_the_filter_never_jumps_out_of_itself(name: str) -> None:
    """The kernel would refuse such a program; here it is read as the kernel reads it."""
    lines = list(struct.iter_unpack("HBBI", seccomp.program(seccomp.ARCHITECTURES[name], 7)))
    assert len(lines) < 4096
    for at, (_, if_so, if_not, _) in enumerate(lines):
        assert at + 1 + max(if_so, if_not) < len(lines) or lines[at][0] == 0x06
    assert lines[-1][0] == 0x06


def as_tool(*command: str, output: BinaryIO | None = None, reads: str = "") -> Ended:
    given = [str(1 << 30), "20", str(1 << 20), reads]
    return run("core.sandbox.tool", *given, *command, timeout=60.0, output=output)


def test_another_program_works_and_is_confined_too(tmp_path: Path) -> None:
    assert (
        as_tool("/bin/cat", str(PROJECT / "LICENSE"), reads=str(PROJECT / "LICENSE")).output == (PROJECT / "LICENSE").read_bytes()
    )
    refused = as_tool("/bin/bash", "-c", f"echo x > {tmp_path / 'new'}")
    assert refused.code != 0 and list(tmp_path.iterdir()) == []
    assert as_tool("/bin/bash", "-c", "/bin/true; echo done").output == b""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        assert as_tool("/bin/bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{server.getsockname()[1]}").code != 0
        with pytest.raises(BlockingIOError):
            server.accept()


def test_its_output_goes_to_a_file_and_no_further_than_the_limit(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as file:
        ended = as_tool("/bin/cat", "/dev/zero", output=file)
    assert (ended.output, (tmp_path / "out").stat().st_size) == (b"", 1 << 20)
    assert ended.code != 0
