from __future__ import annotations

from dataclasses import replace
from functools import partial

from core.domain.notes.note import Action, Chapter, Notes, Point, Term
from core.store.db.database import Store
from core.store.text import notes

EXTRACT = Notes(tldr="A talk.", engine="extractive", coverage=1.0)
WRITTEN = Notes(
    tldr="关于猫。",
    points=(Point("Cats", "a cat", 1.0, 2.0, 3, True), Point("Dogs", "a dog")),
    chapters=(Chapter("Start", 0.0, "It starts."),),
    terms=(Term("cat", "an animal", "a cat", 1.0, True),),
    actions=(Action("Feed it", "feed it", 2.0, True),),
    coverage=1.0,
    engine="ollama",
    model="qwen",
    language="zh",
    seconds=4.5,
)


def add(store: Store, episode_id: int, value: Notes, now: float = 1.0) -> None:
    store.write(partial(notes.add, episode_id=episode_id, notes=value, now=now))


def newest(store: Store, episode_id: int) -> Notes | None:
    found = notes.current(store.read(), episode_id)
    return found.notes if found else None


def test_notes_come_back_as_they_went_in(store: Store, episode_id: int) -> None:
    assert newest(store, episode_id) is None
    add(store, episode_id, WRITTEN, now=9.0)
    found = notes.current(store.read(), episode_id)
    assert found
    assert (found.notes, found.created_at) == (WRITTEN, 9.0)


def test_the_newest_counts_and_extracts_do_not_pile_up(store: Store, episode_id: int) -> None:
    for value in (EXTRACT, EXTRACT, WRITTEN):
        add(store, episode_id, value)
    assert newest(store, episode_id) == WRITTEN
    assert store.read().execute("SELECT count(*) FROM notes").fetchone()[0] == 2


def test_notes_of_a_replaced_transcript_are_forgotten_but_not_the_users_own(store: Store, episode_id: int) -> None:
    add(store, episode_id, WRITTEN)
    store.write(lambda db: notes.set_own(db, episode_id, "# Mine", now=1.0))
    store.write(lambda db: notes.outdate(db, episode_id))
    assert newest(store, episode_id) is None
    assert notes.own(store.read(), episode_id) == "# Mine"


def test_own_notes_are_empty_until_written_and_then_the_last_ones(store: Store, episode_id: int) -> None:
    assert notes.own(store.read(), episode_id) == ""
    for text in ("one", "二"):
        store.write(partial(notes.set_own, episode_id=episode_id, markdown=text, now=1.0))
    assert notes.own(store.read(), episode_id) == "二"


def test_what_stays_current_is_said_by_who_adds(store: Store, episode_id: int) -> None:
    add(store, episode_id, EXTRACT)
    add(store, episode_id, WRITTEN)
    good = notes.current(store.read(), episode_id)
    weak = replace(WRITTEN, points=(Point("Cats", "no cat"),))
    store.write(partial(notes.add, episode_id=episode_id, notes=weak, now=1.0, stays=good))
    assert newest(store, episode_id) == WRITTEN
    assert [v.notes for v in notes.versions(store.read(), episode_id)] == [weak, WRITTEN, EXTRACT]
    anew = replace(WRITTEN, tldr="Anew.")
    add(store, episode_id, anew)
    assert newest(store, episode_id) == anew


def test_gists_are_those_of_the_current_notes_and_cut(store: Store, episode_id: int) -> None:
    assert notes.gists(store.read(), [], length=5) == {} == notes.gists(store.read(), [episode_id], length=5)
    add(store, episode_id, EXTRACT)
    assert notes.gists(store.read(), [episode_id, 404], length=300) == {episode_id: "A talk."}
    add(store, episode_id, WRITTEN)
    assert notes.gists(store.read(), [episode_id], length=2) == {episode_id: "关于"}
    store.write(lambda db: notes.outdate(db, episode_id))
    assert notes.gists(store.read(), [episode_id], length=300) == {}
