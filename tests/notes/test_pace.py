"""Progress within an answer: it rises, stays below the next mark, and names the model's activity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.llm.ollama import OllamaClient, Stream
from core.notes.pace import Pace
from core.notes.summarise import NotesRequest, summarise
from tests.fakes.ollama import FakeOllama
from tests.notes.conftest import transcript_of


class Told:
    def __init__(self) -> None:
        self.fractions: list[float] = []
        self.details: list[Mapping[str, Any]] = []

    def __call__(self, fraction: float, detail: Mapping[str, Any]) -> None:
        self.fractions.append(fraction)
        self.details.append(detail)


def test_an_answer_moves_the_bar_and_says_what_happens() -> None:
    told = Told()
    pace = Pace(told)
    pace.moved(0.2, {"phase": "read", "done": 20, "total": 100, "next": 0.4})
    for second in (1.0, 5.0, 50.0, 500.0):
        pace.said(Stream(7.0, second))
        assert told.details[-1]["answer"] == "reading" and told.details[-1]["seconds"] == second
    for tokens in (1, 100, 5000, 500000):
        pace.said(Stream(7.0, 500.0 + tokens / 4, tokens, 500.0))
    assert told.details[-1] == {
        "phase": "read",
        "done": 20,
        "total": 100,
        "answer": "writing",
        "tokens": 500000,
        "token_rate": 4.0,
    }
    assert told.fractions == sorted(told.fractions) and 0.2 < told.fractions[1] < told.fractions[-1] <= 0.4
    assert "next" not in told.details[0]


@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.floats(0, 1), st.lists(st.tuples(st.floats(0, 1e6), st.integers(0, 10**6)), max_size=6)),
        max_size=8,
    )
)
def test_it_never_falls_and_never_passes_the_next_mark(answers: list[tuple[float, float, list[tuple[float, int]]]]) -> None:
    told = Told()
    pace = Pace(told)
    most = 0.0
    for number, (fraction, then, rows) in enumerate(answers):
        pace.moved(fraction, {"phase": "read", "next": then})
        most = max(most, fraction, then)
        for seconds, tokens in rows:
            pace.said(Stream(float(number), seconds, tokens, seconds / 2 if tokens else None))
            assert told.fractions[-1] <= most
    assert told.fractions == sorted(told.fractions)


@pytest.mark.parametrize("count", [20, pytest.param(120, marks=pytest.mark.long)])
def test_notes_move_within_a_chunk(fake: FakeOllama, count: int) -> None:
    fake.behave(delay=0.6, piece_delay=0.04)
    told = Told()
    pace = Pace(told)
    summarise(
        transcript_of("en", count),
        NotesRequest("qwen2.5:7b", "en", num_ctx=4096),
        client=OllamaClient(fake.url).tuned(watch=pace.said),
        done={},
        on_chunk=lambda key, payload: None,
        on_progress=pace.moved,
        cancelled=lambda: False,
    )
    assert told.fractions == sorted(told.fractions) and told.fractions[-1] == 1.0
    before_the_first = [f for f, d in zip(told.fractions, told.details, strict=True) if d.get("done") == 0]
    assert len(set(before_the_first)) > 2
    assert {d.get("answer") for d in told.details} >= {"reading", "writing"}
