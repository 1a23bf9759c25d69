from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from core.api.server import patience
from core.errors import DatabaseBusy
from core.store.db import journal, transaction
from core.store.db.sqlite import Database
from tests.api.conftest import Running, is_problem


@contextmanager
def held(path: Path, how: str = "EXCLUSIVE") -> Iterator[None]:
    """Another program's transaction. Requests have less patience while it lasts."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other, pytest.MonkeyPatch.context() as patch:
        patch.setattr(patience, "LOCK_SECONDS", 0.3)
        other.execute(f"BEGIN {how}")
        yield
        other.execute("ROLLBACK")


def write(api: httpx.Client) -> httpx.Response:
    return api.post("/tags", json={"name": "later"})


def test_a_write_to_a_held_database_is_put_off(api: httpx.Client, services: Running) -> None:
    for how in ("IMMEDIATE", "EXCLUSIVE"):
        with held(services.store.path, how):
            refused = write(api)
            assert is_problem(refused, 503, "database_busy")
            assert int(refused.headers["retry-after"]) > 0
            assert api.get("/episodes").status_code == 200
            assert api.get("/tags").json()["items"] == []
    assert write(api).status_code == 201
    assert [tag["name"] for tag in api.get("/tags").json()["items"]] == ["later"]


def test_what_was_refused_does_not_happen_later(services: Running) -> None:
    ran = threading.Event()
    with held(services.store.path), pytest.raises(DatabaseBusy), transaction.waiting_at_most(0.05):
        services.store.write(lambda _db: ran.set())
    assert services.store.write(lambda db: db.execute("SELECT 1").fetchone()[0]) == 1
    assert not ran.is_set()


def test_many_who_wait_behind_each_other_hear_of_it(api: httpx.Client, services: Running) -> None:
    with held(services.store.path), ThreadPoolExecutor(12) as pool:
        answers = [each.result() for each in [pool.submit(write, api) for _ in range(12)]]
    assert {answer.status_code for answer in answers} == {503}
    assert write(api).status_code == 201


def test_what_has_begun_is_waited_for(services: Running) -> None:
    begun, may_end = threading.Semaphore(0), threading.Event()

    def slow(_db: Database) -> str:
        begun.release()
        may_end.wait()
        return "written"

    def ask() -> str:
        while True:
            try:
                with transaction.waiting_at_most(0.01):
                    return services.store.write(slow)
            except DatabaseBusy:  # on a busy computer: it had not begun
                continue

    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask)
        begun.acquire()
        may_end.set()
        assert asked.result() == "written"
        assert not begun.acquire(blocking=False)  # it was written once


@pytest.fixture
def rollback_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "is_foreign", lambda _path: True)


@pytest.mark.usefixtures("rollback_journal")
@pytest.mark.parametrize(
    "path",
    [pytest.param(each, marks=pytest.mark.long) for each in ("/episodes/1", "/feeds", "/tags", "/jobs")]
    + ["/episodes", "/search?q=word"],
)
def test_a_read_of_a_held_database_is_put_off(services: Running, api: httpx.Client, path: str) -> None:
    with held(services.store.path):
        refused = api.get(path)
        assert is_problem(refused, 503, "database_busy")
        assert int(refused.headers["retry-after"]) > 0
    assert api.get(path).status_code in (200, 404)
