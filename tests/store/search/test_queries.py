"""The index against the tables that it follows: whatever happens to them, it finds what is there and nothing else."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.domain.episodes.publisher_extras import Origin, SuppliedTranscript
from core.domain.episodes.search_query import Hint, parse
from core.domain.episodes.search_result import BackfillProgress, DocumentKind, SearchResult
from core.domain.notes.note import Notes, Point
from core.domain.transcripts.annotation import Colour, Span
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.store.db.database import Store
from core.store.feeds import feeds
from core.store.library import episode_trash, episodes, publisher_extras, tags
from core.store.search import backfill, candidates, documents, index, queries, snippet, text_folding
from core.store.search import tables as search_tables
from core.store.text import highlights, notes, transcripts

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
    """Whether the index holds exactly what the tables do: FTS5 finds nothing wrong, and neither does a comparison."""
    db = store.read()
    generation = search_tables.live(db)
    fresh = {
        row[1] | slot
        for row in db.execute("SELECT episode_id, base FROM search_episodes WHERE generation = ?", [generation])
        for slot in documents.documents(db, row[0])
    }
    counted = {row[0] for row in db.execute(f"SELECT id FROM search_{generation}_docsize")}
    return fresh == counted and not db.execute("SELECT count(*) FROM search_pending").fetchone()[0]


# --- what is found ------------------------------------------------------------------------------------


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


def test_a_long_text_is_cut_around_the_hit() -> None:
    text = "word " * 100 + "显存 here " + "more " * 100
    at = text.index("显存")
    shown, marks = snippet.cut(text, [(at, at + 2), (len(text) - 3, len(text) - 1)])
    assert len(shown) <= snippet.SNIPPET + 2
    assert shown.startswith("…word") and shown.endswith("…")
    assert [shown[a:b] for a, b in marks] == ["显存"]
    assert snippet.cut("short", [(0, 5)]) == ("short", [(0, 5)])
    assert len(snippet.cut("长" * 1000, [(500, 900)])[0]) <= snippet.SNIPPET + 2


# --- following ----------------------------------------------------------------------------------------


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

    def bring(db: Any) -> None:
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

    def fails(db: Any) -> None:
        transcripts.save(db, episode_id, transcript("other"), now=1.0)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.write(fails)
    assert len(hits(store, "gpu")) == 1 and whole(store)


def test_much_happens_in_one_transaction(store: Store, add_episode: Add) -> None:
    kept, gone = add_episode("kept"), add_episode("gone")
    transcribe(store, gone, "gpu")

    def change(db: Any) -> None:
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


def reword(db: Any, values: list[Any]) -> None:
    db.execute("UPDATE segments SET text = ? WHERE episode_id = ? AND id = ?", values)


def words_of(text: str) -> set[str]:
    """Runs of letters that are written with spaces."""
    spaced = "".join(c if unicodedata.category(c)[0] == "L" and c.isascii() else " " for c in text_folding.fold(text))
    return set(spaced.split())


# --- generations --------------------------------------------------------------------------------------


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


def test_an_index_by_other_rules_is_filled_anew(stale: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "STEP_DOCUMENTS", 1)
    assert backfill.progress(stale.read()) == BackfillProgress(0, 3, rebuilding=False)
    assert hits(stale, "gpu") == []
    assert stale.write(backfill.step)
    assert len(hits(stale, "gpu")) == 1
    build(stale)
    assert len(hits(stale, "gpu")) == 3 and whole(stale)


def test_what_changes_before_the_index_is_filled_is_found_at_once(stale: Store) -> None:
    stale.write(lambda db: episodes.change(db, 2, {"title": "changed"}, now=1.0))
    assert hits(stale, "gpu") == [(2, DocumentKind.SEGMENT, 0)]
    stale.write(lambda db: episodes.delete(db, 1))
    build(stale)
    assert [number for number, _, _ in hits(stale, "gpu")] == [2, 3] and whole(stale)


def test_a_rebuild_serves_the_old_index_until_the_new_one_is_whole(
    store: Store, add_episode: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill, "STEP_DOCUMENTS", 1)
    numbers = [add_episode(f"Number {n}", published_at=n * DAY) for n in range(4)]
    for number in numbers:
        transcribe(store, number, "gpu")
    store.write(backfill.begin_rebuild)
    store.write(backfill.step)
    assert backfill.progress(store.read()) == BackfillProgress(1, 4, rebuilding=True)
    assert len(hits(store, "gpu")) == 4
    # One that is in the new one already, one that is not, one more, and one less: both follow.
    transcribe(store, numbers[3], "显存")
    transcribe(store, numbers[0], "显存")
    transcribe(store, add_episode("Number 4"), "显存")
    store.write(lambda db: episodes.delete(db, numbers[1]))
    expected = hits(store, "显存"), hits(store, "gpu")
    assert list(map(len, expected)) == [3, 1]
    store.close()
    store.open()
    store.write(backfill.begin_rebuild)
    assert backfill.progress(store.read()).rebuilding
    build(store)
    assert (hits(store, "显存"), hits(store, "gpu")) == expected and whole(store)
    assert backfill.progress(store.read()) == BackfillProgress(4, 4, rebuilding=False)
    assert {name for name in tables(store) if name.startswith("search_1")} == set() and "search_2" in tables(store)


def tables(store: Store) -> set[str]:
    return {row[0] for row in store.read().execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_a_generation_that_has_served_goes_some_of_it_at_a_time(
    store: Store, add_episode: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_tables, "CLEARED", {"data": 2, "docsize": 3})
    for n in range(5):
        transcribe(store, add_episode(f"Number {n}"), "gpu")
    store.write(backfill.begin_rebuild)
    while backfill.progress(store.read()).rebuilding:
        store.write(backfill.step)
    left = store.read().execute("SELECT count(*) FROM search_1_docsize").fetchone()[0]
    assert left == 10 and len(hits(store, "gpu")) == 5
    store.close()  # a stop in between: the next start goes on
    store.open()
    assert build(store) > 4
    assert "search_1_docsize" not in tables(store) and len(hits(store, "gpu")) == 5 and whole(store)


def test_an_older_database_is_filled_after_the_upgrade(tmp_path: Path) -> None:
    """Rows that were there before the step 0004 are found once the index has come to them."""
    store = Store(tmp_path / "castmind.db")
    store.open()
    number = store.write(partial(episodes.add, values={"title": "Old", "source": "upload"}, now=1.0))

    def forget(db: Any) -> None:
        db.execute("DELETE FROM search_episodes")
        db.execute("UPDATE search_state SET live = NULL, stamp = NULL")
        db.execute("DROP TABLE search_1")

    store.write(forget)
    store.close()
    store.open()
    assert find(store, "old").total == 0
    build(store)
    assert hits(store, "old") == [(number, DocumentKind.TITLE, 0)]
    store.close()
