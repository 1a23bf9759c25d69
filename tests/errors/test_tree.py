"""An error's text can be printed, sent and stored, whatever file name it contains."""

import json
import os
import sqlite3
from pathlib import Path

import pytest

from core.errors import (
    Cancelled,
    CastMindError,
    Conflict,
    DiskFull,
    LeaseLost,
    MediaMissing,
    NotAudio,
    NotFound,
    ServerKeepsEnding,
    Stopped,
    UserError,
    from_dict,
)
from core.errors.tree import codes


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


@pytest.mark.parametrize("error", [MediaMissing("Gone.", path="a.mp3"), ServerKeepsEnding(times=3), Conflict()])
def test_a_stored_error_comes_back_in_its_own_class(error: CastMindError) -> None:
    again = from_dict(json.loads(json.dumps(error.to_dict())))
    assert (type(again), again.detail, again.params) == (type(error), error.detail, error.params)


def test_an_error_that_an_older_version_stored_is_the_root() -> None:
    again = from_dict({"code": "no_longer_there", "detail": "It said this.", "params": {}})
    assert (type(again), again.detail) == (CastMindError, "It said this.")


def test_an_error_without_words_says_its_docstring_and_else_its_code() -> None:
    assert Conflict().detail == "The thing is not in a state that allows this."
    assert NotFound().detail == "not_found"


def test_the_codes_of_a_kind_hold_those_below_it() -> None:
    assert {Cancelled.code, LeaseLost.code} < codes(Stopped)
    assert codes(Cancelled, LeaseLost) == {Cancelled.code, LeaseLost.code}
    assert UserError.code not in codes(Conflict)


def test_each_code_belongs_to_one_class() -> None:
    classes = [CastMindError]
    for cls in classes:
        classes += cls.__subclasses__()
    own = [cls.code for cls in classes if "code" in vars(cls) and cls.__module__.startswith("core.")]
    assert sorted(own) == sorted(set(own))
