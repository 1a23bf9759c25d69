"""That statements which walk the library are found; all tests of this folder and of the pipeline's are watched by it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from core.store.db.database import Store
from core.store.feeds import feeds
from core.store.library import episodes
from core.store.search import scope
from tests.store.plans import EXCUSED, STORE, Watch, walks


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM episodes WHERE guid = 'g'",
        "SELECT count(*) FROM episodes WHERE deleted_at IS NULL",
        "SELECT episode_id FROM jobs WHERE progress > 0.5",
        "SELECT episode_id FROM segments WHERE text LIKE '%a%'",
        "SELECT episode_id FROM transcripts WHERE language = 'en' ORDER BY created_at LIMIT 5",
        "UPDATE episodes SET deleted_at = 1 WHERE id IN ()",
        "DELETE FROM notes WHERE NOT outdated",
        "SELECT episodes.id FROM feeds JOIN episodes ON episodes.title = feeds.title",
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM dismissed WHERE title = 'a')",
    ],
)
def test_a_walk_is_found(store: Store, sql: str) -> None:
    assert walks(store.read(), sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT title FROM episodes WHERE id IN (1, 2)",
        "SELECT id FROM episodes WHERE sha256 = 'ab'",
        "SELECT id FROM episodes INDEXED BY episodes_added WHERE deleted_at IS NULL ORDER BY created_at DESC LIMIT 5",
        "SELECT text FROM segments WHERE episode_id = 1",
        "SELECT name FROM tags",
        "SELECT value FROM json_each('[1]')",
    ],
)
def test_a_look_up_and_a_page_are_none(store: Store, sql: str) -> None:
    assert not walks(store.read(), sql)


def test_what_polls_ask_for_has_an_index(store: Store) -> None:
    """Each is asked again and again while feeds are polled, whatever the statistics of the database say."""
    store.write(lambda db: db.execute("ANALYZE"))
    watch = Watch()
    watch.install()
    try:
        db = store.read()
        episodes.known(db, 1)
        episodes.left_behind(db)
        episodes.dismissed(db, 1)
        episodes.of_feed(db, 1)
        episodes.titles(db, [])
        feeds.due(db, now=1.0)
        scope._ids(db, "SELECT id FROM episodes WHERE feed_id IN", [1, 2])
        store.write(lambda db: feeds.delete(db, 1))
    finally:
        watch.remove()
    assert watch.found == []
    plan = [row[3] for row in db.execute("EXPLAIN QUERY PLAN SELECT id FROM feeds WHERE next_poll_at <= 1 OR next_poll_at > 9")]
    assert not any("SCAN" in step for step in plan)


def test_every_excuse_names_a_function_that_is_there() -> None:
    for name in EXCUSED:
        *module, function = name.split(".")
        assert re.search(rf"^def {function}\(", STORE.joinpath(*module).with_suffix(".py").read_text(), re.MULTILINE), name


def test_a_statement_of_a_test_is_not_looked_at(store: Store) -> None:
    watch = Watch()
    watch.install()
    try:
        rows: Any = store.read().execute("SELECT id FROM episodes WHERE guid = 'x'").fetchall()
    finally:
        watch.remove()
    assert (rows, watch.found) == ([], [])
