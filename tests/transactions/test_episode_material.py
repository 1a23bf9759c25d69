"""All that is known of an episode, for exports."""

from __future__ import annotations

from functools import partial

import pytest

from core.domain.episodes.publisher_extras import Chapters, Origin, SuppliedChapter
from core.domain.notes.note import Chapter, Notes
from core.errors import NotFound
from core.store.db.database import Store
from core.store.library import episodes, publisher_extras, tags
from core.store.text import notes
from core.transactions.episode_material import gather


@pytest.fixture
def number(store: Store) -> int:
    return store.write(partial(episodes.add, values={"title": "A talk", "source": "upload"}, now=1.0))


def chapters(title: str) -> Chapters:
    return Chapters((SuppliedChapter(title, 3.0, "https://a.example", "https://a.example/p.png"),))


def save(store: Store, number: int, origin: Origin, document: Chapters) -> None:
    store.write(partial(publisher_extras.save, episode_id=number, origin=origin, document=document, now=1.0))


def test_an_episode_of_which_nothing_is_known_has_its_row_alone(store: Store, number: int) -> None:
    found = gather(store.read(), number)
    assert found.episode.title == "A talk"
    assert (found.transcript, found.notes, found.feed_title, found.own_notes) == (None, None, None, "")
    assert (found.highlights, found.tags, found.chapters) == ((), (), ())


def test_what_a_reader_added_is_in_it(store: Store, number: int) -> None:
    store.write(lambda db: notes.set_own(db, number, "Mine.", now=1.0))
    store.write(lambda db: notes.add(db, number, Notes("Gist.", engine="ollama"), now=1.0))
    store.write(lambda db: tags.put(db, tags.named(db, "Science", now=1.0), [number]))
    found = gather(store.read(), number, page_address="http://a.example/e", audio_address="a.mp3")
    assert (found.own_notes, found.tags) == ("Mine.", ("Science",))
    assert found.notes and found.notes.tldr == "Gist."
    assert (found.page_address, found.audio_address) == ("http://a.example/e", "a.mp3")


def test_chapters_of_the_publisher_go_before_those_in_the_file(store: Store, number: int) -> None:
    save(store, number, Origin.FILE, chapters("In the file"))
    assert [chapter.title for chapter in gather(store.read(), number).chapters] == ["In the file"]
    save(store, number, Origin.PUBLISHER, chapters("Published"))
    whole = Chapter("Published", 3.0, link="https://a.example", picture="https://a.example/p.png")
    assert gather(store.read(), number).chapters == (whole,)


def test_what_is_not_there_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        gather(store.read(), 99)
