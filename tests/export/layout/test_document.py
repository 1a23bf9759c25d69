"""An episode as blocks: in which order, with which evidence, and with its marks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.episodes.episode import Episode
from core.domain.notes.note import Chapter, Notes
from core.domain.transcripts.spoken import Fate, Spoken, Why
from core.domain.transcripts.transcript import Transcript
from core.export.export_data import Material
from core.export.layout.blocks import BlockKind, TextRun
from core.export.layout.document import document, facts, heard
from core.export.layout.labels import ENGLISH
from tests.export.conftest import HOSTILE, transcript
from tests.export.talk import PAGE, material


def headings_of(found: Material, level: int) -> list[str]:
    return [block.text for block in document(found).blocks if block.kind is BlockKind.HEADING and block.level == level]


def test_the_parts_stand_in_their_order() -> None:
    titles = headings_of(material("en"), 2)
    own = [ENGLISH.points, ENGLISH.chapters, ENGLISH.terms, ENGLISH.actions, ENGLISH.highlights, ENGLISH.own_notes]
    assert [title for title in titles if title in {*own, ENGLISH.transcript}] == [*own, ENGLISH.transcript]


def test_a_part_without_anything_in_it_has_no_heading(episode: Episode) -> None:
    assert headings_of(Material(episode), 2) == []
    assert headings_of(Material(episode, notes=Notes("Gist.")), 2) == []


def test_chapters_of_the_publisher_are_shown_once_in_place_of_the_notes_own() -> None:
    found = replace(material("en"), chapters=(Chapter("Cold open", 0.0), Chapter("", 9.0)))
    assert headings_of(found, 2).count(ENGLISH.chapters) == 1
    assert headings_of(found, 3)[-1:] == ["Cold open"]
    items = [block.text for block in document(found).blocks if block.kind is BlockKind.ITEM]
    assert "Cold open" in items and not any("Beginning" in item for item in items)


def test_a_title_is_one_line_and_never_empty(episode: Episode) -> None:
    assert document(Material(episode)).title == " ".join(HOSTILE.split())
    assert document(Material(replace(episode, title=" \n\x00 "))).title == "CastMind"


def test_the_facts_leave_out_what_is_not_known(episode: Episode) -> None:
    assert facts(Material(episode, feed_title="A\nshow")) == ["A show", "1970-01-02", "1:02:03"]
    assert facts(Material(replace(episode, duration=None, published_at=None))) == ["1970-01-01"]


def test_an_unproven_point_is_marked_and_a_proven_one_has_its_time() -> None:
    quotes = [block for block in document(material("en")).blocks if block.kind is BlockKind.QUOTE and block.level == 1]
    proven, unproven = quotes[0], quotes[1]
    assert (proven.start, proven.place) == (65.0, f"{PAGE}&t=65") and ENGLISH.unverified not in proven.text
    assert (unproven.start, unproven.place) == (None, None) and ENGLISH.unverified in unproven.text


def test_marks_cut_the_text_and_lose_none_of_it() -> None:
    said = material("en")
    assert said.transcript
    blocks = document(said).blocks
    begun = next(n for n, block in enumerate(blocks) if block.text == ENGLISH.transcript)
    runs = [run for block in blocks[begun:] for run in block.runs]
    assert TextRun("Prices", mark="yellow") in runs
    text = "".join(run.text for run in runs)
    assert all(segment.text in text for segment in said.transcript.segments)


def test_silence_is_said_where_the_transcript_would_stand(episode: Episode) -> None:
    assert document(Material(episode, transcript())).blocks[-1].text == ENGLISH.silence


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.02, "0.1 s at 00:50"), (3.44, "3.4 s at 00:50"), (9.94, "9.9 s at 00:50"), (9.96, "10 s at 00:50")]
)
def test_a_gap_has_its_length_to_a_tenth_below_ten_seconds(seconds: float, shown: str) -> None:
    spoken = (Spoken(0.0, 50.0, Fate.HEARD), Spoken(50.0, 50.0 + seconds, Fate.UNCLEAR, Why.NO_WORDS))
    assert shown in heard(replace(transcript("Hello."), spoken=spoken), ENGLISH)


def test_of_many_gaps_the_five_longest_are_named_in_the_order_of_the_audio() -> None:
    gaps = [Spoken(n * 100.0, n * 100.0 + n, Fate.UNCLEAR, Why.NO_WORDS) for n in range(1, 8)]
    text = heard(replace(transcript("Hello."), spoken=(Spoken(0.0, 90.0, Fate.HEARD), *gaps)), ENGLISH)
    places = [text.index(f"{n} s at") if n > 9 else text.index(f"{n}.0 s at") for n in range(3, 8)]
    assert places == sorted(places) and "…" in text and "2.0 s at" not in text


def test_where_it_is_not_known_nothing_is_said(spoken: Transcript) -> None:
    assert heard(spoken, ENGLISH) == ""
