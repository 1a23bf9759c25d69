"""Statistics of a real library: finished runs, disk use by folder, feeds by state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import Stage, State
from core.services.library.disk_use import KINDS, REST_FACTOR, REST_SECONDS, DiskUse, kind_of
from core.services.library.statistics import Statistics
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

    def write(db: object) -> None:
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

FILES = {
    "castmind.db": 1000,
    "castmind.db-wal": 200,
    "uploads/a.mp3": 30,
    "uploads/incoming/b.part": 5,
    "media/c.mp3": 400,
    "media/covers/d.webp": 7,
    "exports/sub/e.md": 11,
    "models/small/model.bin": 5000,
    "backups/f.zip": 600,
    "inbox/My Show/g.mp3": 13,
    "logs/castmind.log": 17,
    "reports/h.json": 19,
    "damaged-20261122-120000/castmind.db": 23,
    ".lock": 3,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, size in FILES.items():
        path = tmp_path / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
    (tmp_path / "elsewhere.bin").write_bytes(b"x" * 9999)
    (tmp_path / "folder" / "uploads" / "link.mp3").symlink_to(tmp_path / "elsewhere.bin")
    return tmp_path / "folder"


def clock_of(moments: list[float]) -> Callable[[], float]:
    return lambda: moments[-1]


def test_every_file_counts_for_its_kind(folder: Path) -> None:
    use = DiskUse(folder)
    assert use.now() is None
    use.step()
    found = use.now()
    assert found
    link = (folder / "uploads" / "link.mp3").lstat().st_size
    assert found.kinds == {
        "media": 400,
        "uploads": 35 + link,
        "models": 5000,
        "backups": 600,
        "database": 1200,
        "exports": 11,
        "covers": 7,
        "inbox": 13,
        "logs": 36,
        "other": 26,
    }
    assert tuple(found.kinds) == KINDS
    assert found.ours == sum(FILES.values()) + link
    assert found.total > found.free > 0
    assert found.others == found.total - found.free - found.ours


def test_files_are_counted_again_only_when_somebody_asks_and_not_too_often(folder: Path) -> None:
    moments = [1000.0]
    use = DiskUse(folder, clock=clock_of(moments))

    def media() -> int:
        found = use.now()
        assert found
        return found.kinds["media"]

    use.step()
    (folder / "media" / "new.mp3").write_bytes(b"x" * 100)
    moments.append(moments[-1] + 10 * REST_SECONDS)
    use.step()  # nobody has asked
    assert media() == 400
    use.step()
    assert media() == 500
    (folder / "media" / "newer.mp3").write_bytes(b"x" * 100)
    moments.append(moments[-1] + REST_SECONDS - 1)
    use.step()  # too soon
    assert media() == 500
    moments.append(moments[-1] + 1)
    use.step()
    assert media() == 600


def test_a_count_that_takes_long_is_followed_by_a_long_rest(folder: Path) -> None:
    moment = 0.0

    def clock() -> float:
        nonlocal moment
        moment += 10.0
        return moment

    use = DiskUse(folder, clock=clock)
    use.step()
    before = use.now()
    assert before
    for _ in range(int(10.0 * REST_FACTOR / 10.0) - 1):
        use.now()
        use.step()
    assert use.now() == replace(before, free=use.now().free)  # type: ignore[union-attr]
    use.step()
    use.step()
    after = use.now()
    assert after and after.counted_at > before.counted_at


def test_a_clock_that_was_put_back_puts_no_count_off(folder: Path) -> None:
    moments = [1_000_000.0]
    use = DiskUse(folder, clock=clock_of(moments))
    use.step()
    assert use.now()
    moments.append(5.0)
    use.step()
    found = use.now()
    assert found and found.counted_at == 5.0


def test_a_count_ends_when_the_parts_are_stopped(folder: Path) -> None:
    use = DiskUse(folder)
    use.stop()
    use.step()
    assert use.now() is None
    use.start()
    use._rest_until = 0.0
    use.step()
    assert use.now()


@pytest.mark.parametrize(
    ("path", "kind"),
    [("media/covers", "media"), ("media/covers/a.webp", "covers"), (".restore/new/castmind.db", "other"), ("x", "other")],
)
def test_what_kind_a_path_is_of(path: str, kind: str) -> None:
    assert kind_of(path) == kind
