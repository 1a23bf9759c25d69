"""The decoder: its chunks, its batches, its readers."""

from __future__ import annotations

import itertools
import random
import threading
from difflib import SequenceMatcher

import numpy as np
import pytest

from core.speech.audio.spans import RATE
from core.speech.audio.windows import Track, find_tracks
from core.speech.models.model_choice import DEMO
from core.speech.worker.decoder import CARD_READERS, MOST_WORKERS, DecodedText, Decoder, Encoded
from core.speech.worker.engine import Recognizer
from tests.speech.worker.readings import _rows, a_reading, recognizer
from tests.words import grammar


@pytest.mark.parametrize(("seconds", "window"), [(0.3, 15), (11.0, 15), (11.5, 16), (20.2, 25), (26.1, 30), (30.0, 30)])
def test_a_chunk_is_filled_up_with_silence_to_its_own_window(seconds: float, window: int) -> None:
    sound = np.random.default_rng(1).standard_normal(int(seconds * RATE)).astype(np.float32) * 0.1
    features = recognizer().decoder.features(sound)
    assert features.shape == (80, window * 100)
    spoken = int(seconds * 100) + 5
    if spoken < window * 100:
        assert np.all(features[:, spoken:] == features.max() - 2.0)
        assert features[:, : spoken - 10].mean() > features.max() - 2.0


@pytest.mark.long
def test_on_a_processor_several_chunks_are_heard_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each waits for the other before it is read: one after the other would never meet."""
    clip = grammar().make_episode(random.Random(5), "en", 90.0)
    (track,) = find_tracks(clip.audio)
    ours = recognizer()
    assert ours.decoder.workers == 2
    both, read = threading.Barrier(2, timeout=30), ours.decoder.read
    met = itertools.count(1)

    def meet(encoded: Encoded, language: str, **way: int) -> list[DecodedText]:
        if next(met) <= 2:
            both.wait()
        return read(encoded, language, **way)

    monkeypatch.setattr(ours.decoder, "read", meet)
    assert [batch for batch in ours.hear(track, 0.0) if batch.heard]
    assert not both.broken


@pytest.mark.long
@pytest.mark.parametrize("kind", [pytest.param("en", marks=pytest.mark.long), "mixed"])
def test_batches_as_on_a_card_give_what_chunks_alone_do(kind: str) -> None:
    clip = grammar().make_episode(random.Random(5), kind, 90.0)
    (track,) = find_tracks(clip.audio)
    found = []
    for apart in (True, False):
        ours = recognizer()
        ours.decoder.apart = apart
        found.append([w.text for batch in ours.hear(track, 0.0) for heard in batch.heard for w in heard.words])
    alone, together = found
    assert len(alone) > 40
    same = SequenceMatcher(None, alone, together, autojunk=False).ratio()
    assert same > 0.9, (alone, together)


def test_many_processors_share_chunks_out_and_the_rest_of_them_is_threads() -> None:
    assert [recognizer(n).decoder.workers for n in (1, 2, 4, 8)] == [1, 2, 4, MOST_WORKERS]


@pytest.mark.parametrize(("rows", "parts"), [(16, [4, 4, 4, 4]), (5, [2, 2, 1]), (3, [1, 1, 1]), (1, [1])])
def test_a_card_reads_a_batch_in_several_parts_at_once(monkeypatch: pytest.MonkeyPatch, rows: int, parts: list[int]) -> None:
    """A barrier for as many as there are parts: one after the other would never meet."""
    pause = np.zeros(RATE, dtype=np.float32)
    sound = np.random.default_rng(1).standard_normal(29 * RATE).astype(np.float32)
    track = Track.of(np.concatenate([sound, pause] * rows), [(30 * RATE * i, (30 * i + 29) * RATE) for i in range(rows)])
    ours = Recognizer(DEMO, "demo", device="cpu", compute_type="int8", batch_size=rows, threads=1)
    ours.decoder.apart, ours.decoder.workers = False, CARD_READERS
    meeting = threading.Barrier(len(parts), timeout=30)
    sizes: list[int] = []

    def meet(_self: Decoder, encoded: Encoded, _language: str, *, way: int = 0, example: str = "") -> list[DecodedText]:
        sizes.append(len(encoded))
        meeting.wait()
        return [a_reading("Yes.")] * len(encoded)

    monkeypatch.setattr(Decoder, "encode", lambda _self, features, seconds: Encoded(_rows(len(features)), tuple(seconds)))
    monkeypatch.setattr(Decoder, "read", meet)
    next(iter(ours.hear(track, 0.0, language="en")))
    assert sorted(sizes, reverse=True) == parts
    assert not meeting.broken
