"""The file with the token of commands: for its owner alone, and never written through a link."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from core.ops import console_token

TOKEN = "a-token"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


def test_it_is_read_by_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        console_token.write(tmp_path, TOKEN)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / console_token.NAME).stat().st_mode) == 0o600
    assert console_token.headers(tmp_path) == HEADERS


def test_one_that_others_could_read_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / console_token.NAME
    path.write_text("old", encoding="ascii")
    path.chmod(0o666)
    with path.open(encoding="ascii") as held:
        console_token.write(tmp_path, TOKEN)
        assert held.read() == "old", "who holds the old file open reads no new token"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_is_replaced_and_its_target_left(tmp_path: Path, exists: bool) -> None:
    target, data = tmp_path / "target", tmp_path / "data"
    data.mkdir()
    if exists:
        target.write_text("kept", encoding="ascii")
    (data / console_token.NAME).symlink_to(target)
    console_token.write(data, TOKEN)
    assert not (data / console_token.NAME).is_symlink()
    assert (target.read_text(encoding="ascii") if exists else target.exists()) == ("kept" if exists else False)


@pytest.mark.parametrize("content", [b"", b"  \n", b"\xff\xfe", "é".encode()])
def test_what_is_no_token_gives_no_header(tmp_path: Path, content: bytes) -> None:
    (tmp_path / console_token.NAME).write_bytes(content)
    assert console_token.headers(tmp_path) == {}


def test_without_a_file_there_is_no_header(tmp_path: Path) -> None:
    assert console_token.headers(tmp_path) == {}
    (tmp_path / console_token.NAME).mkdir()
    assert console_token.headers(tmp_path) == {}


def test_two_lines_make_no_second_header(tmp_path: Path) -> None:
    (tmp_path / console_token.NAME).write_bytes(b"a\r\nX-Other: b")
    assert console_token.headers(tmp_path) == {}
