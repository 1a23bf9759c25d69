"""Paragraphs of a transcript, and the data of an export."""

from __future__ import annotations

import pytest

from core.domain.episodes.episode import Episode
from core.domain.notes.note import Chapter, Notes
from core.domain.transcripts.annotation import Colour, Highlight, Span
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.export.export_data import Material, marked, paragraphs, stretches
from tests.export.conftest import transcript


def test_paragraphs_hold_every_segment_once_and_stay_short() -> None:
    said = transcript(*(f"Sentence {i}." for i in range(50)))
    found = list(paragraphs(said.segments))
    assert [s for p in found for s in p] == list(said.segments)
    assert all(p[-1].end - p[0].start <= 60 for p in found) and len(found) == 4


def said(*lines: tuple[float, float, str | None]) -> list[Segment]:
    return [Segment(n, start, end, f"Line {n}.", speaker) for n, (start, end, speaker) in enumerate(lines)]


def test_a_paragraph_ends_at_a_pause_and_at_another_speaker() -> None:
    lines = said((0.0, 2.0, "A"), (4.5, 6.0, "A"), (8.6, 9.0, "A"), (9.0, 10.0, "B"), (10.0, 11.0, None))
    assert [[s.id for s in p] for p in paragraphs(lines)] == [[0, 1], [2], [3], [4]]


def test_a_chapter_begins_a_paragraph_and_half_a_sentence_off_is_its_beginning(episode: Episode) -> None:
    lines = tuple(said((0.0, 2.0, None), (2.0, 4.0, None), (4.0, 6.0, None)))
    talk = Transcript("en", 6.0, lines, SpeechEngine("demo"))
    for start, first in ((2.9, 1), (3.1, 2)):
        found = list(stretches(Material(episode, talk, chapters=(Chapter("Two", start), Chapter("One", 0.0)))))
        assert [(stretch.segments[0].id, stretch.chapter and stretch.chapter.title) for stretch in found] == [
            (0, "One"),
            (first, "Two"),
        ]


def test_two_chapters_before_one_sentence_are_one_beginning(episode: Episode) -> None:
    talk = Transcript("en", 60.0, tuple(said((50.0, 52.0, None))), SpeechEngine("demo"))
    chapters = (Chapter("Music", 0.0), Chapter("Talk", 45.0), Chapter("Never reached", 59.0))
    found = list(stretches(Material(episode, talk, chapters=chapters)))
    assert [stretch.chapter and stretch.chapter.title for stretch in found] == ["Talk"]


@pytest.mark.parametrize(
    ("page", "audio", "place"),
    [
        ("http://a.example/episode?id=7", None, "http://a.example/episode?id=7&t=83"),
        ("http://a.example/episode", "https://b.example/a.mp3", "http://a.example/episode?t=83"),
        (None, "https://u:p@b.example/a.mp3?x=1#t=5", "https://b.example/a.mp3?x=1#t=83"),
        (None, "../media/7.mp3", "../media/7.mp3#t=83"),
        ("javascript:alert(1)", "file:///etc/passwd", None),
        (None, None, None),
    ],
)
def test_a_second_is_played_on_the_page_else_in_the_audio(
    episode: Episode, page: str | None, audio: str | None, place: str | None
) -> None:
    assert Material(episode, page_address=page, audio_address=audio).place(83.9) == place


@pytest.mark.parametrize(
    ("notes", "spoken", "language"), [("zh", "en", "zh"), (None, "zh", "zh"), (None, "und", "en"), (None, None, "en")]
)
def test_the_language_is_that_of_the_notes_else_of_the_speech(
    episode: Episode, notes: str | None, spoken: str | None, language: str
) -> None:
    found = Material(
        episode,
        transcript("x", language=spoken) if spoken else None,
        Notes("Gist.", language=notes) if notes else None,
    )
    assert found.language == language


def highlight(span: Span, *, anchored: bool = True, colour: Colour = Colour.YELLOW) -> Highlight:
    return Highlight(1, 7, span, 0.0, 1.0, "", colour, "", anchored, 1, 0.0, 0.0)


def test_marks_lie_side_by_side_and_those_without_an_anchor_nowhere(episode: Episode) -> None:
    talk = transcript("0123456789", "abcde", "vwxyz")
    highlights = (
        highlight(Span(0, 4, 1, 2)),
        highlight(Span(0, 2, 0, 6), colour=Colour.PINK),
        highlight(Span(0, 3, 0, 5), colour=Colour.BLUE),
        highlight(Span(2, 0, 2, 5), anchored=False),
    )
    assert marked(Material(episode, talk, highlights=highlights)) == {
        0: [(2, 6, "pink"), (6, 10, "yellow")],
        1: [(0, 2, "yellow")],
    }
