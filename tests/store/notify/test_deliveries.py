from __future__ import annotations

import pytest

from core.domain.notify.delivery import DeliveryState
from core.domain.notify.message import Outcome, OutgoingMessage
from core.errors import NotFound, NotifyRefused
from core.store.db.database import Store
from core.store.notify import channels, deliveries
from tests.store.notify.conftest import AddChannel


def add(store: Store, channel: int, *, at: float = 1.0, kind: str = "notes.ready") -> int:
    message = OutgoingMessage(f"msg_{at:g}", kind, at, 2, ({"title": "标题"},))
    return store.write(lambda db: deliveries.add(db, channel, message))


def end(store: Store, number: int, outcome: Outcome, *, next_at: float | None = None) -> None:
    store.write(lambda db: deliveries.end_try(db, number, outcome, next_at=next_at, now=50.0))


def test_a_message_waits_is_tried_again_and_ends(store: Store, add_channel: AddChannel) -> None:
    channel = add_channel().id
    number = add(store, channel)
    assert [each.id for each in deliveries.due(store.read(), now=1.0)] == [number]
    assert deliveries.items_of(store.read(), number) == [{"title": "标题"}]
    end(store, number, Outcome(NotifyRefused(status=401), 401, "no", 0.5), next_at=60.0)
    assert deliveries.due(store.read(), now=59.0) == [] and deliveries.next_at(store.read()) == 60.0
    (found,) = deliveries.due(store.read(), now=60.0)
    assert (found.state, found.tries, found.status, found.said, found.seconds) == (DeliveryState.WAITING, 1, 401, "no", 0.5)
    assert found.error and found.error["code"] == "notify_refused" and found.ended_at is None
    end(store, number, Outcome(status=200))
    done = deliveries.get(store.read(), 1, number)
    assert (done.state, done.tries, done.error, done.ended_at) == (DeliveryState.DELIVERED, 2, None, 50.0)
    assert deliveries.next_at(store.read()) is None


def test_a_message_that_was_given_up_can_be_tried_again(store: Store, add_channel: AddChannel) -> None:
    number = add(store, add_channel().id)
    end(store, number, Outcome(NotifyRefused()))
    assert deliveries.get(store.read(), 1, number).state is DeliveryState.GIVEN_UP
    store.write(lambda db: deliveries.try_again(db, number, now=70.0))
    (found,) = deliveries.due(store.read(), now=70.0)
    assert (found.tries, found.ended_at) == (0, None)


def test_a_paused_channel_sends_nothing(store: Store, add_channel: AddChannel) -> None:
    channel = add_channel().id
    add(store, channel)
    store.write(lambda db: channels.change(db, channel, {"enabled": False}))
    assert deliveries.due(store.read(), now=9.0) == [] and deliveries.next_at(store.read()) is None
    store.write(lambda db: channels.change(db, channel, {"enabled": True}))
    assert len(deliveries.due(store.read(), now=9.0)) == 1


def test_the_log_is_that_of_its_user_by_pages(store: Store, add_channel: AddChannel) -> None:
    store.write(lambda db: db.execute("INSERT INTO users (id, role, created_at) VALUES (2, 'viewer', 0)"))
    mine, second, foreign = add_channel().id, add_channel().id, add_channel(user_id=2).id
    numbers = [add(store, channel, at=float(n)) for n, channel in enumerate((mine, second, foreign, mine))]

    def log(channel_id: int | None = None, before: int | None = None, limit: int = 10) -> list[int]:
        return [d.id for d in deliveries.of_user(store.read(), 1, channel_id=channel_id, limit=limit, before=before)]

    assert log() == [numbers[3], numbers[1], numbers[0]]
    assert log(limit=1) == [numbers[3]] and log(before=numbers[3]) == [numbers[1], numbers[0]]
    assert log(channel_id=mine) == [numbers[3], numbers[0]] and log(channel_id=foreign) == []
    with pytest.raises(NotFound):
        deliveries.get(store.read(), 1, numbers[2])


def test_the_rate_counts_messages_and_no_tests(store: Store, add_channel: AddChannel) -> None:
    channel = add_channel().id
    for at, kind in ((1.0, "notes.ready"), (5.0, "test"), (7.0, "disk.low"), (9.0, "notes.ready")):
        add(store, channel, at=at, kind=kind)
    assert deliveries.made_since(store.read(), 1.0) == {channel: [7.0, 9.0]}


def test_the_log_is_pruned_by_age_and_number(store: Store, add_channel: AddChannel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "KEPT_OF_A_CHANNEL", 2)
    channel, other = add_channel().id, add_channel().id
    now = deliveries.KEPT_SECONDS + 10.0
    add(store, other, at=5.0)
    waiting = add(store, channel, at=20.0)
    kept = [add(store, channel, at=float(n)) for n in range(21, 25)]
    for number in kept:
        end(store, number, Outcome())
    store.write(lambda db: deliveries.prune(db, now=now))
    found = [d.id for d in deliveries.of_user(store.read(), 1, channel_id=None, limit=10, before=None)]
    assert found == [kept[3], kept[2], waiting]
