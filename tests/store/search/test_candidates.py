"""Candidates: words in one text, else spread over an episode; ranked, else by date."""

from __future__ import annotations

import pytest

from core.domain.episodes.search_query import Hint
from core.domain.episodes.search_result import DocumentKind
from core.store.db.database import Store
from core.store.search import candidates
from tests.store.search.conftest import DAY, Add, find, transcribe


def test_words_of_different_sentences_lead_to_the_episodes_that_hold_them_all(store: Store, add_episode: Add) -> None:
    both, one = add_episode("a", published_at=1.0), add_episode("b", published_at=9.0)
    transcribe(store, both, "gpu here", "nothing", "显存 there")
    transcribe(store, one, "gpu here")
    found = find(store, "gpu 显存")
    assert [group.episode_id for group in found.groups] == [both]
    assert [hit.place for hit in found.groups[0].hits] == [0, 2]
    assert found.hints == (Hint("scattered"),)
    assert find(store, "gpu missing").groups == ()


def test_better_episodes_come_first_and_many_hits_come_by_date(
    store: Store, add_episode: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = add_episode("gpu", published_at=1 * DAY)
    new = add_episode("other", published_at=9 * DAY)
    transcribe(store, old, "the gpu", "gpu gpu gpu")
    transcribe(store, new, "one sentence among many words that says gpu once")
    ranked = find(store, "gpu")
    assert ([g.episode_id for g in ranked.groups], ranked.order, ranked.total, ranked.at_least) == (
        [old, new],
        "relevance",
        4,
        False,
    )
    monkeypatch.setattr(candidates, "RANKED", 2)
    cut = find(store, "gpu")
    assert ([g.episode_id for g in cut.groups], cut.order, cut.total, cut.at_least) == ([new, old], "newest", 2, True)
    assert Hint("newest_first", "2") in cut.hints


def test_speakers_are_those_whom_a_sentence_names(store: Store, add_episode: Add) -> None:
    episode = add_episode("Ben and Ada")
    transcribe(store, episode, "Ben says so", speakers=["Ada Byron"])
    with store.snapshot() as db:
        assert [candidates.speaks(db, name) for name in ("Ada Byron", "ada", "Ben", "…")] == [True, True, False, False]


def test_rare_kinds_are_found_beyond_the_newest_hits(store: Store, add_episode: Add, monkeypatch: pytest.MonkeyPatch) -> None:
    titled = add_episode("gpu", published_at=1 * DAY)
    transcribe(store, add_episode("other", published_at=9 * DAY), "gpu", "gpu", "gpu")
    monkeypatch.setattr(candidates, "RANKED", 2)
    found = find(store, "in:title gpu")
    assert ([group.episode_id for group in found.groups], found.total, found.at_least) == ([titled], 1, False)
    assert found.kinds == {DocumentKind.SEGMENT: 2}
    apart = find(store, "in:title gpu missing")
    assert apart.groups == ()


def test_words_that_are_apart_are_told_by_kind(store: Store, add_episode: Add) -> None:
    both = add_episode("gpu")
    transcribe(store, both, "显存 there")
    found = find(store, "gpu 显存")
    assert found.kinds == {DocumentKind.SEGMENT: 1, DocumentKind.TITLE: 1}
    limited = find(store, "in:transcript gpu 显存")
    assert [hit.kind for group in limited.groups for hit in group.hits] == [DocumentKind.SEGMENT]
    assert limited.kinds == found.kinds and limited.total == 1
