from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core import errors
from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Filter
from core.domain.episodes.retention import DAY, RetentionReason
from core.domain.jobs.job import Stage
from core.pipeline.steps.fetch import Fetched
from core.services.library.retention import Retention
from core.services.library.trash import KEPT_SECONDS
from core.sources.feeds.parse import parse
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from core.transactions.feed_entries import take
from tests.fakes.podcast_host import PodcastHost
from tests.runner_fixture import TRANSCRIPT, Rig
from tests.store.conftest import PERSONAL, set_reading_state

F, T, S, P = Stage
TRASH = Filter(deleted=True)


@pytest.fixture
def feed(rig: Rig) -> int:
    return rig.store.write(partial(feeds.add, values={"url": "https://f/", "title": "F"}, now=rig.now))


def episode(rig: Rig, feed: int | None, number: int, **more: Any) -> int:
    """A fetched and transcribed episode, published `number` days before now, with ten bytes of audio."""
    path = f"media/{number}.mp3"
    (rig.data / path).write_bytes(b"0123456789")
    columns = {
        "feed_id": feed,
        "guid": f"g{number}",
        "title": f"Talk {number}",
        "source": "feed",
        "enclosure_url": f"https://f/{number}.mp3",
        "media_path": path,
        "bytes": 10,
        "published_at": rig.now - number * DAY,
        **more,
    }
    personal = {name: columns.pop(name) for name in PERSONAL & set(columns)}
    rig.stages[F] = rig._plain(Fetched(path))
    episode_id = rig.add(**columns)
    if personal:
        rig.store.write(partial(set_reading_state, episode_id=episode_id, values=personal))
    rig.run_all()
    return episode_id


def files(rig: Rig) -> list[str]:
    return sorted(p.name for p in (rig.data / "media").iterdir() if p.is_file())


def listed(rig: Rig, wanted: Filter | None = None) -> set[int]:
    return {row.episode.id for row in rig.library.listing(OWNER, wanted).items}


def save(rig: Rig, **values: Any) -> None:
    for name, value in values.items():
        rig.settings.save(OWNER, name, value)


@pytest.fixture
def later(rig: Rig) -> Rig:
    """Long enough after the beginning of time for days to be counted."""
    rig.now = 1_000 * DAY
    return rig


def test_heard_audio_goes_and_everything_else_stays(later: Rig, feed: int) -> None:
    heard, other = episode(later, feed, 1, read_at=5.0), episode(later, feed, 2)
    later.retention.set_rule(OWNER, feed, {"audio": "heard"})
    later.retention.step()
    row = later.library.episode(OWNER, heard).episode
    assert (row.media_path, row.audio_dropped_at, row.audio_dropped_why) == (None, later.now, "heard")
    assert files(later) == ["2.mp3"]
    assert later.library.transcript(OWNER, heard) == TRANSCRIPT
    assert later.library.notes(OWNER, heard)
    assert later.library.media(OWNER, other).is_file()
    (record,) = later.retention.history(OWNER)
    assert (record.episode_id, record.title, record.what, record.why, record.bytes) == (
        heard,
        "Talk 1",
        "audio",
        RetentionReason.HEARD,
        10,
    )


def test_audio_that_went_is_fetched_again_alone_and_stays_for_a_week(later: Rig, feed: int) -> None:
    gone = episode(later, feed, 1)
    later.retention.set_rule(OWNER, feed, {"audio": "text"})
    later.retention.step()
    later.ran.clear()
    later.retention.fetch_again(OWNER, gone)
    with pytest.raises(errors.Conflict):
        later.retention.fetch_again(OWNER, gone)
    (later.data / "media" / "1.mp3").write_bytes(b"0123456789")
    later.run_all()
    assert [stage for _, stage in later.ran] == [F]
    later.retention.step()
    row = later.library.episode(OWNER, gone).episode
    assert (row.media_path, row.audio_dropped_at, row.audio_dropped_why) == ("media/1.mp3", None, None)
    with pytest.raises(errors.Conflict):
        later.retention.fetch_again(OWNER, gone)
    later.now += 8 * DAY
    later.retention.step()
    assert files(later) == []


def test_a_fetch_that_fails_is_tried_again_alone(later: Rig, feed: int) -> None:
    gone = episode(later, feed, 1)
    later.retention.set_rule(OWNER, feed, {"audio": "text"})
    later.retention.step()
    later.fail(F, errors.Permanent("gone"))
    later.retention.fetch_again(OWNER, gone)
    later.run_all()
    assert later.states(gone) == "fddd"
    later.library.retry(OWNER, gone)
    later.run_all()
    assert later.states(gone) == "dddd"
    assert [stage for _, stage in later.ran].count(T) == 1


