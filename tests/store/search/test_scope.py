"""The part of the library that filters leave."""

from __future__ import annotations

import pytest

from core.domain.episodes.search_query import Hint
from core.domain.episodes.search_result import KIND_NAMES, DocumentKind
from core.store.db.database import Store
from core.store.feeds import feeds
from core.store.library import episodes, tags
from core.store.search.text_folding import fold
from tests.store.search.conftest import DAY, Add, find, transcribe


def test_filters_of_feed_tag_episode_and_time(store: Store, add_episode: Add) -> None:
    feed = store.write(lambda db: feeds.add(db, {"url": "https://e.example", "title": "科技早知道 Daily"}, now=0.0))
    first = add_episode("one", feed_id=feed, published_at=100 * DAY)
    second = add_episode("two", published_at=200 * DAY)
    for number in (first, second):
        transcribe(store, number, "gpu")
    store.write(lambda db: tags.put(db, tags.named(db, "Arbeit", now=1.0), [second]))
    answers = {
        "feed:早知道 gpu": [first],
        'feed:"daily" gpu': [first],
        "-feed:daily gpu": [second],
        "tag:arbeit gpu": [second],
        "tag:arb gpu": [],
        "-tag:arbeit gpu": [first],
        f"episode:{second} gpu": [second],
        "after:1970-05-01 gpu": [second],
        "before:1970-05-01 gpu": [first],
        "after:1970-05 before:1970-06 gpu": [],
        "feed:daily": [first],
        "after:1970-05": [second],
    }
    assert {query: [group.episode_id for group in find(store, query).groups] for query in answers} == answers


def test_the_kind_of_text(store: Store, add_episode: Add) -> None:
    number = add_episode("gpu in a title")
    transcribe(store, number, "a gpu", "another gpu")
    store.write(lambda db: episodes.change(db, number, {"description": "Of a gpu."}, now=1.0))
    kinds = {
        "in:transcript gpu": "SS",
        "in:title gpu": "T",
        "范围:節目介紹 gpu": "N",
        '-in:"show notes" gpu': "TSS",
        "in:title in:shownotes gpu": "TN",
    }
    letters = {DocumentKind.SEGMENT: "S", DocumentKind.TITLE: "T", DocumentKind.SHOW_NOTE: "N"}
    answers = {query: find(store, query) for query in kinds}
    found = {
        query: "".join(letters[hit.kind] for group in answer.groups for hit in group.hits) for query, answer in answers.items()
    }
    assert found == kinds
    # What the filter leaves out is still counted.
    everything = {DocumentKind.SEGMENT: 2, DocumentKind.TITLE: 1, DocumentKind.SHOW_NOTE: 1}
    assert all(answer.kinds == everything for answer in answers.values())
    assert find(store, "in:comments gpu").groups == () and find(store, "in:comments gpu").total == 0


@pytest.mark.parametrize(
    ("query", "hints", "found"),
    [
        ("in:music gpu", [Hint("no_kind", "music")], 1),
        ("in:notes", [Hint("only_kinds")], 0),
        ("-in:notes", [Hint("only_kinds")], 0),
        ("in:notes -gpu", [Hint("only_excluded")], 0),
        ("in:notes after:1970", [], 1),
    ],
)
def test_a_kind_alone_is_no_question(store: Store, add_episode: Add, query: str, hints: list[Hint], found: int) -> None:
    transcribe(store, add_episode("one"), "gpu")
    answer = find(store, query)
    assert (list(answer.hints), len(answer.groups)) == (hints, found)


def test_each_name_of_a_kind_is_folded_and_means_one() -> None:
    names = [name for each in KIND_NAMES.values() for name in each]
    assert set(KIND_NAMES) == set(DocumentKind) and len(names) == len(set(names))
    assert names == [fold(name) for name in names]
