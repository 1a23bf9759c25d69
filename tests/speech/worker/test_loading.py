"""A card that cannot do all that is asked of it: smaller number formats first, then the processor, and always said so.

The card is the outside here: a recogniser that claims to be on it runs on the processor, and fails as CTranslate2 was seen to
fail on one.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.domain.transcripts.transcript import SpeechEngine
from core.speech.models import hardware
from core.speech.request import SpeechRequest
from core.speech.worker import loading
from core.speech.worker.card_faults import CardFailed, OutOfMemory
from core.speech.worker.engine import Recognizer
from core.speech.worker.session import Session
from tests.speech.conftest import SAMPLES

GIB = 1024**3
CARD = hardware.GraphicsCard("Imaginary RTX", 8 * GIB, 7 * GIB, (8, 6))
MISSING = "Library libcublas.so.12 is not found or cannot be loaded"
FULL = "CUDA failed with error out of memory"

Fails = Callable[[str, str], Exception | None]  # (model, number format) → the exception of its proof


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Callable[[Fails], None]:
    """Gives this process a card of 8 GB that fails as asked. One model at a time: another finds the one before it gone."""
    on_card: list[weakref.ref[Recognizer]] = []

    def made(*arguments: Any, **options: Any) -> Recognizer:
        assert [name for ref in on_card if (name := ref())] == []
        found = _claimed(fails_now[-1], *arguments, **options)
        if found.engine.device == "cuda":
            on_card.append(weakref.ref(found))
        return found

    fails_now: list[Fails] = []

    def install(fails: Fails) -> None:
        here = replace(hardware.look(at_card=False), card=CARD, card_expected=True)
        monkeypatch.setattr(hardware, "look", lambda *, at_card=True: here if at_card else replace(here, card=None))
        fails_now.append(fails)
        monkeypatch.setattr(loading, "Recognizer", made)

    return install


def _claimed(fails: Fails, folder: Path, name: str, *, device: str, compute_type: str, **options: Any) -> Recognizer:
    found = Recognizer(folder, name, device="cpu", compute_type="int8", **options)
    if device == "cuda":
        found.engine = SpeechEngine(name, device, compute_type, options["batch_size"])

        def prove() -> None:
            if fails(name, compute_type):
                raise fails(name, compute_type) or AssertionError  # no name for it: the frame and the error would hold each other

        found.prove = prove  # type: ignore[method-assign]
    return found


def request(**options: Any) -> SpeechRequest:
    return SpeechRequest(SAMPLES / "en_short.wav", **{"model": "demo", **options})


def quietly(*_: object) -> None:
    """Progress and devices are of no interest here."""


def test_a_number_format_that_the_card_cannot_do_is_passed_over(card: Callable[[Fails], None]) -> None:
    card(lambda _, compute_type: CardFailed("cuBLAS failed") if compute_type == "float16" else None)
    plan = loading.make_plan(request(), None, quietly)
    assert (plan.device, plan.compute_type, plan.cuda_error) == ("cuda", "int8_float16", None)


def test_a_library_that_the_card_needs_and_lacks_leaves_the_processor_and_says_which(card: Callable[[Fails], None]) -> None:
    card(lambda *_: CardFailed(MISSING))
    plan = loading.make_plan(request(), None, quietly)
    assert (plan.device, plan.compute_type) == ("cpu", "int8")
    assert plan.cuda_error == MISSING and MISSING in plan.reason


def test_a_model_that_does_not_fit_is_loaded_smaller(card: Callable[[Fails], None]) -> None:
    card(lambda _, compute_type: OutOfMemory(FULL) if compute_type == "float16" else None)
    plan = replace(loading.make_plan(request(), None, quietly), compute_type="float16")
    recognizer, used = loading.load(request(), plan, quietly, quietly)
    assert (recognizer.engine.device, used.compute_type) == ("cuda", "int8_float16")


def test_a_model_that_does_not_fit_at_all_runs_on_the_processor(card: Callable[[Fails], None]) -> None:
    card(lambda *_: OutOfMemory(FULL))
    plan = replace(loading.make_plan(request(), "none", quietly), device="cuda", compute_type="float16")
    recognizer, used = loading.load(request(), plan, quietly, quietly)
    assert (recognizer.engine.device, used.device) == ("cpu", "cpu")
    assert used.cuda_error and FULL in used.cuda_error


@pytest.mark.long
def test_a_card_that_was_full_for_one_file_is_tried_again_for_the_next(
    card: Callable[[Fails], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    card(lambda *_: None)
    loaded: list[str] = []

    def say(event: str, **fields: Any) -> None:
        if event == "loaded":
            loaded.append(fields["device"])

    def hear(self: Recognizer, *arguments: Any, **options: Any) -> Any:
        if self.engine.device == "cuda" and len(loaded) == 1:
            raise OutOfMemory(FULL)
        return heard(self, *arguments, **options)

    heard = Recognizer.hear
    monkeypatch.setattr(Recognizer, "hear", hear)
    session = Session(say, quietly, lambda: False)
    for _ in range(2):
        session.transcribe({"request": request().to_dict()})
    assert loaded == ["cuda", "cpu", "cuda"]
