from __future__ import annotations

from functools import partial

from core.domain.accounts.actor import OWNER
from core.store.accounts import users
from core.store.db.database import Store
from core.store.library import episodes, reading_states


def test_a_library_without_its_owner_gets_one_and_marks_can_be_saved(store: Store, episode_id: int) -> None:
    assert users.has_owner(store.read())
    store.write(lambda db: db.execute("DELETE FROM users"))
    assert not users.has_owner(store.read())
    for _ in range(2):
        store.write(partial(users.add_owner_if_missing, now=1.0))
    assert users.has_owner(store.read())
    store.write(lambda db: reading_states.mark(db, OWNER.user_id, [episode_id], column="read_at", at=2.0))
    assert episodes.listed(store.read(), episode_id, user_id=OWNER.user_id).reading.read_at == 2.0
