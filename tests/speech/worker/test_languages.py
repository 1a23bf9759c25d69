"""Languages: a name in another language changes nothing, two sentences do; and where the change is."""

from __future__ import annotations

import numpy as np
import pytest

from core.speech.audio.chunks import SpeechChunk
from core.speech.audio.spans import RATE, length
from core.speech.worker.languages import SEARCH, SLICE_SECONDS, divide, path, slices

SURE = {
    "en": {"en": 0.98, "zh": 0.01},
    "zh": {"zh": 0.98, "en": 0.01},
    "fr": {"fr": 0.98},
    "?": {"en": 0.3, "zh": 0.3, "fr": 0.2},
}


def found(heard: str, before: str | None = None) -> str:
    names = heard.split()
    return " ".join(path([SURE[name] for name in names], [SLICE_SECONDS] * len(names), before))


def test_one_slice_of_another_language_changes_nothing() -> None:
    assert found("en en zh en en") == "en en en en en"
    assert found("zh en en", before="en") == "en en en"


@pytest.mark.parametrize("count", [2, 3])
def test_several_slices_of_another_language_are_in_it(count: int) -> None:
    heard = " ".join(["en"] * 3 + ["zh"] * count + ["en"] * 3)
    assert found(heard) == heard
    assert found(" ".join(["zh"] * count), before="en") == " ".join(["zh"] * count)


def test_short_slices_count_for_less() -> None:
    rows = [SURE[name] for name in ("en", "zh", "zh", "en")]
    assert path(rows, [3.0, 1.0, 1.0, 3.0], "en") == ["en"] * 4


def test_where_nothing_is_plain_the_language_before_stays() -> None:
    assert found("? ? ?", before="zh") == "zh zh zh"


def test_without_a_language_before_the_plain_one_is_taken() -> None:
    assert found("? fr ?") == "fr fr fr"
    assert path([{"en": 0.4, "zh": 0.5}, {"en": 0.5, "zh": 0.3}], [1.0, 2.0], None) == ["en", "en"]


def test_a_new_speaker_in_another_language_leaves_the_one_before() -> None:
    assert found("fr fr fr", before="en") == "fr fr fr"


def test_slices_are_about_three_seconds_and_the_whole_chunk() -> None:
    chunk = SpeechChunk(((0, 10 * RATE), (12 * RATE, 13 * RATE), (20 * RATE, 24 * RATE)))
    parts = slices(chunk)
    assert length(part.span for part in parts) == length(chunk.spans)
    assert [part.span for part in parts if part.span[0] >= 12 * RATE] == [(12 * RATE, 13 * RATE), (20 * RATE, 24 * RATE)]
    assert all(part.seconds < 1.5 * SLICE_SECONDS for part in parts)
    assert parts[-1].end == pytest.approx(chunk.seconds)


def test_a_span_that_changes_its_language_is_cut_where_it_is_quietest() -> None:
    stretch = np.full(12 * RATE, 0.1, np.float32)
    stretch[int(6.5 * RATE) : int(6.7 * RATE)] = 0.001
    parts = slices(SpeechChunk(((0, 12 * RATE),)))
    (one, before), (other, after) = divide(parts, ["en", "en", "zh", "zh"], stretch)
    assert (one, other) == ("en", "zh")
    assert [(0, before[0][1]), (before[0][1], 12 * RATE)] == [*before, *after]
    assert 6.5 <= before[0][1] / RATE <= 6.7


def test_the_cut_stays_near_the_border() -> None:
    stretch = np.full(12 * RATE, 0.1, np.float32)
    stretch[8 * RATE : 9 * RATE] = 0.0
    (_, before), _ = divide(slices(SpeechChunk(((0, 12 * RATE),))), ["en", "en", "zh", "zh"], stretch)
    assert abs(before[0][1] / RATE - 6) <= SEARCH


def test_a_change_between_spans_cuts_none() -> None:
    spans = ((0, 4 * RATE), (5 * RATE, 9 * RATE))
    parts = slices(SpeechChunk(spans))
    assert divide(parts, ["en", "zh"], np.zeros(9 * RATE, np.float32)) == [("en", spans[:1]), ("zh", spans[1:])]
    assert divide(parts, ["en", "en"], np.zeros(9 * RATE, np.float32)) == [("en", spans)]
