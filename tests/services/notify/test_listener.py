from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.events import BackupMade, Event, FeedPolled, SignedIn, StepFailed, StepFinished, TaskFailed
from core.services.notify.listener import NoticeListener, place_of
from core.store.db.sqlite import Database
from core.store.library import episodes
from core.store.notify import notices
from tests.services.notify.conftest import NOON, NotifyRig

ALL = ("notes.ready", "job.failed", "feed.failing", "feed.recovered", "backup.failed", "signin.new_place")
Hear = Callable[[Event], list[str]]


@pytest.fixture
def hear(rig: NotifyRig) -> Hear:
    """Hear an event; return the kinds that wait then, and take them."""
    channel = rig.channel("A", *ALL)
    listener = NoticeListener(rig.store, rig.outbox, rig, clock=rig.clock)

    def heard(event: Event) -> list[str]:
        listener.hear(event)
        kinds = [group.kind for group in notices.waiting(rig.store.read()).get(channel.id, [])]
        for kind in kinds:
            rig.store.write(lambda db, kind=kind: notices.take(db, channel.id, kind, 10))
        return kinds

    return heard


@pytest.fixture
def episode(rig: NotifyRig) -> int:
    return rig.store.write(lambda db: episodes.add(db, {"title": "A talk", "source": "upload"}, now=0.0))


def finished(episode: int, step: str) -> StepFinished:
    return StepFinished(job_id=1, episode_id=episode, step=step)


def test_notes_are_ready_when_the_last_step_is_done(hear: Hear, episode: int) -> None:
    assert hear(finished(episode, "transcribe")) == []
    assert hear(finished(episode, "publish")) == ["notes.ready"]


def test_notes_that_are_made_better_the_same_day_are_no_news(rig: NotifyRig, hear: Hear, episode: int) -> None:
    assert hear(finished(episode, "publish")) == ["notes.ready"]
    rig.clock.now += 3600.0
    assert hear(finished(episode, "publish")) == []
    rig.clock.now += 86400.0
    assert hear(finished(episode, "publish")) == ["notes.ready"]


def test_a_job_that_failed_for_good_is_told(hear: Hear, episode: int) -> None:
    assert hear(StepFailed(job_id=1, episode_id=episode, step="fetch", code="not_audio", detail="")) == ["job.failed"]
    assert hear(StepFailed(job_id=1, episode_id=99, step="fetch", code="not_audio", detail="")) == []


def poll(rig: NotifyRig, failures: int, *, last_success_at: float | None = NOON, error: str | None = "no_answer") -> FeedPolled:
    def change(db: Database) -> None:
        db.execute(
            "INSERT INTO feeds (id, url, title, created_at) VALUES (1, 'https://a.example/', 'Show', 0) ON CONFLICT DO NOTHING"
        )
        db.execute("UPDATE feeds SET failures = ?, last_success_at = ? WHERE id = 1", [failures, last_success_at])

    rig.store.write(change)
    return FeedPolled(feed_id=1, error=error)


def test_a_feed_fails_after_some_polls_and_some_hours_and_once(rig: NotifyRig, hear: Hear) -> None:
    rig.clock.now = NOON + 25 * 3600
    assert hear(poll(rig, 2)) == []
    assert hear(poll(rig, 3, last_success_at=NOON + 7200)) == []
    assert hear(poll(rig, 3)) == ["feed.failing"]
    assert hear(poll(rig, 4)) == []
    assert hear(poll(rig, 0, error=None)) == ["feed.recovered"]
    assert hear(poll(rig, 0, error=None)) == []
    assert hear(FeedPolled(feed_id=99, error="no_answer")) == []


def test_a_backup_that_failed_is_told_until_one_is_made(hear: Hear) -> None:
    failed: dict[str, Any] = {"task_id": 1, "code": "backup_failed", "detail": ""}
    assert hear(TaskFailed(task="export", **failed)) == []
    assert hear(TaskFailed(task="backup", **failed)) == ["backup.failed"]
    assert hear(TaskFailed(task="backup", **failed)) == []
    assert hear(BackupMade(backup="b", reason="nightly", bytes=1)) == []
    assert hear(TaskFailed(task="backup", **failed)) == ["backup.failed"]


def test_a_sign_in_from_a_new_place_is_told(hear: Hear) -> None:
    def sign_in(address: str, browser: str = "Firefox on Linux", user: int = 1) -> list[str]:
        return hear(SignedIn(user_id=user, address=address, browser=browser))

    assert sign_in("192.0.2.7") == []  # the first one ever
    assert sign_in("192.0.2.99") == []  # the same network
    assert sign_in("198.51.100.1") == ["signin.new_place"]
    assert sign_in("198.51.100.1") == []
    assert sign_in("192.0.2.7", "curl") == ["signin.new_place"]
    assert sign_in("203.0.113.1", user=2) == []


def test_an_event_without_a_way_is_passed_over(hear: Hear) -> None:
    assert hear(Event()) == []


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.0/24 B"),
        ("::ffff:192.0.2.7", "192.0.2.0/24 B"),
        ("2001:db8:1:2ff::1", "2001:db8:1:200::/56 B"),
        ("unknown", "unknown B"),
    ],
)
def test_a_place_is_a_network_and_a_browser(address: str, place: str) -> None:
    assert place_of(address, "B") == place
