"""Statistics of a real library: finished runs, disk use by folder, feeds by state."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import Stage, State
from core.services.library.statistics import Statistics
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from tests.runner_fixture import RESULTS, TRANSCRIPT, Rig

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()
DAY = 86_400.0


@pytest.fixture
def statistics(rig: Rig) -> Statistics:
    rig.now = NOON
    return Statistics(rig.store, rig.data, clock=lambda: rig.now)


def transcribes(rig: Rig, *, seconds: float, wall: float) -> None:
    result = replace(TRANSCRIPT, duration=seconds, wall_seconds=wall)
    rig.stages[Stage.TRANSCRIBE] = rig._plain(result)


# --- work -------------------------------------------------------------------------------------------


def test_an_empty_library_has_empty_figures(statistics: Statistics) -> None:
    found = statistics.figures(OWNER, UTC)
    assert (found.seconds, found.factor, found.runs, found.episodes, found.queue, found.feeds) == (0.0, None, (), 0, {}, ())
    assert (len(found.days), len(found.weeks)) == (30, 12)
    assert {heard.seconds for heard in (*found.days, *found.weeks)} == {0.0}


def test_what_was_transcribed_counts_on_its_day_and_in_its_week(rig: Rig, statistics: Statistics) -> None:
    for days_ago, seconds in ((0, 600.0), (0, 60.0), (8, 3600.0), (70, 7200.0), (400, 9000.0)):
        rig.now = NOON - days_ago * DAY
        transcribes(rig, seconds=seconds, wall=seconds / 10)
        rig.add()
        rig.run_all()
    rig.now = NOON
    found = statistics.figures(OWNER, UTC)
    assert {number: heard.seconds for number, heard in enumerate(reversed(found.days)) if heard.seconds} == {0: 660.0, 8: 3600.0}
    assert [heard.seconds for heard in reversed(found.weeks)][:3] == [660.0, 3600.0, 0.0]
    assert sum(heard.seconds for heard in found.weeks) == 660.0 + 3600.0 + 7200.0
    assert found.seconds == 660.0 + 3600.0 + 7200.0 + 9000.0
    assert found.factor == pytest.approx(0.1)


def test_transcribing_again_counts_again_and_deleting_takes_nothing_back(rig: Rig, statistics: Statistics) -> None:
    transcribes(rig, seconds=600.0, wall=30.0)
    episode = rig.add()
    rig.run_all()
    rig.library.retry(OWNER, episode, Stage.TRANSCRIBE)
    rig.run_all()
    assert [(run.episode_id, run.title) for run in statistics.figures(OWNER).runs] == [(episode, "A talk")] * 2
    rig.trash.delete(OWNER, [episode])
    rig.trash.purge(OWNER, [episode])
    found = statistics.figures(OWNER)
    assert (found.seconds, found.episodes) == (1200.0, 0)
    assert [(run.episode_id, run.title) for run in found.runs] == [(None, None)] * 2


def test_a_transcript_that_took_no_work_is_none_of_it(rig: Rig, statistics: Statistics) -> None:
    """Such as a transcript of silence, or one supplied with the file."""
    transcribes(rig, seconds=0.0, wall=1.0)
    rig.add()
    rig.run_all()
    transcribes(rig, seconds=600.0, wall=0.0)
    rig.add()
    rig.run_all()
    assert statistics.figures(OWNER).runs == ()


def test_the_queue_counts_episodes_by_what_they_need(rig: Rig, statistics: Statistics) -> None:
    rig.add()
    rig.run_all()
    rig.fail(Stage.FETCH, ValueError("broken"), ValueError("broken"), ValueError("broken"))
    rig.add()
    while rig.runner.step(Stage.FETCH):
        rig.now += 3600
    rig.stages[Stage.FETCH] = rig._plain(RESULTS[Stage.FETCH])
    rig.add()
    deleted = rig.add()
    rig.trash.delete(OWNER, [deleted])
    found = statistics.figures(OWNER)
    assert found.queue == {State.DONE: 1, State.FAILED: 1, State.QUEUED: 1}
    assert found.episodes == 3


# --- feeds ------------------------------------------------------------------------------------------


def test_feeds_stand_as_their_publishers_last_answered(rig: Rig, statistics: Statistics) -> None:
    unavailable = {"code": "feed_unavailable", "detail": "It does not answer.", "params": {}}
    standings: dict[str, dict[str, object]] = {
        "a fine one": {"next_poll_at": NOON + 60},
        "b due": {"next_poll_at": NOON - 1},
        "c failing": {"next_poll_at": NOON - 1, "failures": 3, "error": unavailable},
        "d far ahead": {"next_poll_at": NOON + 1000 * DAY},  # as a clock that was wrong writes it
        "e gone": {"failures": 3, "error": unavailable | {"params": {"status": 410}}},
    }

    def write(db: Database) -> None:
        for title, columns in standings.items():
            number = feeds.add(db, {"url": f"https://a.example/{title}", "title": title}, now=0.0)
            feeds.change(db, number, columns)
        feeds.add(db, {"url": "inbox:folder", "title": "f folder"}, now=0.0)

    rig.store.write(write)
    assert [(row.feed.title, row.standing) for row in statistics.figures(OWNER).feeds] == [
        ("a fine one", "fine"),
        ("b due", "due"),
        ("c failing", "failing"),
        ("d far ahead", "due"),
        ("e gone", "gone"),
        ("f folder", "fine"),
    ]


# --- the disk ---------------------------------------------------------------------------------------
