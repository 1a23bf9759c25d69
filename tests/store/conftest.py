"""A real database file, and the least that a row needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.episodes.reading_state import ReadingState
from core.pipeline import graph
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.library import episodes
from tests.new_database import new_database
from tests.store import plans

# The store asks the graph of steps, which the table of steps installs.
assert graph.steps()


@pytest.fixture(autouse=True)
def plans_of_statements() -> Iterator[None]:
    yield from plans.watched()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(new_database(tmp_path))
    made.open()
    yield made
    made.close()


PERSONAL = {field.name for field in fields(ReadingState)}


def set_reading_state(db: Database, *, episode_id: int, values: Mapping[str, Any], user_id: int = OWNER.user_id) -> None:
    row = {"user_id": user_id, "episode_id": episode_id, **values}
    db.execute(f"INSERT INTO reading_states ({', '.join(row)}) VALUES ({', '.join(':' + n for n in row)})", row)


def put_episode(db: Database, title: str = "A talk", *, now: float = 0.0, **columns: Any) -> int:
    personal = {name: columns.pop(name) for name in PERSONAL & set(columns)}
    added = episodes.add(db, {"title": title, "source": "upload", **columns}, now=now)
    if personal:
        set_reading_state(db, episode_id=added, values=personal)
    return added


@pytest.fixture
def add_episode(store: Store) -> Callable[..., int]:
    def add(title: str = "A talk", *, now: float = 0.0, **columns: Any) -> int:
        return store.write(partial(put_episode, title=title, now=now, **columns))

    return add


@pytest.fixture
def episode_id(add_episode: Callable[..., int]) -> int:
    return add_episode()


def add_feed(store: Store, url: str = "https://example.org/feed") -> int:
    return store.write(
        lambda db: int(
            db.execute("INSERT INTO feeds (url, title, created_at) VALUES (?, 'A feed', 0) RETURNING id", [url]).fetchone()[0]
        )
    )
