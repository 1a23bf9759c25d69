from __future__ import annotations

import pytest

from core.store.db.database import Store
from core.store.notify import sign_in_places


def seen(store: Store, place: str, *, user: int = 1, now: float = 1.0) -> bool:
    return store.write(lambda db: sign_in_places.is_new(db, user, place, now=now))


def test_the_first_place_is_no_news_and_another_one_is_once(store: Store) -> None:
    store.write(lambda db: db.execute("INSERT INTO users (id, role, created_at) VALUES (2, 'viewer', 0)"))
    assert [seen(store, place) for place in ("home", "home", "cafe", "cafe", "home")] == [False, False, True, False, False]
    assert not seen(store, "cafe", user=2)


def test_the_places_are_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in_places, "MOST", 2)
    for number, place in enumerate(("a", "b", "c")):
        seen(store, place, now=float(number))
    assert seen(store, "a", now=9.0)
