"""The index against its tables: after any changes it finds exactly their content."""

from __future__ import annotations

import random
import unicodedata
from functools import partial
from typing import Any

import pytest

from core.domain.episodes.search_query import Hint
from core.domain.episodes.search_result import DocumentKind
from core.domain.notes.note import Notes, Point
from core.domain.transcripts.annotation import Colour, Span
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.search import text_folding
from core.store.text import highlights, notes
from tests.store.search.conftest import Add, find, hits, publish, transcribe, whole


def test_everything_that_can_be_read_is_found_with_its_moment(store: Store, add_episode: Add) -> None:
    number = add_episode("显存 explained", description="<p>Today: <b>显存</b>.</p>")
    transcribe(store, number, "nothing", "显存 says the transcript")
    publish(store, number, "nothing", "显存 says the publisher")
    written = Notes("显存 in short.", points=(Point("显存 costs", "q", 12.0, 13.0, 1, True),), engine="ollama")
    store.write(lambda db: notes.add(db, number, written, now=1.0))
    store.write(lambda db: notes.set_own(db, number, "# My 显存\n\n- see [1:05](/episode?id=1&t=65) 显存", now=1.0))
    span = Span(1, 0, 1, 2)
    columns = {
        **highlights.span_columns(span),
        "start": 10.0,
        "end": 12.0,
        "quote": "显存",
        "colour": Colour.YELLOW.value,
        "remark": "显存!",
    }
    mark = store.write(partial(highlights.add, episode_id=number, values=columns, now=1.0))
    (group,) = find(store, "显存", per_group=20).groups
    assert [(hit.kind, hit.place, hit.start, hit.snippet) for hit in group.hits] == [
        (DocumentKind.TITLE, 0, None, "显存 explained"),
        (DocumentKind.SEGMENT, 1, 10.0, "显存 says the transcript"),
        (DocumentKind.REMARK, mark, 10.0, "显存!"),
        (DocumentKind.PUBLISHED, 1, 10.0, "显存 says the publisher"),
        (DocumentKind.NOTE, 1, 12.0, "显存 costs"),
        (DocumentKind.OWN_NOTE, 1, 65.0, "see 1:05 显存"),
        (DocumentKind.NOTE, 0, None, "显存 in short."),
        (DocumentKind.OWN_NOTE, 0, None, "My 显存"),
        (DocumentKind.SHOW_NOTE, 0, None, "Today: 显存."),
    ]
    assert all([hit.snippet[a:b] for a, b in hit.marks] == ["显存"] for hit in group.hits)
    assert (group.title, group.marks, group.count, group.feed_title) == ("显存 explained", ((0, 2),), 9, None)


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("模型", [0, 1]),
        ("gpu 模型", [0]),
        ('"the model"', [2]),
        ('"model the"', []),
        ("mod*", [2, 3]),
        ("model -gpu", [2]),
        ("cafe", [4]),
        ("speaker:anna", [0, 2]),
        ("speaker:ANNÁ model", [2]),
        ("-speaker:anna model", [3]),
        ("speaker:nobody model", []),
    ],
)
def test_queries(store: Store, episode_id: int, query: str, places: list[int]) -> None:
    texts = ("GPU 与模型", "大模型", "ask the model", "a gpu model", "le Café")
    transcribe(store, episode_id, *texts, speakers=("Anna", "Ben", "Anna K.", None, "Ben"))
    assert hits(store, query) == [(episode_id, DocumentKind.SEGMENT, place) for place in places]


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("feed:nothing gpu", Hint("no_feed", "nothing")),
        ("tag:nothing gpu", Hint("no_tag", "nothing")),
        ("episode:99 gpu", Hint("no_episode", "99")),
        ("episode:x gpu", Hint("no_episode", "x")),
        ("-gpu", Hint("only_excluded")),
        ("!!!", Hint("nothing_sought")),
        ('"gpu', Hint("quote_open")),
    ],
)
def test_an_answer_says_what_did_not_fit(store: Store, episode_id: int, query: str, hint: Hint) -> None:
    transcribe(store, episode_id, "gpu")
    assert hint in find(store, query).hints


def test_limits_say_how_much_there_is(store: Store, add_episode: Add) -> None:
    for n in range(4):
        transcribe(store, add_episode(str(n)), *["gpu"] * 5)
    found = find(store, "gpu", groups=2, per_group=3)
    assert [(len(group.hits), group.count) for group in found.groups] == [(3, 5), (3, 5)]
    assert found.total == 20


@pytest.mark.parametrize("most", [1, 3, 4, 9, 500])
def test_a_limit_of_all_hits_reads_no_further_episodes(store: Store, add_episode: Add, most: int) -> None:
    for number in range(6):
        transcribe(store, add_episode(f"Nr {number}"), *(["the harbour at dawn"] * 3))
    whole, some = find(store, "harbour", groups=10, per_group=3), find(store, "harbour", groups=10, per_group=3, hits=most)
    assert some.groups == whole.groups[: len(some.groups)]
    assert some.total == whole.total == 18
    given = [len(group.hits) for group in some.groups]
    assert sum(given) >= min(most, 18)
    assert sum(given[:-1]) < most


def test_nothing_is_lost_and_nothing_false_is_found_against_a_scan_of_the_texts(store: Store, add_episode: Add) -> None:
    """Random edits of random texts in several scripts; then random parts of them, and of nothing, are looked for."""
    rng = random.Random(5)
    alphabet = "显存模型體机器かがソ국어🎉👍éÉØaB c,。!"
    texts: dict[tuple[int, int], str] = {}

    def sentence() -> str:
        return "".join(rng.choices(alphabet, k=rng.randint(1, 14)))

    for _ in range(6):
        number = add_episode("–")
        said = [sentence() for _ in range(40)]
        transcribe(store, number, *said)
        texts |= {(number, place): text for place, text in enumerate(said)}
    for where in rng.sample(sorted(texts), 60):
        texts[where] = sentence()
        values = [texts[where], *where]
        store.write(partial(reword, values=values))
    assert whole(store)
    unspaced = "显存模型体机器かがソ국어🎉👍"
    for _ in range(400):
        source = text_folding.fold(rng.choice(list(texts.values())))
        at = rng.randrange(len(source))
        part = source[at : at + rng.randint(1, 3)]
        if not part or any(c not in unspaced for c in part):
            continue
        scanned = sorted((n, DocumentKind.SEGMENT, p) for (n, p), text in texts.items() if part in text_folding.fold(text))
        assert hits(store, f'"{part}"') == scanned, part
    words = {word for text in texts.values() for word in text_folding.fold(text).split() if word.isascii() and word.isalnum()}
    for word in sorted(words):
        scanned = sorted((n, DocumentKind.SEGMENT, p) for (n, p), text in texts.items() if word in words_of(text))
        assert hits(store, word) == scanned, word


def reword(db: Database, values: list[Any]) -> None:
    db.execute("UPDATE segments SET text = ? WHERE episode_id = ? AND id = ?", values)


def words_of(text: str) -> set[str]:
    """Runs of letters that are written with spaces."""
    spaced = "".join(c if unicodedata.category(c)[0] == "L" and c.isascii() else " " for c in text_folding.fold(text))
    return set(spaced.split())
