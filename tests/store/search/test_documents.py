"""A document's place in the index, and the documents of an episode."""

from __future__ import annotations

import pytest

from core.domain.episodes.search_result import DocumentKind
from core.store.db.database import Store
from core.store.search import documents
from core.store.search.documents import PLACES, SearchDocument
from core.store.text import notes
from tests.store.search.conftest import DAY, Add, transcribe


@pytest.mark.parametrize("kind", list(DocumentKind))
@pytest.mark.parametrize("place", [0, 1, PLACES - 1])
def test_a_rowid_says_episode_kind_and_place(kind: DocumentKind, place: int) -> None:
    episode = (1 << 21) - 1
    row = documents.rowid(documents.moment_key(4e9) | episode << 20, kind, place)
    assert documents.address(row) == (episode, kind, place)
    assert documents.episode_of(row) == episode
    assert 0 <= row < 1 << 63


def test_later_episodes_have_higher_rowids_to_a_quarter_of_an_hour() -> None:
    keys = [documents.moment_key(seconds) for seconds in (0.0, 899.0, 900.0, 2 * 900.0)]
    assert keys[0] == keys[1] < keys[2] < keys[3]


def test_dates_before_1970_and_far_ahead_have_a_place(store: Store, add_episode: Add) -> None:
    assert documents.moment_key(-9e9) == 0
    assert documents.moment_key(1e18) == documents.moment_key(9e17)
    assert documents.base(store.read(), add_episode(published_at=-5.0 * DAY)) == 1 << 20
    assert documents.base(store.read(), 99) is None


def test_only_the_asked_for_segments_are_read_and_empty_ones_are_no_documents(store: Store, episode_id: int) -> None:
    transcribe(store, episode_id, "one", "", "three", speakers=("Anna", None, None))
    read = store.read()
    found = documents.documents(read, episode_id, [DocumentKind.SEGMENT])
    assert found == {
        documents.slot(DocumentKind.SEGMENT, 0): SearchDocument("one", 0.0, "Anna"),
        documents.slot(DocumentKind.SEGMENT, 2): SearchDocument("three", 20.0),
    }
    some = documents.documents(read, episode_id, [DocumentKind.SEGMENT], places={2})
    assert list(some) == [documents.slot(DocumentKind.SEGMENT, 2)]
    assert documents.documents(read, episode_id, [DocumentKind.SEGMENT], places=set()) == {}


def test_own_notes_are_found_a_line_at_a_time_without_their_marks(store: Store, episode_id: int) -> None:
    store.write(lambda db: notes.set_own(db, episode_id, "# Head\n\n- [x] [1:05](?t=65.5) done\n> said\n\n---", now=1.0))
    found = documents.documents(store.read(), episode_id, [DocumentKind.OWN_NOTE])
    assert [(d.text, d.start) for d in found.values()][:3] == [("Head", None), ("1:05 done", 65.5), ("said", None)]


def test_the_words_before_a_change_are_the_documents_that_were_there() -> None:
    assert documents.before(DocumentKind.SEGMENT, 4, "old", "Anna") == {
        documents.slot(DocumentKind.SEGMENT, 4): SearchDocument("old", speaker="Anna")
    }
    assert documents.before(DocumentKind.SEGMENT, 4, "", None) == {}
    assert documents.before(DocumentKind.TITLE, 0, None, None) == {}
    own = documents.before(DocumentKind.OWN_NOTE, 0, "one\n\ntwo", None)
    assert [document.text for document in own.values()] == ["one", "two"]
