"""Loading a model, and what an error from the card means in CTranslate2's own words."""

from __future__ import annotations

import gc
import itertools
import json
import random
import shutil
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import pytest

from core.domain.transcripts.spoken import Why
from core.domain.transcripts.transcript import Word
from core.settings import PROJECT
from core.speech.audio.spans import RATE
from core.speech.audio.windows import Track, find_tracks
from core.speech.models.model_choice import DEMO
from core.speech.worker.decoder import CARD_READERS, MOST_WORKERS, WAYS, DecodedText, Decoder, Encoded
from core.speech.worker.engine import CardFailed, OutOfMemory, Recognizer, card_fault
from core.speech.worker.passages import Passage
from tests.words import grammar


def test_the_weights_decide_how_many_mel_bands_they_get(tmp_path: Path) -> None:
    folder = shutil.copytree(DEMO, tmp_path / "model")
    settings = json.loads((folder / "preprocessor_config.json").read_text())
    (folder / "preprocessor_config.json").write_text(json.dumps(settings | {"feature_size": 128}))
    Recognizer(folder, "demo", device="cpu", compute_type="int8", batch_size=1, threads=1).prove()


def test_a_batch_that_fills_the_card_half_way_is_heard_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clip = grammar().make_episode(random.Random(5), "mixed", 90.0)
    (track,) = find_tracks(clip.audio)
    recognizer = Recognizer(DEMO, "demo", device="cpu", compute_type="int8", batch_size=4, threads=2)

    def words() -> list[str]:
        return [word.text for batch in recognizer.hear(track, 0.0) for heard in batch.heard for word in heard.words]

    undisturbed, read, calls = words(), recognizer.decoder.read, itertools.count(1)

    def full_once(*args: Any, **options: Any) -> list[DecodedText]:
        if next(calls) == 2:  # one language of the batch is read already
            raise OutOfMemory
        return read(*args, **options)

    monkeypatch.setattr(recognizer.decoder, "read", full_once)
    again = words()
    assert next(calls) > 3
    # Smaller batches are computed with other roundings: a word may differ, but none comes twice.
    assert abs(len(again) - len(undisturbed)) <= 5


def recognizer(threads: int = 2) -> Recognizer:
    return Recognizer(DEMO, "demo", device="cpu", compute_type="int8", batch_size=4, threads=threads)


@pytest.mark.parametrize(("seconds", "window"), [(0.3, 15), (11.0, 15), (11.5, 16), (20.2, 25), (26.1, 30), (30.0, 30)])
def test_a_chunk_is_filled_up_with_silence_to_its_own_window(seconds: float, window: int) -> None:
    sound = np.random.default_rng(1).standard_normal(int(seconds * RATE)).astype(np.float32) * 0.1
    features = recognizer().decoder.features(sound)
    assert features.shape == (80, window * 100)
    spoken = int(seconds * 100) + 5
    if spoken < window * 100:
        assert np.all(features[:, spoken:] == features.max() - 2.0)
        assert features[:, : spoken - 10].mean() > features.max() - 2.0


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


@pytest.mark.parametrize("kind", ["en", "mixed"])
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


def a_reading(text: str, *, log_probability: float = -0.2, no_speech: float = 0.0) -> DecodedText:
    words = tuple(Word(0.4 + 0.3 * i, 0.6 + 0.3 * i, f" {word}", 0.9) for i, word in enumerate(text.split()))
    return DecodedText((Passage(f" {text}", words),), log_probability, no_speech)


def test_a_loop_is_read_otherwise_the_same_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = np.random.default_rng(1).standard_normal(6 * RATE).astype(np.float32)
    track = Track.of(sound, [(RATE, 5 * RATE)])
    ours = recognizer()
    ways: list[int] = []

    def loops_at_first(_self: Decoder, encoded: Encoded, language: str, *, way: int = 0, example: str = "") -> list[DecodedText]:
        ways.append(way)
        return [a_reading("I am sorry " * 40 if way < 2 else "I am sorry for it")] * len(encoded)

    monkeypatch.setattr(Decoder, "read", loops_at_first)
    heard = [h.text for batch in ours.hear(track, 0.0, language="en") for h in batch.heard]
    assert heard[0] == " I am sorry for it"
    assert ways[:3] == [*range(len(WAYS))]


BARE = "so this is where we stopped last week and nobody knew what to do about the harbour or the ships"


