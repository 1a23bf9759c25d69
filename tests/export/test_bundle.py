from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.export.bundle import ArchiveEntry, Names, safe_stem, zipped

NOW = datetime(2026, 1, 31, 12, 0, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("Plain title", "Plain title"),
        ('a<b>:"c"/\\|?*d', "a b c d"),
        ("../../etc/passwd", "etc passwd"),
        ("ends. . ", "ends"),
        ("NUL", "NUL_"),
        ("com1.txt", "com1.txt_"),
        ("第七期：经济", "第七期：经济"),
        ("tab\there\u202e\x00", "tab here"),
        ("...", "episode"),
        ("", "episode"),
        ("x" * 500, "x" * 120),
        ("经" * 500, "经" * 40),
    ],
)
def test_names_are_what_every_system_takes(title: str, stem: str) -> None:
    assert safe_stem(title) == stem


def test_a_name_is_given_once_whatever_its_case() -> None:
    names = Names()
    assert [names.stem(t) for t in ("Talk", "talk", "TALK", "Talk (2)", "Über", "U\u0308ber")] == [
        "Talk",
        "talk (2)",
        "TALK (3)",
        "Talk (2) (2)",
        "Über",
        "Über (2)",
    ]


def test_unzip_reads_what_was_streamed(tmp_path: Path) -> None:
    entries = [ArchiveEntry("第七期.txt", "经济".encode()), ArchiveEntry("b.pdf", b"x" * 1000, packed=True)]
    path = tmp_path / "all.zip"
    path.write_bytes(b"".join(zipped(entries, now=NOW)))
    tested = subprocess.run(["unzip", "-t", path], capture_output=True, text=True, check=True).stdout
    assert "No errors detected" in tested
    subprocess.run(["unzip", "-q", path, "-d", tmp_path / "out"], check=True)
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["b.pdf", "第七期.txt"]


def test_an_entry_is_sent_before_the_next_is_made() -> None:
    made: list[str] = []

    def entries() -> Iterator[ArchiveEntry]:
        for name in ("a", "b"):
            made.append(name)
            yield ArchiveEntry(name, b"content")

    pieces = zipped(entries(), now=NOW)
    assert next(pieces).startswith(b"PK")
    assert made == ["a"]


def test_no_entries_make_an_empty_zip() -> None:
    assert b"".join(zipped([], now=NOW)).startswith(b"PK\x05\x06")
