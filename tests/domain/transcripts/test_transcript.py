from __future__ import annotations

import json
from dataclasses import replace

import pytest

from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript, Window, Word, assemble, join_text

ENGINE = SpeechEngine("demo", "cpu", "int8", 4)


def window(index: int, start: float, end: float, *texts: str, language: str = "en", speech: float = 1.0) -> Window:
    segments = tuple(Segment(i, start + i, start + i + 1, text) for i, text in enumerate(texts))
    return Window(index, start, end, language, segments, speech, 0.5, ENGINE)


def test_windows_join_in_order_with_ids_of_their_own() -> None:
    found = assemble([window(1, 10.0, 20.0, "Two.", "Three."), window(0, 0.0, 10.0, "One.")], 20.0)
    assert [(s.id, s.text) for s in found.segments] == [(0, "One."), (1, "Two."), (2, "Three.")]
    assert (found.duration, found.speech_seconds, found.wall_seconds, found.engine) == (20.0, 2.0, 1.0, ENGINE)
    assert found.real_time_factor == pytest.approx(0.05)


@pytest.mark.parametrize("second", [(11.0, 20.0), (9.0, 20.0)])
def test_a_gap_or_an_overlap_is_an_error(second: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="do not join"):
        assemble([window(0, 0.0, 10.0, "One."), window(1, *second, "Two.")], 20.0)


def test_a_lost_beginning_and_no_windows_at_all_are_errors() -> None:
    with pytest.raises(ValueError, match="do not join"):
        assemble([window(1, 10.0, 20.0, "Two.")], 20.0)
    with pytest.raises(ValueError, match="no windows"):
        assemble([], 20.0)


def test_the_language_is_that_of_most_speech() -> None:
    windows = [window(0, 0.0, 10.0, language="en", speech=1.0), window(1, 10.0, 20.0, language="zh", speech=8.0)]
    assert assemble(windows, 20.0).language == "zh"


def test_the_languages_of_segments_go_before_the_one_spoken_last() -> None:
    found = window(0, 0.0, 10.0, "One.", "Two.", "三。", language="zh", speech=3.0)
    spoken = [replace(s, language=language) for s, language in zip(found.segments, ("en", "en", "zh"), strict=True)]
    assert assemble([replace(found, segments=tuple(spoken))], 10.0).language == "en"


def test_a_window_comes_back_from_json() -> None:
    words = (Word(0.0, 0.5, "你", 0.9), Word(0.5, 1.0, "好"))
    original = Window(2, 0.0, 9.0, "zh", (Segment(0, 0.0, 1.0, "你好", "Ann", words),), 1.0, 0.2, ENGINE)
    assert Window.from_dict(json.loads(json.dumps(original.to_dict()))) == original


def test_a_segment_may_leave_its_words_out() -> None:
    segment = Segment(0, 0.0, 1.0, "Hi.", None, (Word(0.0, 1.0, "Hi."),))
    assert "words" not in segment.to_dict(words=False)
    assert "words" not in Segment(0, 0.0, 1.0, "Hi.").to_dict()


def test_spaces_stand_where_the_script_uses_them() -> None:
    assert join_text(["One.", " two ", "", "three"]) == "One. two three"
    assert join_text(["你好。", "今天", "𠀀"]) == "你好。今天𠀀"
    assert join_text(["用", "Python", "写", "2 lines", "more"]) == "用Python写2 lines more"


def test_silence_has_no_text_and_no_factor() -> None:
    silent = Transcript("und", 0.0, (), ENGINE)
    assert (silent.text, silent.real_time_factor) == ("", 0.0)
