"""The safe fixes: they say what they do, do it once, and touch nothing else."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from core.ops.doctor import fixes, folders
from core.ops.doctor.examinations import EXAMINATIONS, examine
from core.ops.doctor.finding import Finding, Patient, bad, odd

FILES = [each for each in EXAMINATIONS if each.group == "files"]


def tree(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode) for path in sorted(folder.rglob("*"))}


@pytest.fixture
def ill(filled: Patient) -> Patient:
    """A data folder with an open key, an old part, and missing folders."""
    (filled.data / "secret.key").write_text("key")
    (filled.data / "secret.key").chmod(0o644)
    part = filled.data / "exports" / "big.zip.part"
    part.write_text("half")
    os.utime(part, (filled.now - 2 * folders.LEAST_AGE,) * 2)
    return filled


def never() -> None:
    raise AssertionError("the index is not to be rebuilt")


def test_a_dry_run_says_the_same_and_changes_nothing(ill: Patient) -> None:
    before, found = tree(ill.data), examine(ill, examinations=FILES)
    would = fixes.apply(found, ill, never, dry=True)
    assert tree(ill.data) == before
    assert fixes.apply(found, ill, never) == would and {deed.code for deed in would} == {"secret_modes", "folders", "parts"}


def test_fixes_mend_what_was_found_and_nothing_else(ill: Patient) -> None:
    before = tree(ill.data)
    fixes.apply(examine(ill, examinations=FILES), ill, never)
    after = tree(ill.data)
    assert after["secret.key"] == 0o600 and "inbox" in after
    assert before.keys() - after.keys() == {"exports/big.zip.part"}
    assert not any(each.fix for each in examine(ill, examinations=FILES))
    assert fixes.apply([odd("a", fix=name) for name in ("secret_modes", "folders", "parts")], ill, never) == []


def test_one_fix_alone_and_the_index(ill: Patient) -> None:
    rebuilt: list[int] = []
    found: list[Finding] = [bad("database.index", fix="index"), odd("x", fix="folders"), bad("database.index", fix="index")]
    deeds = fixes.apply(found, ill, lambda: rebuilt.append(1), only="index")
    assert rebuilt == [1] and [deed.code for deed in deeds] == ["index"] and not (ill.data / "inbox").exists()
    with pytest.raises(KeyError):
        fixes.apply([odd("x", fix="unknown")], ill, never)


def test_a_key_of_another_user_is_left(ill: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixes.os, "getuid", lambda: 4242)
    assert fixes.secret_modes(ill, dry=False) == []
