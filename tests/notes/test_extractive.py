"""Notes without a language model: the transcript's own sentences, in both languages, the same every time."""

from __future__ import annotations

import subprocess
import sys

import pytest

from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.notes.extractive import extract
from core.notes.verify import Finder
from tests.notes.conftest import transcript_of


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("count", [1, 2, 7, 60, 900])
def test_every_point_is_a_sentence_of_the_transcript_at_its_time(language: str, count: int) -> None:
    transcript = transcript_of(language, count)
    notes = extract(transcript, language)
    assert (notes.engine, notes.model, notes.coverage, notes.language) == ("extractive", "", 1.0, language)
    finder = Finder(transcript.segments)
    assert notes.points
    for point in notes.points:
        match = finder.find(point.quote)
        assert match is not None
        assert (match.segment_id, match.start) == (point.segment_id, point.start)
        assert point.text == point.quote
        assert point.verified
    assert [p.start for p in notes.points] == sorted(p.start or 0.0 for p in notes.points)
    assert notes.tldr.count("。" if language == "zh" else ".") == min(count, 2)
    assert notes.chapters[0].start == 0.0
    assert all(any(c.title.rstrip("…") in s.text for s in transcript.segments) for c in notes.chapters)
    assert extract(transcript, language) == notes


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_long_episode_is_covered_from_end_to_end_without_repeating_itself(language: str) -> None:
    transcript = transcript_of(language, 900)
    notes = extract(transcript, language)
    quarters = {int((p.start or 0.0) / transcript.duration * 4) for p in notes.points}
    assert quarters == {0, 1, 2, 3}
    assert len(notes.chapters) == 12
    assert len({p.text for p in notes.points}) == len(notes.points)


def test_names_and_terms_stand_out() -> None:
    names = {t.text for t in extract(transcript_of("en", 60), "en").terms}
    assert names >= {"Emma", "David", "Carol"}
    assert not names & {"Our", "The", "Please", "We"}
    terms = {t.text for t in extract(transcript_of("zh", 60), "zh").terms}
    assert terms >= {"李华", "小明", "价格"}
    assert not any("的" in t or "了" in t for t in terms)


def test_a_chapter_begins_where_the_words_change() -> None:
    cooking = [f"The soup needs salt, pepper, onions and butter, says cook {i}." for i in range(70)]
    racing = [f"The engine of the car needs tyres, fuel and a driver, says racer {i}." for i in range(80)]
    segments = tuple(Segment(i, i * 4.0, i * 4.0 + 4.0, t) for i, t in enumerate([*cooking, *racing]))
    notes = extract(Transcript("en", 600.0, segments, SpeechEngine("t")), "en")
    assert [c.start for c in notes.chapters] == [0.0, 280.0]


def test_fragments_are_joined_to_sentences() -> None:
    texts = ("We will meet on Monday", "to talk about the budget", "of the new school.", "Nobody objects.")
    segments = tuple(Segment(i, i * 2.0, i * 2.0 + 1.8, t) for i, t in enumerate(texts))
    notes = extract(Transcript("en", 8.0, segments, SpeechEngine("t")), "en")
    assert notes.points[0].text == "We will meet on Monday to talk about the budget of the new school."
    assert (notes.points[0].segment_id, notes.points[0].start, notes.points[0].end) == (0, 0.0, 5.8)


@pytest.mark.parametrize(("language", "said"), [("en", "Nobody speaks"), ("zh", "没有人说话"), ("fr", "Nobody speaks")])
def test_silence_is_said(language: str, said: str) -> None:
    notes = extract(Transcript(language, 30.0, (), SpeechEngine("t")), language)
    assert said in notes.tldr
    assert notes.points == ()
    assert notes.coverage == 1.0


def test_it_loads_nothing_heavy() -> None:
    heavy = "print(sorted({'numpy', 'pandas', 'httpx', 'ollama', 'pydantic', 'streamlit'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; import core.notes.extractive; {heavy}"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
