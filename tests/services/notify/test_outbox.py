from __future__ import annotations

from core.domain.notify.kinds import BY_NAME
from core.store.notify import notices, told_states
from tests.services.notify.conftest import NotifyRig

READY, FAILING, RECOVERED, DISK, PLACE = (
    BY_NAME[name] for name in ("notes.ready", "feed.failing", "feed.recovered", "disk.low", "signin.new_place")
)


def waiting(rig: NotifyRig) -> dict[int, list[str]]:
    return {channel: [group.kind for group in groups] for channel, groups in notices.waiting(rig.store.read()).items()}


def test_each_channel_that_takes_it_has_a_row(rig: NotifyRig) -> None:
    takes = rig.channel("A", "notes.ready"), rig.channel("B", "notes.ready", user_id=2)
    rig.channel("C", "job.failed"), rig.channel("D", "notes.ready", enabled=False)
    rig.outbox.tell(READY, "episode:1", {"title": "t"})
    assert waiting(rig) == {channel.id: ["notes.ready"] for channel in takes}


def test_what_admins_hear_and_what_is_about_one_user(rig: NotifyRig) -> None:
    admin, viewer = (rig.channel("A", "disk.low", "signin.new_place", user_id=user) for user in (1, 2))
    rig.outbox.tell(DISK, "disk", {})
    assert waiting(rig) == {admin.id: ["disk.low"]}
    rig.outbox.tell(PLACE, "2:cafe", {}, about=2)
    assert waiting(rig) == {admin.id: ["disk.low"], viewer.id: ["signin.new_place"]}


def test_a_state_that_lasts_is_told_once(rig: NotifyRig) -> None:
    rig.channel("A", "feed.failing")
    for _ in range(50):
        rig.outbox.tell(FAILING, "feed:1", {})
        rig.step(3600.0)
    assert len(rig.dispatch.sent) == 1


def test_what_nobody_hears_is_not_told_and_may_be_later(rig: NotifyRig) -> None:
    rig.outbox.tell(FAILING, "feed:1", {})
    assert not told_states.is_told(rig.store.read(), FAILING, "feed:1")
    channel = rig.channel("A", "feed.failing")
    rig.outbox.tell(FAILING, "feed:1", {})
    assert waiting(rig) == {channel.id: ["feed.failing"]}


def test_the_end_of_a_state_is_told_if_its_beginning_was(rig: NotifyRig) -> None:
    rig.channel("A", "feed.failing", "feed.recovered")
    rig.outbox.over(FAILING, "feed:1", RECOVERED)
    rig.step()
    assert rig.dispatch.sent == []
    rig.outbox.tell(FAILING, "feed:1", {})
    rig.step()
    rig.outbox.over(FAILING, "feed:1", RECOVERED, {"title": "Show"})
    rig.step(60.0)
    assert [message.kind for _, message in rig.dispatch.sent] == ["feed.failing", "feed.recovered"]
    rig.outbox.tell(FAILING, "feed:1", {})
    rig.step(60.0)
    assert len(rig.dispatch.sent) == 3


def test_a_state_that_was_over_before_it_was_told_is_not_told_at_all(rig: NotifyRig) -> None:
    rig.channel("A", "feed.failing", "feed.recovered", gather=3600)
    rig.outbox.tell(FAILING, "feed:1", {})
    rig.outbox.over(FAILING, "feed:1", RECOVERED)
    assert waiting(rig) == {}


def test_it_is_known_whether_anybody_wants_to_hear(rig: NotifyRig) -> None:
    assert not rig.outbox.wanted(DISK)
    rig.channel("A", "disk.low", enabled=False)
    assert not rig.outbox.wanted(DISK)
    rig.channel("B", "disk.low")
    assert rig.outbox.wanted(DISK, READY) and not rig.outbox.wanted(READY)
