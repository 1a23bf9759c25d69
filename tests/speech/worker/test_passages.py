"""Words joined of the pieces that the model writes."""

from __future__ import annotations

import pytest

from core.domain.transcripts.transcript import Word
from core.speech.worker.passages import join_pieces


def pieces(*texts: str) -> list[Word]:
    return [Word(float(n), n + 1.0, text, 0.5 + n / 10) for n, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("texts", "joined"),
    [
        ((" 20", "26"), [" 2026"]),
        ((" ca", "fé"), [" café"]),
        ((" one", " two"), [" one", " two"]),
        (("经", "济"), ["经", "济"]),
        (("用", "Python", "3"), ["用", "Python3"]),
        ((" it", "'s"), [" it", "'s"]),
        ((), []),
    ],
)
def test_letters_and_digits_that_follow_each_other_are_one_word(texts: tuple[str, ...], joined: list[str]) -> None:
    assert [word.text for word in join_pieces(pieces(*texts))] == joined


def test_a_joined_word_has_the_time_of_all_its_pieces_and_their_middle_probability() -> None:
    assert join_pieces(pieces(" 20", "26")) == (Word(0.0, 2.0, " 2026", 0.55),)
