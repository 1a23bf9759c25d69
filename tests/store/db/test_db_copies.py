"""Copies of a database, and files at rest."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from core.domain.jobs.job import PRIORITY_USER
from core.errors import Cancelled, DatabaseDamaged
from core.store.db import db_copies
from core.store.db.database import Store
from core.store.jobs import jobs
from tests.new_database import new_database
from tests.store.conftest import add_feed


def test_a_copy_is_whole_while_the_original_is_written(store: Store, add_episode: Callable[..., int], tmp_path: Path) -> None:
    add_feed(store)
    add_episode("one", media_path="media/b.mp3")
    add_episode("two", media_path="media/a.mp3", deleted_at=1.0)
    copy = tmp_path / "copy.db"
    db_copies.copy(store.path, copy)
    add_episode("three")
    assert db_copies.check(copy) is None
    assert db_copies.counts(copy) == {"episodes": 2, "feeds": 1, "transcripts": 0, "notes": 0}
    assert db_copies.counts(store.path)["episodes"] == 3
    assert db_copies.media_paths(copy) == ("media/a.mp3", "media/b.mp3")
    assert db_copies.began(copy) == db_copies.began(store.path) != ""
    assert copy.stat().st_size <= db_copies.size(store.path)


def test_a_cancelled_copy_says_so(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db_copies, "STEPS_BETWEEN_LOOKS", 1)
    with pytest.raises(Cancelled):
        db_copies.copy(store.path, tmp_path / "copy.db", cancelled=lambda: True)


def test_a_row_that_refers_to_nothing_is_named(tmp_path: Path) -> None:
    path = new_database(tmp_path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("INSERT INTO own_notes (episode_id, markdown, updated_at) VALUES (99, 'x', 0)")
        db.commit()
    assert db_copies.check(path) == "a row of own_notes refers to a row of episodes that is not there"


def test_an_older_file_has_the_rest_of_the_steps_before_it(tmp_path: Path) -> None:
    known = db_copies.known_steps()
    path = new_database(tmp_path, stop_before=known[4])
    assert db_copies.steps(path) == known[:4]
    db_copies.migrate(path)
    assert db_copies.steps(path) == known
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_what_is_empty_missing_or_no_database_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    assert not db_copies.is_there(path)
    path.touch()
    assert not db_copies.is_there(path)
    path.write_bytes(b"no database at all " * 100)
    assert db_copies.is_there(path)
    with pytest.raises(DatabaseDamaged):
        db_copies.steps(path)


def test_the_oldest_row_is_that_of_an_episode_or_a_feed(store: Store, add_episode: Callable[..., int]) -> None:
    assert db_copies.oldest_row(store.path) is None
    add_episode(now=7.0)
    assert db_copies.oldest_row(store.path) == 7.0
    add_feed(store)
    assert db_copies.oldest_row(store.path) == 0.0


def test_audio_that_is_missing_is_queued_and_what_was_made_of_it_stays(store: Store, add_episode: Callable[..., int]) -> None:
    here, missing = add_episode("here", media_path="media/here.mp3"), add_episode("missing", media_path="media/gone.mp3")
    for number in (here, missing):
        store.write(partial(jobs.enqueue, episode_id=number, priority=PRIORITY_USER, now=0.0))
    store.write(lambda db: db.execute("UPDATE jobs SET state = 'done'"))
    store.close()
    assert db_copies.fetch_again(store.path, lambda name: name == "media/here.mp3") == 1
    store.open()
    states = [[job.state.value for job in jobs.of_episode(store.read(), number)] for number in (here, missing)]
    assert states == [["done"] * 4, ["queued", "done", "done", "done"]]