def test_audio_that_nobody_offers_any_more_cannot_be_fetched_again(later: Rig) -> None:
    bare = later.add()
    with pytest.raises(errors.MediaMissing):
        later.retention.fetch_again(OWNER, bare)
    with pytest.raises(errors.NotFound):
        later.retention.fetch_again(OWNER, 99)


def test_old_episodes_go_to_the_trash_and_one_that_is_restored_stays(later: Rig, feed: int) -> None:
    ids = [episode(later, feed, n) for n in (1, 2, 3)]
    save(later, keep_episodes="newest", keep_newest=1)
    later.retention.step()
    assert (listed(later), listed(later, TRASH)) == ({ids[0]}, {ids[1], ids[2]})
    assert len(files(later)) == 3
    assert {(r.episode_id, r.what, r.why) for r in later.retention.history(OWNER)} == {
        (i, "episode", RetentionReason.NEWEST) for i in ids[1:]
    }
    later.trash.restore(OWNER, [ids[2]])
    later.run_all()
    later.retention.step()
    assert listed(later) == {ids[0], ids[2]}
    later.now += KEPT_SECONDS + 1
    later.trash.step()
    assert files(later) == ["1.mp3", "3.mp3"]


def test_a_feed_does_not_bring_back_what_was_let_go(later: Rig) -> None:
    with PodcastHost() as host:
        number = later.store.write(partial(feeds.add, values={"url": host.feed_url, "title": "F", "backlog": 0}, now=later.now))
        parsed = parse(host.feed(), host.feed_url)

    def poll() -> None:
        def change(db: Database) -> None:
            take(db, feeds.get(db, number), parsed, now=later.now)
            feeds.change(db, number, {"last_success_at": later.now})

        later.store.write(change)

    poll()
    later.retention.set_rule(OWNER, number, {"episodes": "newest", "newest": 2})
    later.retention.step()
    kept = listed(later)
    poll()
    assert (len(kept), listed(later)) == (2, kept)
    later.now += KEPT_SECONDS + 1
    later.trash.step()
    poll()
    assert (listed(later), listed(later, TRASH)) == (kept, set())


def protect(rig: Rig) -> dict[str, Callable[[int], object]]:
    return {
        "star": lambda i: rig.bulk_actions.star(OWNER, [i]),
        "tag": lambda i: rig.bulk_actions.tag(OWNER, [i], "work"),
        "own notes": lambda i: rig.library.set_own_notes(OWNER, i, "Mine."),
        "edit": lambda i: rig.annotations.edit(OWNER, i, 0, "A talk about dogs."),
        "reading": lambda i: rig.library.set_position(OWNER, i, 5.0),
        "work": lambda i: rig.library.retry(OWNER, i, S),
    }


@pytest.mark.parametrize("what", ["star", "tag", "own notes", "edit", "reading", "work"])
def test_what_a_person_or_the_queue_is_at_is_left_alone(later: Rig, feed: int, what: str) -> None:
    kept, gone, _ = (episode(later, feed, n) for n in (8, 9, 1))
    protect(later)[what](kept)
    if what != "work":
        later.run_all()
    save(later, keep_audio="text", keep_episodes="newest", keep_newest=1)
    later.retention.step()
    assert kept in listed(later) and later.library.media(OWNER, kept).is_file()
    assert gone in listed(later, TRASH)


def test_a_row_that_changed_since_it_was_looked_at_is_left_alone(later: Rig, feed: int) -> None:
    kept = episode(later, feed, 1)
    later.retention.set_rule(OWNER, feed, {"audio": "text"})
    write = later.store.write

    def starred_just_before(change: Callable[[Any], Any]) -> Any:
        later.store.write = write  # type: ignore[method-assign]
        later.bulk_actions.star(OWNER, [kept])
        return write(change)

    later.store.write = starred_just_before  # type: ignore[method-assign, assignment]
    later.retention.step()
    assert later.library.media(OWNER, kept).is_file()
    assert later.retention.history(OWNER) == []


def test_the_budget_takes_the_audio_of_the_trash_first(later: Rig, feed: int) -> None:
    first, second, trashed = (episode(later, feed, n) for n in (3, 2, 1))
    later.trash.delete(OWNER, [trashed])
    save(later, media_gb=20e-9)
    later.retention.step()
    assert later.library.episode(OWNER, trashed).episode.audio_dropped_why == "budget"
    save(later, media_gb=10e-9)
    later.retention.step()
    assert (later.library.episode(OWNER, first).episode.media_path, later.library.media(OWNER, second).is_file()) == (None, True)
    later.bulk_actions.star(OWNER, [second])
    save(later, media_gb=1e-9)
    assert later.retention.preview(OWNER).over == 9


