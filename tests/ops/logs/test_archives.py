from __future__ import annotations

import gzip
import logging
from pathlib import Path

import pytest

from core.domain.log_kinds import LogKind
from core.ops.logs import archives, log_index
from core.ops.logs.archives import LogArchive
from core.ops.logs.log_files import ARCHIVE

DAY = 86_400.0
NOW = 1_800_000_000.0


def old(kind: LogKind, days: float, size: int = 10) -> LogArchive:
    return LogArchive(Path(f"{kind}-{days}"), kind, NOW - days * DAY, size)


def test_age_takes_each_kind_by_its_own_days_and_the_budget_takes_the_oldest() -> None:
    files = [
        old(LogKind.ACCESS, 1, 60),
        old(LogKind.SYSTEM, 2, 30),
        old(LogKind.ACCESS, 3, 20),
        old(LogKind.APPLICATION, 31),
        old(LogKind.AUDIT, 300, 1000),
        old(LogKind.AUDIT, 400),
    ]
    gone = archives.going(files, now=NOW, days=30, audit_days=365, most_bytes=100)
    assert [each.path.name for each in gone] == ["access-3", "application-31", "audit-400"]
    assert archives.going(files[:3], now=NOW, days=30, audit_days=365, most_bytes=110) == []


def plain(folder: Path, name: str, text: str) -> Path:
    (folder / ARCHIVE).mkdir(exist_ok=True)
    path = folder / ARCHIVE / name
    path.write_text(text)
    return path


def test_what_was_turned_over_is_packed_with_its_index(tmp_path: Path) -> None:
    text = '{"timestamp": "2026-12-01T05:00:00.000000Z", "level": "info", "event": "x"}\n' * 3
    path = plain(tmp_path, "access-20261201T050301.123456Z.log", text)
    plain(tmp_path, "notes.log", "not ours")
    archives.tidy(tmp_path, now=1_796_101_381, days=30, audit_days=30, most_bytes=10**9)
    (found,) = archives.listing(tmp_path)
    assert found.packed and found.kind is LogKind.ACCESS and not path.exists()
    assert gzip.decompress(found.path.read_bytes()).decode() == text
    (entry,), _ = log_index.read(log_index.beside(found.path))
    assert entry.levels == {"info": 3}
    archives.delete([found])
    assert sorted(p.name for p in (tmp_path / ARCHIVE).iterdir()) == ["notes.log"]


def test_a_full_disk_leaves_the_plain_file_and_raises_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = plain(tmp_path, "access-20261201T050301.123456Z.log", "x\n")

    def full(_self: object, _path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(log_index.LogIndexWriter, "write", full)
    with caplog.at_level(logging.WARNING):
        archives.tidy(tmp_path, now=1_796_101_381, days=30, audit_days=30, most_bytes=10**9)
    assert "not compressed yet: No space left" in caplog.text
    assert [p.name for p in (tmp_path / ARCHIVE).iterdir()] == [path.name]


def test_a_kill_after_packing_leaves_one_archive(tmp_path: Path) -> None:
    path = plain(tmp_path, "access-20261201T050301.123456Z.log", "x\n")
    packed = archives.pack(archives.listing(tmp_path)[0])
    path.write_text("x\n")  # the plain file had not been deleted yet
    packed.with_name(packed.name + ".part").write_bytes(b"half")
    (found,) = archives.listing(tmp_path)
    assert found.packed
    archives.tidy(tmp_path, now=1_796_101_381, days=30, audit_days=30, most_bytes=10**9)
    assert sorted(p.name for p in (tmp_path / ARCHIVE).iterdir()) == [packed.name, log_index.beside(packed).name]


def test_files_of_earlier_versions_go_by_age(tmp_path: Path) -> None:
    (tmp_path / "castmind.log").write_text("old")
    when = (tmp_path / "castmind.log").stat().st_mtime
    archives.tidy(tmp_path, now=when + 29 * DAY, days=30, audit_days=30, most_bytes=10**9)
    assert (tmp_path / "castmind.log").exists()
    archives.tidy(tmp_path, now=when + 31 * DAY, days=30, audit_days=30, most_bytes=10**9)
    assert not (tmp_path / "castmind.log").exists()
