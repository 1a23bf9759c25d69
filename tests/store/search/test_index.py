"""The index follows every change of the tables."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from core.domain.episodes.search_result import DocumentKind
from core.domain.notes.note import Notes
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.library import episode_trash, episodes
from core.store.search import index
from core.store.text import notes, transcripts
from tests.store.search.conftest import DAY, Add, build, find, hits, publish, transcribe, transcript, whole


def test_changes_are_followed(store: Store, add_episode: Add) -> None:
    number = add_episode("before", published_at=5 * DAY)
    transcribe(store, number, "gpu one", "two", speakers=("Anna", None))

    def does(change: Callable[[Any], object]) -> None:
        store.write(change)
        assert whole(store)

    does(lambda db: episodes.change(db, number, {"title": "after"}, now=1.0))
    assert (hits(store, "before"), len(hits(store, "after"))) == ([], 1)
    does(lambda db: episodes.change(db, number, {"published_at": 90.0 * DAY}, now=1.0))
    assert len(hits(store, "gpu after:1970-03")) == 1
    does(lambda db: db.execute("UPDATE segments SET text = 'edited 显存' WHERE id = 0"))
    assert (hits(store, "gpu"), len(hits(store, "显存"))) == ([], 1)
    does(lambda db: db.execute("UPDATE segments SET speaker = '小林' WHERE speaker = 'Anna'"))
    assert (hits(store, "speaker:anna 显存"), len(hits(store, "speaker:小林 显存"))) == ([], 1)
    transcribe(store, number, "again")
    assert (hits(store, "显存"), len(hits(store, "again"))) == ([], 1)
    does(lambda db: episodes.delete(db, number))
    assert hits(store, "again") == hits(store, "after") == []


def test_the_version_of_the_notes_that_is_shown_is_found(store: Store, episode_id: int) -> None:
    for word in ("first", "second"):
        store.write(partial(notes.add, episode_id=episode_id, notes=Notes(f"The {word}.", engine="ollama"), now=1.0))
    assert (len(hits(store, "first")), len(hits(store, "second"))) == (0, 1)
    store.write(lambda db: db.execute("UPDATE episodes SET notes_id = (SELECT min(id) FROM notes)"))
    assert (len(hits(store, "first")), len(hits(store, "second"))) == (1, 0)
    store.write(lambda db: db.execute("UPDATE notes SET outdated = 1"))
    assert hits(store, "first") == hits(store, "second") == []
    assert whole(store)


def test_show_notes_are_followed(store: Store, add_episode: Add) -> None:
    number = add_episode("a", published_at=5 * DAY, description="<p>Hosts: Anna</p><ul><li>gpu<br>second line</li></ul>")
    assert hits(store, "gpu") == [(number, DocumentKind.SHOW_NOTE, 1)]
    store.write(lambda db: episodes.change(db, number, {"description": "plain 显存 a < b &amp; c"}, now=1.0))
    assert (hits(store, "gpu"), hits(store, "显存")) == ([], [(number, DocumentKind.SHOW_NOTE, 0)])
    store.write(lambda db: episodes.change(db, number, {"description": "both at once: gpu", "published_at": 90.0 * DAY}, now=1.0))
    assert (hits(store, "显存"), hits(store, "gpu after:1970-03")) == ([], [(number, DocumentKind.SHOW_NOTE, 0)])
    assert whole(store)
    store.write(lambda db: episodes.delete(db, number))
    assert hits(store, "gpu") == [] and whole(store)


def test_the_publishers_transcript_is_found_until_it_is_the_episodes_own(store: Store, add_episode: Add) -> None:
    number = add_episode("a")
    publish(store, number, "gpu one", speaker="Anna")
    assert hits(store, "speaker:anna gpu") == [(number, DocumentKind.PUBLISHED, 0)]
    publish(store, number, "显存", timed=False)
    assert hits(store, "gpu") == []
    assert [hit.start for hit in find(store, "显存").groups[0].hits] == [None]
    transcribe(store, number, "显存 as we heard it")
    assert hits(store, "显存") == [(number, DocumentKind.SEGMENT, 0), (number, DocumentKind.PUBLISHED, 0)]
    accepted = Transcript("zh", 10.0, (Segment(0, 0.0, 9.0, "显存"),), SpeechEngine("publisher"))
    store.write(partial(transcripts.save, episode_id=number, transcript=accepted, now=1.0))
    assert hits(store, "显存") == [(number, DocumentKind.SEGMENT, 0)] and whole(store)
    publish(store, number, "显存 changed by the publisher")
    assert hits(store, "显存") == [(number, DocumentKind.SEGMENT, 0)] and whole(store)
    transcribe(store, number, "heard again")
    assert hits(store, "显存") == [(number, DocumentKind.PUBLISHED, 0)] and whole(store)
    store.write(lambda db: db.execute("DELETE FROM supplied"))
    assert hits(store, "显存") == [] and whole(store)
    publish(store, number, "显存")
    store.write(lambda db: episodes.delete(db, number))
    assert hits(store, "显存") == [] and whole(store)


def test_many_new_episodes_at_once_are_left_to_the_steps(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "FEW_NEW", 2)

    def bring(db: Database) -> None:
        for n in range(3):
            episodes.add(db, {"title": f"Number {n}", "source": "feed", "description": "<p>gpu</p>"}, now=1.0)

    store.write(bring)
    assert hits(store, "gpu") == []
    store.write(lambda db: episodes.change(db, 2, {"title": "changed before its turn"}, now=1.0))
    assert hits(store, "gpu") == [(2, DocumentKind.SHOW_NOTE, 0)]
    build(store)
    assert len(hits(store, "gpu")) == 3 and whole(store)


def test_the_trash_is_left_out_and_comes_back(store: Store, episode_id: int) -> None:
    transcribe(store, episode_id, "gpu")
    store.write(lambda db: episode_trash.put_in_trash(db, [episode_id], now=1.0))
    assert find(store, "gpu").total == 0
    assert find(store, "after:1960").groups == ()
    store.write(lambda db: db.execute("UPDATE segments SET text = 'changed meanwhile'"))
    store.write(lambda db: episode_trash.take_from_trash(db, [episode_id], now=1.0))
    assert (find(store, "gpu").total, find(store, "meanwhile").total) == (0, 1)
    assert whole(store)


def test_a_change_that_fails_leaves_the_index_as_it_was(store: Store, episode_id: int) -> None:
    transcribe(store, episode_id, "gpu")

    def fails(db: Database) -> None:
        transcripts.save(db, episode_id, transcript("other"), now=1.0)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.write(fails)
    assert len(hits(store, "gpu")) == 1 and whole(store)


def test_much_happens_in_one_transaction(store: Store, add_episode: Add) -> None:
    kept, gone = add_episode("kept"), add_episode("gone")
    transcribe(store, gone, "gpu")

    def change(db: Database) -> None:
        for text in ("one", "two", "three"):
            transcripts.save(db, kept, transcript(text, text), now=1.0)
            episodes.change(db, kept, {"title": text}, now=1.0)
        db.execute("UPDATE segments SET text = 'four' WHERE id = 1")
        notes.set_own(db, gone, "own", now=1.0)
        episodes.change(db, gone, {"title": "renamed first", "published_at": 7.0 * DAY}, now=1.0)
        episodes.delete(db, gone)

    store.write(change)
    assert whole(store)
    assert hits(store, "three") == [(kept, DocumentKind.SEGMENT, 0), (kept, DocumentKind.TITLE, 0)]
    assert hits(store, "two") == hits(store, "gpu") == hits(store, "renamed") == []
    assert hits(store, "four") == [(kept, DocumentKind.SEGMENT, 1)]
