"""What an error says can be written, sent and stored, whatever name stands in it."""

import json
import os
import sqlite3
from pathlib import Path

import pytest

from core.errors import DiskFull, MediaMissing, NotAudio


@pytest.mark.parametrize("name", [b"\xff.mp3", b"a\xed\xb0\x80", "été".encode("cp1252"), "声\N{DOG FACE}é".encode(), b""])
def test_any_file_name_can_stand_in_an_error(name: bytes, tmp_path: Path) -> None:
    text = os.fsdecode(name)
    for error in (NotAudio(f"{text} is not audio.", name=text, size=1), DiskFull(text), MediaMissing("", path=text)):
        said = json.dumps(error.to_dict(), ensure_ascii=False)
        (tmp_path / "note").write_text(f"{error} {said}", encoding="utf-8")
        sqlite3.connect(":memory:").execute("SELECT ?", [error.detail])
        assert error.detail


def test_a_name_that_can_be_written_stands_there_as_it_is() -> None:
    error = NotAudio("声\N{DOG FACE}é.mp3 is not audio.", name="声\N{DOG FACE}é.mp3")
    assert error.detail == "声\N{DOG FACE}é.mp3 is not audio." and error.params == {"name": "声\N{DOG FACE}é.mp3"}
