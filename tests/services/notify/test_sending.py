from __future__ import annotations

import threading

import pytest

from core.domain.notify.channel import Channel
from core.domain.notify.kinds import BY_NAME
from core.domain.notify.message import Outcome
from core.domain.notify.pacing import GAP
from core.errors import NotifyFailed, NotifyRefused
from core.services.notify.sending import Sending
from core.store.db.database import Store
from core.store.notify import deliveries
from tests.services.notify.conftest import NOON, NotifyRig

READY, DISK = BY_NAME["notes.ready"], BY_NAME["disk.low"]


def tell(rig: NotifyRig, number: int) -> None:
    rig.outbox.tell(READY, f"episode:{number}", {"episode_id": number, "title": f"Talk {number}"})


def states(rig: NotifyRig) -> list[tuple[str, int]]:
    found = deliveries.of_user(rig.store.read(), 1, channel_id=None, limit=100, before=None)
    return [(each.state.value, each.tries) for each in found]


def test_twelve_things_are_one_message(rig: NotifyRig) -> None:
    rig.channel(gather=300)
    for number in range(12):
        tell(rig, number)
        rig.step(1.0)
    assert rig.dispatch.sent == []
    rig.step(300.0)
    ((_, message),) = rig.dispatch.sent
    assert (message.kind, message.count, len(message.items)) == ("notes.ready", 12, 12)
    assert states(rig) == [("delivered", 1)]


def test_what_quiet_hours_held_back_comes_as_one_message_afterwards(rig: NotifyRig) -> None:
    rig.channel("Phone", "notes.ready", "disk.low", quiet_from=11 * 60, quiet_to=13 * 60)
    tell(rig, 1), tell(rig, 2)
    rig.step()
    rig.step(1800.0)
    assert rig.dispatch.sent == []
    rig.outbox.tell(DISK, "disk", {})
    rig.step(1.0)
    assert [message.kind for _, message in rig.dispatch.sent] == ["disk.low"]  # urgent
    tell(rig, 3)
    rig.step(NOON + 3600 - rig.clock.now)
    assert [(message.kind, message.count) for _, message in rig.dispatch.sent[1:]] == [("notes.ready", 3)]


def test_a_flood_is_a_few_messages(rig: NotifyRig) -> None:
    rig.channel()
    for number in range(600):
        tell(rig, number)
        rig.step(1.0)
    rig.step(3600.0)
    counts = [message.count for _, message in rig.dispatch.sent]
    assert sum(counts) == 600 and len(counts) <= 31


def test_a_failure_is_tried_again_under_the_same_id_and_given_up_in_the_end(rig: NotifyRig) -> None:
    rig.channel()
    rig.dispatch.outcomes = [Outcome(NotifyFailed(status=500), 500), Outcome(NotifyFailed(status=500), 500), Outcome(status=200)]
    tell(rig, 1)
    rig.step()
    assert states(rig) == [("waiting", 1)]
    rig.step(9.0)
    assert len(rig.dispatch.sent) == 1
    rig.step(1.0), rig.step(60.0)
    assert states(rig) == [("delivered", 3)]
    assert len({message.uid for _, message in rig.dispatch.sent}) == 1
    rig.dispatch.outcomes = [Outcome(NotifyRefused(status=401), 401, "bad key")]
    tell(rig, 2)
    for _ in range(100):
        rig.step(3600.0)
    assert states(rig)[0] == ("given_up", 4)


def test_a_channel_that_hangs_holds_up_no_other(rig: NotifyRig) -> None:
    release, other_sent = threading.Event(), threading.Event()

    def before(channel: Channel) -> None:
        assert release.wait(30.0) if channel.name == "Slow" else other_sent.set() is None

    rig.channel("Slow"), rig.channel("Quick")
    rig.dispatch.before = before
    tell(rig, 1)
    rig.sending.step()
    assert other_sent.wait(30.0)
    rig.clock.now += GAP
    tell(rig, 2)
    rig.sending.step()  # the slow one is busy: its second message waits for its turn
    release.set()
    rig.sending.settle()
    rig.step()
    assert sorted(name for name, _ in rig.dispatch.sent) == ["Quick", "Quick", "Slow", "Slow"]


def test_after_a_kill_between_sending_and_noting_it_is_sent_again_under_its_id(
    rig: NotifyRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.channel()
    tell(rig, 1)
    monkeypatch.setattr(Sending, "_note", lambda *_: None)
    rig.step()
    assert states(rig) == [("waiting", 0)]
    monkeypatch.undo()
    later = Sending(rig.store, rig.dispatch, clock=rig.clock)  # type: ignore[arg-type]
    later.step()
    later.settle()
    assert states(rig) == [("delivered", 1)]
    assert len({message.uid for _, message in rig.dispatch.sent}) == 1 and len(rig.dispatch.sent) == 2


def test_with_nothing_to_do_the_database_is_left_alone(rig: NotifyRig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.channel()
    rig.step()

    def fail(_: Store) -> None:
        raise AssertionError("looked")

    monkeypatch.setattr(Store, "read", fail)
    monkeypatch.setattr(Store, "write", fail)
    for _ in range(10):
        rig.step(2.0)


def test_a_stop_leaves_what_is_being_sent_for_the_next_start(rig: NotifyRig) -> None:
    rig.channel()
    tell(rig, 1)
    rig.sending.stop()
    rig.step()
    assert rig.dispatch.sent == []
    rig.sending.start()
    rig.step()
    assert len(rig.dispatch.sent) == 1


def test_the_log_is_pruned_by_the_clock(rig: NotifyRig) -> None:
    rig.channel()
    tell(rig, 1)
    rig.step()
    rig.clock.now += deliveries.KEPT_SECONDS + 1.0
    rig.sending.wake()
    rig.step()
    assert states(rig) == []
