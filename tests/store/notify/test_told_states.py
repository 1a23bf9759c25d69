from __future__ import annotations

from core.domain.notify.kinds import BY_NAME, HOUR
from core.store.db.database import Store
from core.store.notify import told_states

FAILING, JOB = BY_NAME["feed.failing"], BY_NAME["job.failed"]


def test_a_state_is_told_once_until_it_is_over(store: Store) -> None:
    def claim(now: float) -> bool:
        return store.write(lambda db: told_states.claim(db, FAILING, "feed:1", now=now))

    assert (claim(1.0), claim(1e9)) == (True, False)
    assert told_states.is_told(store.read(), FAILING, "feed:1") and not told_states.is_told(store.read(), FAILING, "feed:2")
    assert store.write(lambda db: told_states.forget(db, FAILING, "feed:1"))
    assert not store.write(lambda db: told_states.forget(db, FAILING, "feed:1"))
    assert claim(2e9)


def test_some_may_be_told_again_after_a_while(store: Store) -> None:
    claims = [
        store.write(lambda db, now=now: told_states.claim(db, JOB, "e", now=now)) for now in (0.0, HOUR - 1, HOUR, HOUR + 1)
    ]
    assert claims == [True, False, True, False]


def test_what_was_told_long_ago_is_forgotten(store: Store) -> None:
    store.write(lambda db: told_states.claim(db, JOB, "e", now=1.0))
    store.write(lambda db: told_states.prune(db, now=told_states.KEPT_SECONDS + 2.0))
    assert not told_states.is_told(store.read(), JOB, "e")
