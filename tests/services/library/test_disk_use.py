"""What CastMind's files take on the disk, by kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.services.library.disk_use import KINDS, REST_FACTOR, REST_SECONDS, DiskUse, kind_of

FILES = {
    "castmind.db": 1000,
    "castmind.db-wal": 200,
    "uploads/a.mp3": 30,
    "uploads/incoming/b.part": 5,
    "media/c.mp3": 400,
    "media/covers/d.webp": 7,
    "exports/sub/e.md": 11,
    "models/small/model.bin": 5000,
    "backups/f.zip": 600,
    "inbox/My Show/g.mp3": 13,
    "logs/application.log": 17,
    "reports/h.json": 19,
    "damaged-20261122-120000/castmind.db": 23,
    ".lock": 3,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, size in FILES.items():
        path = tmp_path / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
    (tmp_path / "elsewhere.bin").write_bytes(b"x" * 9999)
    (tmp_path / "folder" / "uploads" / "link.mp3").symlink_to(tmp_path / "elsewhere.bin")
    return tmp_path / "folder"


def clock_of(moments: list[float]) -> Callable[[], float]:
    return lambda: moments[-1]


def test_every_file_counts_for_its_kind(folder: Path) -> None:
    use = DiskUse(folder)
    assert use.now() is None
    use.step()
    found = use.now()
    assert found
    link = (folder / "uploads" / "link.mp3").lstat().st_size
    assert found.kinds == {
        "media": 400,
        "uploads": 35 + link,
        "models": 5000,
        "backups": 600,
        "database": 1200,
        "exports": 11,
        "covers": 7,
        "inbox": 13,
        "logs": 36,
        "other": 26,
    }
    assert tuple(found.kinds) == KINDS
    assert found.ours == sum(FILES.values()) + link
    assert found.total > found.free > 0
    assert found.others == found.total - found.free - found.ours


def test_files_are_counted_again_only_when_somebody_asks_and_not_too_often(folder: Path) -> None:
    moments = [1000.0]
    use = DiskUse(folder, clock=clock_of(moments))

    def media() -> int:
        found = use.now()
        assert found
        return found.kinds["media"]

    use.step()
    (folder / "media" / "new.mp3").write_bytes(b"x" * 100)
    moments.append(moments[-1] + 10 * REST_SECONDS)
    use.step()  # nobody has asked
    assert media() == 400
    use.step()
    assert media() == 500
    (folder / "media" / "newer.mp3").write_bytes(b"x" * 100)
    moments.append(moments[-1] + REST_SECONDS - 1)
    use.step()  # too soon
    assert media() == 500
    moments.append(moments[-1] + 1)
    use.step()
    assert media() == 600


def test_a_count_that_takes_long_is_followed_by_a_long_rest(folder: Path) -> None:
    moment = 0.0

    def clock() -> float:
        nonlocal moment
        moment += 10.0
        return moment

    use = DiskUse(folder, clock=clock)
    use.step()
    before = use.now()
    assert before
    for _ in range(int(10.0 * REST_FACTOR / 10.0) - 1):
        use.now()
        use.step()
    assert use.now() == replace(before, free=use.now().free)  # type: ignore[union-attr]
    use.step()
    use.step()
    after = use.now()
    assert after and after.counted_at > before.counted_at


def test_a_clock_that_was_put_back_puts_no_count_off(folder: Path) -> None:
    moments = [1_000_000.0]
    use = DiskUse(folder, clock=clock_of(moments))
    use.step()
    assert use.now()
    moments.append(5.0)
    use.step()
    found = use.now()
    assert found and found.counted_at == 5.0


def test_a_count_ends_when_the_parts_are_stopped(folder: Path) -> None:
    use = DiskUse(folder)
    use.stop()
    use.step()
    assert use.now() is None
    use.start()
    use._rest_until = 0.0
    use.step()
    assert use.now()


@pytest.mark.parametrize(
    ("path", "kind"),
    [("media/covers", "media"), ("media/covers/a.webp", "covers"), (".restore/new/castmind.db", "other"), ("x", "other")],
)
def test_what_kind_a_path_is_of(path: str, kind: str) -> None:
    assert kind_of(path) == kind
