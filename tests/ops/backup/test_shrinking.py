"""A library that holds much less than its backups: said, kept, and nothing is deleted by itself until a person has looked."""

from __future__ import annotations

import os
import sqlite3
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from core.ops import part_checks
from core.ops.backup.backups import Backups
from core.ops.backup.restorable import opens
from core.ops.backup.shrinking import NOTE
from core.ops.orphans import LEAST_AGE, Orphans
from core.store.db.database import Store
from tests.ops.backup import library
from tests.ops.backup.library import night, settings_of

DAY = 86_400.0


class Nights:
    """A data folder whose clock is moved by hand."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.now = time.time() - 60 * DAY
        values = settings_of(data)
        self.backups = Backups(data, lambda: values, clock=lambda: self.now)

    def sleep(self, nights: int = 1) -> None:
        for _ in range(nights):
            self.now += DAY
            night(self.backups)

    def full(self, episodes: int = 4) -> list[str]:
        """Nightly backups that hold so many episodes and more."""
        return [b.name for b in self.backups.listing() if b.counts.get("episodes", 0) >= episodes]


@pytest.fixture
def nights(data: Path) -> Nights:
    made = Nights(data)
    made.sleep(2)
    assert made.backups.shrinking.state() is None
    return made


def run(data: Path, *statements: str) -> None:
    with closing(sqlite3.connect(data / "castmind.db")) as db:
        db.execute("PRAGMA foreign_keys = ON")
        for statement in statements:
            db.execute(statement)
        db.commit()


def deleted(data: Path) -> None:
    for path in data.glob("castmind.db*"):
        path.unlink()
    opens(data)
    run(data, "INSERT INTO feeds (url, title, created_at) VALUES ('https://new.example', 'new', 1.0)")


def emptied(data: Path) -> None:
    run(data, "DELETE FROM episodes")


def nearly_emptied(data: Path) -> None:
    run(data, "DELETE FROM episodes WHERE id > 1")


def transcripts_lost(data: Path) -> None:
    run(data, "DELETE FROM transcripts")


def replaced_by_a_small_one(data: Path) -> None:
    another_library(data, 1)


def replaced_by_one_as_large(data: Path) -> None:
    another_library(data, 4)


def another_library(data: Path, episodes: int) -> None:
    other = data.parent / "other"
    library.fill(other, episodes=episodes)
    for path in data.glob("castmind.db*"):
        path.unlink()
    (other / "castmind.db").rename(data / "castmind.db")
    for path in (other / "uploads").iterdir():
        path.replace(data / "uploads" / path.name)


@pytest.mark.parametrize(
    "lose",
    [
        deleted,
        replaced_by_one_as_large,
        *(pytest.param(one, marks=pytest.mark.long) for one in (emptied, nearly_emptied, replaced_by_a_small_one)),
    ],
)
def test_thirty_nights_drop_no_last_backup_of_what_was_there(nights: Nights, lose: Callable[[Path], None]) -> None:
    before = set(nights.full())
    lose(nights.data)
    for _ in range(30):
        nights.sleep()
        assert before & set(nights.full()), "the library as it was is in no backup any more"
    assert len(nights.backups.listing()) <= settings_of(nights.data).backup_keep + 2


@pytest.mark.long
def test_a_library_that_is_well_keeps_as_many_nights_as_it_is_told_to(nights: Nights) -> None:
    nights.sleep(30)
    assert len(nights.backups.listing()) == settings_of(nights.data).backup_keep
    assert nights.backups.shrinking.state() is None


@pytest.mark.parametrize(
    ("lose", "code"),
    [
        (deleted, "fewer_episodes"),
        (emptied, "fewer_episodes"),
        (nearly_emptied, "fewer_episodes"),
        (transcripts_lost, "fewer_transcripts"),
        (replaced_by_a_small_one, "fewer_episodes"),
    ],
)
def test_it_is_said_at_once_and_every_night_until_a_person_says_that_it_is_right(
    nights: Nights, lose: Callable[[Path], None], code: str, caplog: pytest.LogCaptureFixture
) -> None:
    lose(nights.data)
    ran: list[str] = []
    sweep = nights.backups.shrinking.unless_shrunk(lambda: ran.append("swept"))
    for _ in range(3):
        check = part_checks.library(nights.backups)
        assert (check.status, check.code) == ("warn", code)
        sweep()
        nights.sleep()
    assert ran == []
    if code == "fewer_episodes":
        assert "holds less than half" in caplog.text
    nights.backups.shrinking.accept()
    assert part_checks.library(nights.backups).code == "whole"
    sweep()
    assert ran == ["swept"]
    nights.sleep(10)
    assert part_checks.library(nights.backups).code == "whole"


def test_files_that_are_lost_while_rows_stay_are_noticed(nights: Nights) -> None:
    for path in (nights.data / "uploads").iterdir():
        path.unlink()
    nights.sleep()
    check = part_checks.library(nights.backups)
    assert (check.status, check.code) == ("warn", "smaller_backup")


def test_the_audio_of_feeds_left_out_by_choice_is_no_loss(nights: Nights) -> None:
    values = settings_of(nights.data, backup_media="true")
    with_media = Backups(nights.data, lambda: values, clock=lambda: nights.now)
    nights.now += DAY
    night(with_media)
    assert "media" in with_media.listing()[0].contents
    nights.sleep()
    assert part_checks.library(nights.backups).code == "whole"


def test_what_was_called_right_counts_even_if_the_library_is_lost_before_the_next_night(nights: Nights) -> None:
    run(nights.data, "DELETE FROM episodes WHERE id > 1", "DELETE FROM transcripts WHERE episode_id > 1")
    nights.backups.shrinking.accept()
    assert nights.backups.shrinking.state() is None
    emptied(nights.data)
    assert nights.backups.shrinking.state() is not None


BROKEN = ["", "{", "[]", '{"at": "x"}', '{"at": 1e400, "counts": null}', '{"at": 1, "counts": {"episodes": []}}']


@pytest.mark.parametrize("content", BROKEN)
def test_a_note_that_cannot_be_read_accepts_nothing(nights: Nights, content: str) -> None:
    emptied(nights.data)
    (nights.data / "backups" / NOTE).write_text(content)
    assert nights.backups.shrinking.state() is not None


def test_a_library_that_grows_or_loses_a_few_is_well(nights: Nights) -> None:
    run(nights.data, "DELETE FROM episodes WHERE id = 1", "DELETE FROM feeds", "DELETE FROM notes")
    nights.sleep(3)
    assert part_checks.library(nights.backups).code == "whole"


def test_a_library_without_backups_is_well(data: Path) -> None:
    assert part_checks.library(Nights(data).backups).code == "whole"


def test_backups_from_elsewhere_say_nothing_of_this_library(nights: Nights, tmp_path: Path) -> None:
    library.fill(tmp_path / "large", episodes=20)
    large = Nights(tmp_path / "large").backups.create("manual", media=False)
    nights.backups.take(large.path)
    assert nights.backups.shrinking.state() is None


def test_a_backup_whose_manifest_counts_nothing_is_looked_into(nights: Nights) -> None:
    """As those of versions before."""
    for made in nights.backups.listing():
        without = made.path.with_suffix(".new")
        with zipfile.ZipFile(made.path) as old, zipfile.ZipFile(without, "w") as new:
            for info in old.infolist():
                body = old.read(info)
                if info.filename == "manifest.json":
                    body = body.replace(b'"counts": {', b'"counted": {')
                new.writestr(info, body)
        without.replace(made.path)
    assert all(not b.counts for b in nights.backups.listing())
    assert nights.backups.shrinking.state() is None
    emptied(nights.data)
    state = nights.backups.shrinking.state()
    assert state and (state.what, state.now, state.before) == ("episodes", 0, 4)
    assert list((nights.data / "backups").glob(".*")) == []


def test_audio_from_before_a_new_library_is_never_swept(data: Path) -> None:
    old = data / "media" / "from-before.mp3"
    old.write_bytes(b"sound")
    os.utime(old, (1_000_000_000.0, 1_000_000_000.0))
    for path in data.glob("castmind.db*"):
        path.unlink()
    opens(data)
    backups = library.backups_of(data)
    store = Store(data / "castmind.db")
    store.open()
    young = data / "media" / "of-this-library.mp3"
    young.write_bytes(b"sound")
    later = time.time() + LEAST_AGE + 60
    Orphans(store, data, backups=lambda: [], began=backups.began, clock=lambda: later).step()
    store.close()
    assert old.exists() and not young.exists()
