"""A confined process tries forbidden actions and fails."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.running import PROJECT
from tests.sandbox.attempted import attempt


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


@pytest.mark.parametrize("what", ["thread", "read"])
def test_what_a_decoder_needs_still_works(what: str) -> None:
    assert attempt(what, PROJECT / "LICENSE").output == b"done"
