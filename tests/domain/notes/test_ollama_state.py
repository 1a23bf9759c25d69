"""Whether notes can be written now."""

from __future__ import annotations

import pytest

from core.domain.notes.ollama_state import NO_MEMORY, READS_LESS, Fit, InstalledModel, OllamaState
from core.message import Message


@pytest.mark.parametrize(
    ("chosen", "fit", "usable"),
    [
        (None, None, False),
        ("m", None, True),
        ("m", Fit(4096), True),
        ("m", Fit(4096, Message("", READS_LESS)), True),
        ("m", Fit(0, Message("", NO_MEMORY)), False),
        (None, Fit(4096), False),
    ],
)
def test_notes_need_a_model_and_room_for_some_context(chosen: str | None, fit: Fit | None, usable: bool) -> None:
    state = OllamaState(host="http://a", version="1", models=(InstalledModel("m"),), chosen=chosen, wanted="", tried=(), fit=fit)
    assert state.usable is usable


def test_a_model_that_reads_less_is_told_from_a_computer_without_room() -> None:
    assert Fit(4096, Message("", READS_LESS)).reads_less
    assert not Fit(0, Message("", NO_MEMORY)).reads_less and not Fit(4096).reads_less
