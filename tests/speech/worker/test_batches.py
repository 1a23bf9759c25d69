"""A batch, in the samples of the track that it was cut from."""

from __future__ import annotations

from core.domain.transcripts.spoken import Why
from core.speech.worker.batches import Batch, RefusedSpan


def test_a_batch_moves_with_the_beginning_of_its_track() -> None:
    batch = Batch(100, "en", (), (RefusedSpan((10, 20), Why.LOOP), RefusedSpan((30, 40), Why.NO_WORDS)))
    assert batch.moved(5) == Batch(105, "en", (), (RefusedSpan((15, 25), Why.LOOP), RefusedSpan((35, 45), Why.NO_WORDS)))
    assert batch.moved(0) == batch
