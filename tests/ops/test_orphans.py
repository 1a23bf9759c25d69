from __future__ import annotations

import os
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from core.ops.backup.backup_file import Backup
from core.ops.orphans import LEAST_AGE, WAY_BACK, Orphans
from core.store.db.database import Store
from core.store.library import episode_trash, episodes


def later() -> float:
    """When files of this moment are old enough to go."""
    return time.time() + LEAST_AGE + 60


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "media").mkdir()
    return tmp_path


@pytest.fixture
def store(data: Path) -> Iterator[Store]:
    """Two episodes with their audio, one of them in the trash."""
    made = Store(data / "castmind.db")
    made.open()
    for name in ("kept.mp3", "trashed.mp3"):
        (data / "media" / name).write_bytes(b"sound")
        values = {"title": name, "source": "feed", "media_path": f"media/{name}"}
        number = made.write(partial(episodes.add, values=values, now=1.0))
    made.write(partial(episode_trash.put_in_trash, episode_ids=[number], now=2.0))
    yield made
    made.close()


def media(data: Path) -> set[str]:
    return {path.name for path in (data / "media").iterdir()}


def sweep(store: Store, data: Path, now: float, *backups: Backup) -> None:
    Orphans(store, data, backups=lambda: list(backups), clock=lambda: now).step()


def backup(kind: str, created_at: float) -> Backup:
    return Backup(Path("b.zip"), "b.zip", kind, 1, created_at)


def test_what_no_row_names_goes_after_a_day_and_nothing_else(data: Path, store: Store) -> None:
    named = media(data)
    for name in ("lost.mp3", "half.mp3.part", "half.mp3.part.json"):
        (data / "media" / name).write_bytes(b"x")
    (data / "media" / "covers").mkdir()
    sweep(store, data, time.time())
    assert "lost.mp3" in media(data)
    sweep(store, data, later())
    assert media(data) == {*named, "half.mp3.part", "half.mp3.part.json", "covers"}


def test_a_file_that_was_put_there_today_is_young_whatever_its_date(data: Path, store: Store) -> None:
    lost = data / "media" / "lost.mp3"
    lost.write_bytes(b"x")
    os.utime(lost, (1.0, 1.0))
    sweep(store, data, time.time() + 60)
    assert lost.exists()


def test_while_a_restore_can_be_taken_back_nothing_goes(data: Path, store: Store) -> None:
    (data / "media" / "lost.mp3").write_bytes(b"x")
    sweep(store, data, later(), backup("nightly", later() - 60), backup("restore-point", later() - 3600))
    assert "lost.mp3" in media(data)
    sweep(store, data, later(), backup("restore-point", later() - WAY_BACK - 60))
    assert "lost.mp3" not in media(data)
