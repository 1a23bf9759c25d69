from __future__ import annotations

import pytest

from core.ops.word_error_rate import word_errors


@pytest.mark.parametrize(
    ("said", "heard", "score"),
    [
        ("The answer is yes.", "the answer is, yes", (0, 4)),
        ("The answer is yes.", "The answer is no.", (1, 4)),
        ("one two three", "one three", (1, 3)),
        ("one", "one one one", (2, 1)),
        ("今天我们谈经济。", "今天我们谈音乐", (2, 7)),
        ("", "", (0, 0)),
        ("", "noise", (1, 0)),
    ],
)
def test_errors_are_edits_a_word(said: str, heard: str, score: tuple[int, int]) -> None:
    assert word_errors(said, heard) == score
