"""A show moves to a host that calls everything otherwise: the audio itself says which episodes are the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import Stage, State
from core.speech.client.client import SpeechClient
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from core.store.library import episodes
from core.store.text import notes
from tests.fakes.podcast_host import DAY, PodcastHost
from tests.runner_fixture import Rig
from tests.transactions.test_feed_entries import Subscriber

F, T, S, P = Stage


@pytest.fixture
def moved(store: Store, tmp_path: Path, host: PodcastHost, speech: SpeechClient) -> Iterator[Subscriber]:
    """Three samples are transcribed."""
    del host.items[3:]
    rig = Rig(store, tmp_path, {"CASTMIND_MIN_FREE_GB": "0"})
    made = Subscriber(rig, host, speech)
    made.feed_id = made.feeds.add(OWNER, host.feed_url, backlog=99).feed.id
    rig.run_all()
    rig.ran.clear()
    yield made
    rig.fetcher.close()


def move(host: PodcastHost, *, keep: int = 0) -> None:
    """Guids, addresses, titles and dates are others; of the last `keep` items nothing is."""
    for n, item in enumerate(host.items[: len(host.items) - keep]):
        host.files[f"moved-{n}.bin"] = host.files[item.file]
        host.items[n] = replace(
            item, guid=f"new-{n}", title=f"Renamed {n}", file=f"moved-{n}.bin", published=item.published + 30 * DAY, duration=""
        )


def ids(subscriber: Subscriber) -> list[int]:
    return sorted(e.id for e in episodes.of_feed(subscriber.rig.store.read(), subscriber.feed_id))


def test_nothing_is_there_twice_or_transcribed_twice(moved: Subscriber) -> None:
    rig, before = moved.rig, ids(moved)
    move(moved.host)
    moved.poll()
    assert len(ids(moved)) == 2 * len(before), "nobody can tell before the audio is here"
    rig.run_all()
    assert ids(moved) == before
    assert {stage for _, stage in rig.ran} == {F, P}
    assert all(rig.states(each) == "dddd" and rig.library.transcript(OWNER, each) for each in before)
    found = episodes.of_feed(rig.store.read(), moved.feed_id)
    assert {e.guid for e in found} == {f"new-{n}" for n in range(3)}
    assert {e.title for e in found} == {f"Renamed {n}" for n in range(3)}
    rig.ran.clear()
    for _ in range(3):
        moved.poll()
        rig.run_all()
    assert (ids(moved), rig.ran) == (before, []), "and so it stays"
    assert rig.store.read().execute("SELECT count(*) FROM dismissed").fetchone()[0] == 0


def test_what_a_reader_did_to_either_stays(moved: Subscriber) -> None:
    rig = moved.rig
    old = next(e.id for e in episodes.of_feed(rig.store.read(), moved.feed_id) if "English" in e.title)
    rig.library.update(OWNER, old, title="My own title")
    rig.annotations.edit(OWNER, old, 0, "A talk about dogs.")
    rig.library.set_own_notes(OWNER, old, "Heard in the train.")
    rig.run_all()
    move(moved.host)
    moved.poll()
    new = next(e.id for e in episodes.of_feed(rig.store.read(), moved.feed_id) if e.title == "Renamed 0")
    rig.bulk_actions.star(OWNER, [new])
    rig.bulk_actions.tag(OWNER, [new], "later")
    rig.library.set_own_notes(OWNER, new, "Ask Anna.")
    rig.library.update(OWNER, new, notes_language="zh")
    rig.run_all()
    kept = rig.library.episode(OWNER, old)
    assert rig.store.read().execute("SELECT 1 FROM episodes WHERE id = ?", [new]).fetchone() is None
    assert kept.episode.title == "My own title" and kept.episode.guid == "new-0"
    assert kept.reading.starred_at and [tag.name for tag in kept.tags] == ["later"]
    assert kept.episode.notes_language == "zh"
    assert notes.own(rig.store.read(), old) == "Heard in the train.\n\nAsk Anna."
    found = rig.library.transcript(OWNER, old)
    assert found and found.segments[0].text == "A talk about dogs."


@pytest.mark.long
def test_what_the_feed_lists_twice_stays_two(moved: Subscriber) -> None:
    host, before = moved.host, ids(moved)
    host.files["again.mp3"] = host.files[host.items[0].file]
    host.publish("again.mp3", "The best of last month")
    moved.poll()
    moved.rig.run_all()
    assert len(ids(moved)) == len(before) + 1


def test_what_is_in_the_trash_or_of_another_show_is_left(moved: Subscriber) -> None:
    rig, before = moved.rig, ids(moved)
    rig.trash.delete(OWNER, [before[0]])
    # The same audio in a feed of its own: somebody wants both.
    there = rig.store.write(lambda db: feeds.add(db, {"url": "https://b.example/feed", "title": "B"}, now=rig.now))
    rig.store.write(lambda db: db.execute("UPDATE episodes SET feed_id = ? WHERE id = ?", [there, before[1]]))
    move(moved.host)
    moved.poll()
    rig.run_all()
    rows = {row[0]: row[1] for row in rig.store.read().execute("SELECT id, guid FROM episodes")}
    assert len(rows) == 5
    assert not {rows[before[0]], rows[before[1]]} & {f"new-{n}" for n in range(3)}


@pytest.mark.long
def test_what_a_cut_off_feed_leaves_out_is_listed_still(moved: Subscriber) -> None:
    rig, host = moved.rig, moved.host
    whole = host.feed()
    host.serve_feed(whole[: whole.index(b"</item>") + 7])
    assert moved.feeds.refresh(OWNER, moved.feed_id).feed.cut_off
    listed = rig.store.read().execute("SELECT count(*) FROM episodes WHERE listed").fetchone()[0]
    assert listed == len(host.items)
    host.serve_feed(None)
    host.items.pop()
    moved.poll()
    assert rig.store.read().execute("SELECT count(*) FROM episodes WHERE listed").fetchone()[0] == len(host.items)


def test_one_whose_audio_was_never_transcribed_goes_on_as_the_older(moved: Subscriber) -> None:
    rig, before = moved.rig, ids(moved)

    def undo(db: Database) -> None:
        db.execute("DELETE FROM transcripts WHERE episode_id = ?", [before[0]])
        db.execute("DELETE FROM jobs WHERE episode_id = ?", [before[0]])

    rig.store.write(undo)
    move(moved.host)
    moved.poll()
    rig.run_all()
    assert ids(moved) == before
    assert rig.states(before[0]) == "dddd" and rig.library.transcript(OWNER, before[0])
    assert rig.state(before[0], T) is State.DONE
