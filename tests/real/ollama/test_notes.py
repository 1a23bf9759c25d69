"""A real language model writes notes: all of the transcript was read, and nothing is called proven that is not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from core import errors
from core.domain.note import Action, Notes, Point
from core.domain.transcript import Transcript
from core.notes.summarise import NotesRequest, summarise
from core.notes.verify import Finder
from tests.notes.conftest import transcript_of
from tests.real.ollama.conftest import Watched

pytestmark = pytest.mark.real


def write(
    client: Any,
    transcript: Transcript,
    model: str,
    *,
    num_ctx: int = 4096,
    kept: dict[str, Any] | None = None,
    stop_after: int = 10**9,
    done: Mapping[str, Any] | None = None,
) -> Notes:
    """Notes as the pipeline asks for them; `kept` receives the finished parts, and after `stop_after` of them it is cancelled."""
    parts = {} if kept is None else kept
    return summarise(
        transcript,
        NotesRequest(model, "en", num_ctx=num_ctx, wall_clock_seconds=1800.0),
        client=client,
        done=done or {},
        on_chunk=parts.__setitem__,
        on_progress=lambda fraction, detail: None,
        cancelled=lambda: len(parts) >= stop_after,
    )


def proven_only(notes: Notes, transcript: Transcript) -> None:
    finder = Finder(transcript.segments)
    items: list[Point | Action] = [*notes.points, *notes.actions]
    for item in items:
        assert not item.verified or finder.find(item.quote) is not None, item


def test_all_is_read_and_nothing_false_is_proven(watched: Watched, chat_models: list[str]) -> None:
    """A weak model may fail at the form; then that is said, and no notes come of it."""
    transcript = transcript_of("en", 40)
    for model in chat_models:
        try:
            notes = write(watched, transcript, model)
        except errors.OllamaBadAnswer as error:
            assert model in error.detail
        else:
            assert notes.coverage == 1.0
            proven_only(notes, transcript)
    assert watched.answers
    assert all(a.prompt_eval_count for a in watched.answers)
