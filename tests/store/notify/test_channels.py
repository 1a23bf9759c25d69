from __future__ import annotations

from functools import partial

import pytest

from core.domain.notify.message import OutgoingMessage
from core.errors import NotFound
from core.store.db.database import Store
from core.store.notify import channels, deliveries, notices
from tests.store.notify.conftest import AddChannel


@pytest.fixture
def other(store: Store) -> int:
    store.write(lambda db: db.execute("INSERT INTO users (id, role, created_at) VALUES (2, 'viewer', 0)"))
    return 2


def test_a_channel_comes_back_as_it_was_kept(store: Store, add_channel: AddChannel) -> None:
    made = add_channel(kinds=("disk.low", "job.failed"), titles=False, quiet_from=60, zone="Asia/Shanghai", enabled=False)
    assert channels.of_user(store.read(), 1) == [made] == [channels.get(store.read(), 1, made.id)]
    assert (made.kinds, made.titles, made.enabled, made.zone) == (("disk.low", "job.failed"), False, False, "Asia/Shanghai")
    assert channels.sealed_of(store.read(), made.id) == "sealed"


def test_changes_are_kept(store: Store, add_channel: AddChannel) -> None:
    made = add_channel()
    store.write(lambda db: channels.change(db, made.id, {"name": "Tablet", "kinds": (), "sealed": "other"}))
    changed = channels.one(store.read(), made.id)
    assert (changed.name, changed.kinds, channels.sealed_of(store.read(), made.id)) == ("Tablet", (), "other")


def test_nobody_finds_the_channel_of_somebody_else(store: Store, add_channel: AddChannel, other: int) -> None:
    made = add_channel()
    with pytest.raises(NotFound):
        channels.get(store.read(), other, made.id)
    assert channels.of_user(store.read(), other) == []
    assert (channels.count(store.read(), 1), channels.count(store.read(), other)) == (1, 0)


def test_a_channel_knows_the_role_of_its_user(store: Store, add_channel: AddChannel, other: int) -> None:
    add_channel(), add_channel(user_id=other)
    assert [(channel.user_id, role) for channel, role in channels.with_roles(store.read())] == [(1, "admin"), (2, "viewer")]


def test_with_a_channel_or_its_user_goes_all_that_is_its(store: Store, add_channel: AddChannel, other: int) -> None:
    made = [add_channel(), add_channel(user_id=other)]
    for channel in made:
        store.write(lambda db, channel=channel: notices.add(db, channel.id, "disk.low", "disk", {}, now=1.0))
        store.write(partial(deliveries.add, channel_id=channel.id, message=OutgoingMessage("m", "disk.low", 1.0, 1, ())))
    store.write(lambda db: channels.delete(db, made[0].id))
    store.write(lambda db: db.execute("DELETE FROM users WHERE id = 2"))
    for table in ("notification_channels", "notices", "deliveries"):
        assert store.read().execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0
    for missing in (channels.one, channels.sealed_of):
        with pytest.raises(NotFound):
            missing(store.read(), made[0].id)
