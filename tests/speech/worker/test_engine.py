"""Loading a model, and the recognizer's handling of its output."""

from __future__ import annotations

import gc
import itertools
import json
import random
import shutil
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.domain.transcripts.spoken import Why
from core.speech.audio.spans import RATE
from core.speech.audio.windows import Track, find_tracks
from core.speech.models.model_choice import DEMO
from core.speech.worker.decoder import WAYS, DecodedText, Decoder, Encoded
from core.speech.worker.engine import OutOfMemory, Recognizer
from tests.speech.worker.readings import _rows, a_reading, recognizer
from tests.words import grammar


def test_the_weights_decide_how_many_mel_bands_they_get(tmp_path: Path) -> None:
    folder = shutil.copytree(DEMO, tmp_path / "model")
    settings = json.loads((folder / "preprocessor_config.json").read_text())
    (folder / "preprocessor_config.json").write_text(json.dumps(settings | {"feature_size": 128}))
    Recognizer(folder, "demo", device="cpu", compute_type="int8", batch_size=1, threads=1).prove()


@pytest.mark.long
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


@pytest.mark.long
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
