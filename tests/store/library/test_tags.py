"""Tags: named once whatever their case, and counted without the trash."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from core.domain.episodes.tag import Tag
from core.errors import Conflict, NotFound
from core.store.db.database import Store
from core.store.library import tags


def named(store: Store, name: str) -> int:
    return store.write(partial(tags.named, name=name, now=1.0))


def test_a_name_is_one_tag_whatever_its_case(store: Store) -> None:
    assert named(store, "Straße") == named(store, "STRASSE")
    assert [tag.name for tag in tags.listing(store.read())] == ["Straße"]


def test_a_tag_counts_the_episodes_outside_the_trash(store: Store, add_episode: Callable[..., int]) -> None:
    tag, empty = named(store, "science"), named(store, "Art")
    one, gone = add_episode("one"), add_episode("gone")
    assert store.write(lambda db: tags.put(db, tag, [one, gone, 99])) == [one, gone]
    assert store.write(lambda db: tags.put(db, tag, [one])) == []
    store.write(lambda db: db.execute("UPDATE episodes SET deleted_at = 1 WHERE id = ?", [gone]))
    assert tags.listing(store.read()) == [Tag(empty, "Art", 0), Tag(tag, "science", 1)]
    assert tags.get(store.read(), tag).episodes == 1
    assert tags.carrying(store.read(), tag) == [one, gone]
    assert store.write(lambda db: tags.put(db, empty, [gone])) == [gone]
    assert tags.get(store.read(), empty).episodes == 0


def test_an_episode_has_its_tags_by_name(store: Store, episode_id: int) -> None:
    for name in ("beta", "Alpha"):
        tag = named(store, name)
        store.write(partial(tags.put, tag_id=tag, episode_ids=[episode_id]))
    assert [tag.name for tag in tags.of_episodes(store.read(), [episode_id, 99])[episode_id]] == ["Alpha", "beta"]


def test_a_tag_may_change_its_case_but_not_take_anothers_name(store: Store) -> None:
    tag, other = named(store, "science"), named(store, "art")
    store.write(lambda db: tags.rename(db, tag, "Science"))
    assert tags.get(store.read(), tag).name == "Science"
    with pytest.raises(Conflict) as refused:
        store.write(lambda db: tags.rename(db, tag, "ART"))
    assert refused.value.params["id"] == other
    with pytest.raises(NotFound):
        store.write(lambda db: tags.rename(db, 99, "x"))


def test_a_removed_tag_is_taken_off_its_episodes(store: Store, episode_id: int) -> None:
    tag = named(store, "science")
    store.write(lambda db: tags.put(db, tag, [episode_id]))
    assert store.write(lambda db: tags.take_off(db, tag, [episode_id, 99])) == [episode_id]
    assert store.write(lambda db: tags.take_off(db, tag, [episode_id])) == []
    store.write(lambda db: tags.put(db, tag, [episode_id]))
    assert store.write(lambda db: tags.remove(db, tag)) == [episode_id]
    assert tags.of_episodes(store.read(), [episode_id]) == {}
    with pytest.raises(NotFound):
        store.write(lambda db: tags.remove(db, tag))
