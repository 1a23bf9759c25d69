"""The words around a short hit."""

from __future__ import annotations

from functools import partial

from core.domain.notes.note import Notes, Term
from core.domain.transcripts.annotation import Colour, Span
from core.store.db.database import Store
from core.store.search.context import ROOM
from core.store.text import highlights, notes
from tests.store.search.conftest import Add, find, publish, transcribe

LONG = "and so the evening went on, with lanterns on the water and nobody in a hurry to go home, whatever the clock said about it"


def around(store: Store, text: str) -> list[tuple[str, str, str]]:
    return [(hit.before, hit.snippet, hit.after) for group in find(store, text).groups for hit in group.hits]


def test_a_sentence_of_one_word_comes_with_its_neighbours(store: Store, add_episode: Add) -> None:
    transcribe(store, add_episode("A"), "Was it you?", "Certainly.", "Then sit down.")
    assert around(store, "certainly") == [("Was it you?", "Certainly.", "Then sit down.")]


def test_neighbours_are_cut_between_words_and_the_first_and_last_have_one_side(store: Store, add_episode: Add) -> None:
    transcribe(store, add_episode("A"), "Indeed.", LONG, LONG, "Finally.")
    (first,) = around(store, "indeed")
    assert first[0] == ""
    assert first[2].endswith("…")
    assert f"{LONG} {LONG}".startswith(first[2][:-1])
    assert f"{LONG} {LONG}"[len(first[2]) - 1] == " "
    (last,) = around(store, "finally")
    assert (last[0][0], last[2]) == ("…", "")
    assert f" {last[0][1:]}" in f" {LONG} {LONG}"
    assert all(len("".join(each)) <= ROOM for each in (first, last))


def test_a_long_hit_needs_none(store: Store, add_episode: Add) -> None:
    transcribe(store, add_episode("A"), "Before.", LONG, "After.")
    (hit,) = around(store, "lanterns")
    assert len(hit[1]) > ROOM * 3 // 4 or hit[0] == "Before."
    transcribe(store, add_episode("B"), "Before.", f"{LONG}, harbours too. {LONG}", "After.")
    assert [(a, b) for a, _, b in around(store, "harbours")] == [("", "")]


def test_chinese_sentences_need_no_space(store: Store, add_episode: Add) -> None:
    transcribe(store, add_episode("甲"), "是你吗？", "当然。", "那就坐下。")
    assert around(store, "当然") == [("是你吗？", "当然。", "那就坐下。")]


def test_a_neighbour_that_is_a_hit_itself_stands_there_once(store: Store, add_episode: Add) -> None:
    transcribe(store, add_episode("A"), "First.", "A lamp.", "Another lamp.", "Last.")
    assert around(store, "lamp") == [("First.", "A lamp.", ""), ("", "Another lamp.", "Last.")]


def test_lines_of_other_texts_have_neighbours_too(store: Store, add_episode: Add) -> None:
    number = add_episode("A", description="<p>With Anna.</p><p>Lighthouses</p><p>And rain.</p>")
    assert around(store, "lighthouses") == [("With Anna.", "Lighthouses", "And rain.")]
    publish(store, number, "Who?", "Keepers.", "I see.")
    assert around(store, "keepers") == [("Who?", "Keepers.", "I see.")]
    store.write(lambda db: notes.set_own(db, number, "- ask again\n- ropes\n- buy bread", now=1.0))
    assert around(store, "ropes") == [("ask again", "ropes", "buy bread")]


def test_a_remark_and_a_note_say_what_they_are_about(store: Store, add_episode: Add) -> None:
    number = add_episode("A")
    transcribe(store, number, "Nothing yet.", "The tide turns at night.")
    columns = {"start": 10.0, "end": 12.0, "quote": "The tide turns", "colour": Colour.YELLOW.value, "remark": "Wow"}
    store.write(partial(highlights.add, episode_id=number, values=columns | highlights.span_columns(Span(1, 0, 1, 14)), now=1.0))
    assert around(store, "wow") == [("", "Wow", "“The tide turns”")]
    written = Notes("Short.", terms=(Term("Ebb", start=10.0),), engine="ollama")
    store.write(lambda db: notes.add(db, number, written, now=1.0))
    assert around(store, "ebb") == [("", "Ebb", "“The tide turns at night.”")]