def test_a_look_ahead_says_what_saving_would_do_and_does_nothing(later: Rig, feed: int) -> None:
    ids = [episode(later, feed, n) for n in (1, 2, 3)]
    other = later.store.write(partial(feeds.add, values={"url": "https://g/", "title": "G"}, now=later.now))
    episode(later, other, 4)
    save(later, keep_audio="text")
    found = later.retention.preview(OWNER, feed_id=feed, choice={"audio": "all", "episodes": "newest", "newest": 1})
    assert (found.audio, found.episodes, found.bytes, [n.title for n in found.first]) == (0, 2, 20, ["Talk 2", "Talk 3"])
    whole = later.retention.preview(OWNER, settings={"keep_audio": "all", "keep_episodes": "newest", "keep_newest": 2})
    assert (whole.audio, whole.episodes) == (0, 1)
    assert listed(later) >= set(ids)
    assert later.retention.preview(OWNER).audio == 4
    later.retention.step()
    assert later.retention.preview(OWNER).audio == 0


def test_a_rule_that_does_not_fit_changes_nothing(rig: Rig, feed: int) -> None:
    for wrong in ({"audio": "some"}, {"newest": 0}, {"days": "3"}, {"colour": "red"}):
        with pytest.raises(errors.UserError):
            rig.retention.set_rule(OWNER, feed, wrong)
    with pytest.raises(errors.NotFound):
        rig.retention.set_rule(OWNER, 99, {"audio": "all"})
    rig.retention.set_rule(OWNER, feed, {"audio": "days", "audio_days": 3, "publisher_transcript": "never"})
    rig.retention.set_rule(OWNER, feed, {"audio_days": None})
    found = rig.retention.rule(OWNER, feed)
    assert (found.rule.audio, found.rule.audio_days, found.publisher_transcript) == ("days", 7, "never")
    rig.store.write(partial(feeds.delete, feed_id=feed))
    assert rig.store.read().execute("SELECT count(*) FROM keep_rules").fetchone()[0] == 0


# --- stopped in the middle --------------------------------------------------------------------------------------


class Killed(BaseException):
    pass


def killed_at(rig: Rig, monkeypatch: pytest.MonkeyPatch, point: int) -> bool:
    """Runs a step that ends at the `point`-th write or unlink, before it is done; says whether it came that far."""
    count = itertools.count()
    write, unlink = rig.store.write, Path.unlink

    def dying(do: Callable[..., Any]) -> Callable[..., Any]:
        def act(*args: Any, **more: Any) -> Any:
            if next(count) == point:
                raise Killed
            return do(*args, **more)

        return act

    with monkeypatch.context() as patch:
        patch.setattr(rig.store, "write", dying(write))
        patch.setattr(Path, "unlink", dying(unlink))
        try:
            rig.retention.step()
        except Killed:
            return True
    return False


@pytest.mark.parametrize("point", range(8))
def test_whoever_is_killed_leaves_no_row_without_its_audio_and_the_next_step_ends_it(
    later: Rig, feed: int, monkeypatch: pytest.MonkeyPatch, point: int
) -> None:
    ids = [episode(later, feed, n) for n in (1, 2, 3, 4)]
    later.retention.set_rule(OWNER, feed, {"audio": "text", "episodes": "newest", "newest": 2})
    killed = killed_at(later, monkeypatch, point)
    for episode_id in ids:
        path = later.library.episode(OWNER, episode_id).episode.media_path
        assert path is None or (later.data / path).is_file()
    Retention(later.store, later.settings, later.data, later.trash, clock=lambda: later.now).step()
    assert (files(later), listed(later)) == (["3.mp3", "4.mp3"], set(ids[:2]))
    assert sorted((r.episode_id, r.what) for r in later.retention.history(OWNER)) == [
        (ids[0], "audio"),
        (ids[1], "audio"),
        (ids[2], "episode"),
        (ids[3], "episode"),
    ]
    assert killed or point > 4


def test_a_file_that_is_fetched_again_before_it_was_removed_stays(later: Rig, feed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    again = episode(later, feed, 1)
    later.retention.set_rule(OWNER, feed, {"audio": "text"})
    assert killed_at(later, monkeypatch, 1)
    assert files(later) == ["1.mp3"]
    later.retention.fetch_again(OWNER, again)
    later.retention.step()
    assert files(later) == ["1.mp3"]
    later.run_all()
    later.retention.step()
    assert later.library.media(OWNER, again).is_file()
    assert later.store.read().execute("SELECT count(*) FROM prunings WHERE file IS NOT NULL").fetchone()[0] == 0
