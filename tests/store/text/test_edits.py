"""Edits of a transcript: undone and redone in their order."""

from __future__ import annotations

from functools import partial

from core.domain.transcripts.annotation import EditKind
from core.store.db.database import Store
from core.store.text import edits


def add(store: Store, episode_id: int, text: str) -> int:
    change = partial(edits.add, episode_id=episode_id, kind=EditKind.TEXT, segment_id=0, start=1.0)
    return store.write(partial(change, before={"text": "Teh."}, after={"text": text}, now=5.0))


def undo(store: Store, edit_id: int, undone: bool = True) -> None:
    store.write(lambda db: edits.set_undone(db, edit_id, undone))


def test_an_edit_comes_back_as_it_was_made(store: Store, episode_id: int) -> None:
    number = add(store, episode_id, "声.")
    (found,) = edits.of_episode(store.read(), episode_id)
    assert (found.id, found.kind, found.segment_id, found.start, found.made_at) == (number, EditKind.TEXT, 0, 1.0, 5.0)
    assert (found.before, found.after, found.undone, found.outdated) == ({"text": "Teh."}, {"text": "声."}, False, False)


def test_the_last_is_undone_first_and_the_first_undone_is_redone_first(store: Store, episode_id: int) -> None:
    one, two = add(store, episode_id, "one"), add(store, episode_id, "two")

    def next_ones() -> tuple[int | None, int | None]:
        back, forth = edits.to_undo(store.read(), episode_id), edits.to_redo(store.read(), episode_id)
        return back and back.id, forth and forth.id

    assert next_ones() == (two, None)
    undo(store, two)
    undo(store, one)
    assert next_ones() == (None, one)
    undo(store, one, False)
    assert next_ones() == (one, two)


def test_after_another_edit_what_was_undone_cannot_be_redone(store: Store, episode_id: int) -> None:
    one = add(store, episode_id, "one")
    undo(store, one)
    two = add(store, episode_id, "two")
    assert [edit.id for edit in edits.of_episode(store.read(), episode_id)] == [two]
    assert edits.to_redo(store.read(), episode_id) is None


def test_of_a_replaced_transcript_what_was_applied_is_kept_to_look_up(store: Store, episode_id: int) -> None:
    one, two = add(store, episode_id, "one"), add(store, episode_id, "two")
    undo(store, two)
    store.write(lambda db: edits.outdate(db, episode_id))
    assert [(edit.id, edit.outdated) for edit in edits.of_episode(store.read(), episode_id)] == [(one, True)]
    assert edits.to_undo(store.read(), episode_id) is None
    newest = add(store, episode_id, "of the new one")
    assert [edit.id for edit in edits.of_episode(store.read(), episode_id, limit=1)] == [newest]