@pytest.mark.parametrize(("language", "example"), [("en", " OK."), ("zh", "OK。")])
@pytest.mark.parametrize(
    ("second", "heard"),
    [
        (
            "So this was where we stopped last week, and nobody knew.",
            "So this is where we stopped last week, and nobody knew. what",
        ),
        ("I am sorry " * 40, BARE[:40]),  # it loops: nothing is taken from it
    ],
)
def test_what_is_written_without_marks_gets_those_of_a_reading_after_an_example(
    monkeypatch: pytest.MonkeyPatch, language: str, example: str, second: str, heard: str
) -> None:
    sound = np.random.default_rng(1).standard_normal(12 * RATE).astype(np.float32)
    track = Track.of(sound, [(RATE, 11 * RATE)])
    examples: list[str] = []

    def read(_self: Decoder, encoded: Encoded, _language: str, *, way: int = 0, example: str = "") -> list[DecodedText]:
        examples.append(example)
        return [a_reading(second if example else BARE)] * len(encoded)

    monkeypatch.setattr(Decoder, "read", read)
    first = next(h.text for batch in recognizer().hear(track, 0.0, language=language) for h in batch.heard)
    assert first.strip().startswith(heard)
    assert examples[:2] == ["", example]


@pytest.mark.parametrize(("faint", "words"), [([], True), ([(RATE, 3 * RATE)], False)])
def test_what_the_detector_and_the_model_doubt_is_dropped_and_reported(
    monkeypatch: pytest.MonkeyPatch, faint: list[tuple[int, int]], words: bool
) -> None:
    sound = np.random.default_rng(1).standard_normal(4 * RATE).astype(np.float32)
    track = Track.of(sound, [] if faint else [(RATE, 3 * RATE)], None, faint)
    ours = recognizer()
    doubted = a_reading("who says so at all", log_probability=-1.1)
    monkeypatch.setattr(Decoder, "read", lambda _self, encoded, language, **way: [doubted] * len(encoded))
    batches = [*ours.hear(track, 0.0, language="en")]
    assert bool([h for b in batches for h in b.heard]) == words
    assert ({r.why for b in batches for r in b.refused} >= {Why.DOUBTED}) == (not words)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("CUDA failed with error out of memory", OutOfMemory),
        ("cuBLAS failed with status CUBLAS_STATUS_ALLOC_FAILED", OutOfMemory),
        ("CUDA failed with error an illegal memory access was encountered", CardFailed),
        ("cuBLAS failed with status CUBLAS_STATUS_EXECUTION_FAILED", CardFailed),
    ],
)
def test_card_faults(text: str, meaning: type[Exception]) -> None:
    assert type(card_fault(RuntimeError(text))) is meaning


def test_a_batch_that_did_not_fit_is_off_the_card_before_less_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    clip = grammar().make_episode(random.Random(5), "en", 90.0)
    (track,) = find_tracks(clip.audio)
    ours = recognizer()
    ours.decoder.apart = False
    tried: list[tuple[int, list[int]]] = []  # (chunks, chunks of earlier batches that are still there)
    there: list[weakref.ref[Encoded]] = []

    def encode(_self: Decoder, features: Sequence[Any], seconds: Sequence[float]) -> Encoded:
        tried.append((len(features), [len(kept) for ref in there if (kept := ref())]))
        encoded = Encoded(_rows(len(features)), tuple(seconds))
        there.append(weakref.ref(encoded))
        return encoded

    def full(_self: Decoder, encoded: Encoded, *_: Any, **way: Any) -> list[DecodedText]:
        raise OutOfMemory

    monkeypatch.setattr(Decoder, "encode", encode)
    monkeypatch.setattr(Decoder, "read", full)
    gc.disable()
    try:
        with pytest.raises(OutOfMemory):
            list(ours.hear(track, 0.0, language="en"))
    finally:
        gc.enable()
    assert [chunks for chunks, _ in tried] == [4, 2, 1]
    assert [kept for _, kept in tried] == [[], [], []]


FAULT = "parallel_for failed: cudaErrorInvalidDevice: invalid device ordinal"


@pytest.mark.parametrize(("mood", "meaning"), [("working", CardFailed), ("full", OutOfMemory)])
def test_a_fault_of_a_full_card_is_a_lack_of_memory_whatever_it_is_called(
    nvidia_driver: Callable[[str], None], mood: str, meaning: type[Exception]
) -> None:
    """In a process of its own, since a process keeps the driver that it has loaded."""
    nvidia_driver(mood)
    ask = f"from core.speech.worker.card_faults import card_fault; print(type(card_fault(RuntimeError({FAULT!r}))).__name__)"
    answer = subprocess.run([sys.executable, "-c", ask], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == meaning.__name__


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


def _rows(count: int) -> Any:
    return ctranslate2.StorageView.from_array(np.zeros((count, 1500, 4), dtype=np.float32))
