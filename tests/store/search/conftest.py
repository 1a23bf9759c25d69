"""Texts that are put into a library, and the index compared with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import pytest

from core.domain.episodes.publisher_extras import Origin, SuppliedTranscript
from core.domain.episodes.search_query import parse
from core.domain.episodes.search_result import DocumentKind, SearchResult
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.store.db.database import Store
from core.store.library import publisher_extras
from core.store.search import backfill, documents, queries, text_folding
from core.store.search import tables as search_tables
from core.store.text import transcripts

DAY = 86_400


Add = Callable[..., int]


def transcript(*texts: str, speakers: Iterable[str | None] = ()) -> Transcript:
    named = dict(enumerate(speakers))
    segments = tuple(Segment(i, i * 10.0, i * 10.0 + 9, text, named.get(i)) for i, text in enumerate(texts))
    return Transcript("zh", 10.0 * len(texts), segments, SpeechEngine("demo"))


def transcribe(store: Store, episode_id: int, *texts: str, speakers: Iterable[str | None] = ()) -> None:
    made = transcript(*texts, speakers=speakers)
    store.write(partial(transcripts.save, episode_id=episode_id, transcript=made, now=1.0))


def publish(store: Store, episode_id: int, *texts: str, timed: bool = True, speaker: str | None = None) -> None:
    """The publisher's transcript comes along."""
    segments = tuple(Segment(i, i * 10.0, i * 10.0 + 9, text, speaker) for i, text in enumerate(texts))
    document = SuppliedTranscript(segments, "zh", timed)
    store.write(partial(publisher_extras.save, episode_id=episode_id, origin=Origin.PUBLISHER, document=document, now=1.0))


def find(store: Store, text: str, **limits: int) -> SearchResult:
    with store.snapshot() as db:
        return queries.find(db, parse(text), **limits)


def hits(store: Store, text: str) -> list[tuple[int, DocumentKind, int]]:
    found = find(store, text, groups=100, per_group=1000)
    assert found.total == sum(group.count for group in found.groups)
    return sorted((group.episode_id, hit.kind, hit.place) for group in found.groups for hit in group.hits)


def whole(store: Store) -> bool:
    """Whether the index matches the tables exactly: FTS5's integrity check and a comparison both pass."""
    db = store.read()
    generation = search_tables.live(db)
    fresh = {
        row[1] | slot
        for row in db.execute("SELECT episode_id, base FROM search_episodes WHERE generation = ?", [generation])
        for slot in documents.documents(db, row[0])
    }
    counted = {row[0] for row in db.execute(f"SELECT id FROM search_{generation}_docsize")}
    return fresh == counted and not db.execute("SELECT count(*) FROM search_pending").fetchone()[0]


def build(store: Store) -> int:
    """Steps until there is nothing more to do."""
    count = 1
    while store.write(backfill.step):
        count += 1
    return count


@pytest.fixture
def stale(store: Store, add_episode: Add, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Three episodes that are in the tables, but in no index: as after an upgrade, or with other rules of folding."""
    for n in range(3):
        transcribe(store, add_episode(f"Number {n}"), "gpu")
    store.close()
    monkeypatch.setattr(text_folding, "RULES", text_folding.RULES + 1)
    text_folding.stamp.cache_clear()
    store.open()
    yield store
    text_folding.stamp.cache_clear()


def tables(store: Store) -> set[str]:
    return {row[0] for row in store.read().execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
