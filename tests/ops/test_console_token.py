"""The token that the running server leaves for commands: new at each start, for nobody else's eyes."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.ops import console_token


def test_only_its_owner_can_read_it_and_each_start_makes_another(tmp_path: Path) -> None:
    for token in ("first", "second"):
        console_token.write(tmp_path, token)
        path = tmp_path / console_token.NAME
        assert path.stat().st_mode & 0o777 == 0o600
        assert console_token.headers(tmp_path) == {"Authorization": f"Bearer {token}"}


def test_a_link_that_was_put_there_is_replaced_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("kept")
    (tmp_path / console_token.NAME).symlink_to(elsewhere)
    console_token.write(tmp_path, "token")
    assert elsewhere.read_text() == "kept" and not (tmp_path / console_token.NAME).is_symlink()


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff\xfe", "ключ".encode()])
def test_without_a_token_there_are_no_headers(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / console_token.NAME).write_bytes(content)
    assert console_token.headers(tmp_path) == {}
