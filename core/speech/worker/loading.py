"""Load a model for a request: prove the device, choose the model, find or download it, load it.

look at the hardware ─► prove the card with the bundled model ─► choose ─► find | download ─► load
                             │ fails                                                          │ fails on the card
                             └────────────► the CPU, and say why ◄────────────────────────────┘
"""

from __future__ import annotations

import contextlib
import ctypes
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import ctranslate2

from core.errors import SpeechModelUnusable
from core.speech import device_messages
from core.speech.models import hardware as machine
from core.speech.models import model_choice
from core.speech.request import Probe, Progress, SpeechRequest
from core.speech.worker.decoder import MOST_WORKERS
from core.speech.worker.engine import Recognizer

CUDA_TYPES = ("float16", "int8_float16", "int8_float32", "int8", "float32")
CPU_TYPE = "int8"
MOST_THREADS = 8

Say = Callable[[str], None]
OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """The chosen device, model and number format, with reasons. `cuda_error` says why a wanted card is not used."""

    model: str
    device: str
    compute_type: str
    reason: str
    hardware: machine.Hardware
    cuda_error: str | None = None


def make_plan(request: SpeechRequest, known_error: str | None, trying: Say) -> LoadPlan:
    """Choose by trial. `known_error` is the error that killed an earlier worker on the card; `trying` receives each device before
    its trial.
    """
    at_card = request.device != "cpu" and known_error is None
    if at_card:
        trying("cuda")
    hardware = machine.look(at_card=at_card)
    compute_type, problem = None, known_error or hardware.card_error or None
    if hardware.card:
        compute_type, problem = _prove_card(request.compute_type)
    if at_card:
        trying("cpu")
    device = "cuda" if compute_type else "cpu"
    compute_type = compute_type or _cpu_type(request.compute_type)
    where = _where(request, hardware, problem, compute_type if device == "cuda" else None)
    choice = model_choice.choose(hardware, device, compute_type)
    model, why = (choice.model, choice.reason) if request.model == "auto" else (request.model, device_messages.MODEL_WANTED)
    unused = problem if hardware.card_expected or request.device == "cuda" or known_error else None
    return LoadPlan(model, device, compute_type, device_messages.both(where, why), hardware, None if device == "cuda" else unused)


def make_probe(request: SpeechRequest, known_error: str | None, trying: Say) -> Probe:
    """Return the plan of a transcription, without downloading anything. The CPU is proven like the card."""
    plan = make_plan(request, known_error, trying)
    if plan.device == "cpu":
        _prove("cpu", plan.compute_type)
    card = plan.hardware.card
    return Probe(
        device=plan.device,
        device_name=card.name if card and plan.device == "cuda" else plan.hardware.cpu_name,
        compute_type=plan.compute_type,
        model=plan.model,
        model_present=model_choice.find(plan.model, request.models_dir) is not None,
        reason=plan.reason,
        cuda_error=plan.cuda_error,
        vram_total=card.total if card else 0,
        vram_free=card.free if card else 0,
        cpu_count=plan.hardware.cores,
        memory=plan.hardware.memory,
    )


def load(request: SpeechRequest, plan: LoadPlan, on_progress: OnProgress, trying: Say) -> tuple[Recognizer, LoadPlan]:
    """Load the model; return it with the plan as carried out. Raises SpeechModelMissing, SpeechModelUnusable, DiskFull."""
    folder = model_choice.find(plan.model, request.models_dir) or _download(request, plan, on_progress)
    on_progress(Progress("loading"))
    if plan.device == "cuda":
        trying("cuda")
        recognizer, problem = _load_on_card(request, plan, folder)
        trying("cpu")
        if recognizer:
            return recognizer, replace(plan, compute_type=recognizer.engine.compute_type)
        plan = on_cpu(plan, device_messages.model_fails(plan.model, problem), request)
    try:
        return _recognizer(folder, plan, request), plan
    except (RuntimeError, ValueError, OSError) as error:
        raise SpeechModelUnusable(
            f"The speech model {plan.model} cannot be loaded ({error}). The audio is kept: choose another model, or delete "
            f"{folder} to have it downloaded again."
        ) from error


def _download(request: SpeechRequest, plan: LoadPlan, on_progress: OnProgress) -> Path:
    from core.speech.models import hub  # with its HTTP client it takes as long to load as the recogniser

    return hub.download(
        plan.model,
        request.models_dir,
        request.hf_endpoint,
        lambda done, total: on_progress(Progress("downloading", done / max(total, 1), done_bytes=done, total_bytes=total)),
    )


def on_cpu(plan: LoadPlan, problem: str, request: SpeechRequest) -> LoadPlan:
    """Return the plan with the same model on the CPU, because the card failed it."""
    return replace(
        plan,
        device="cpu",
        compute_type=_cpu_type(request.compute_type),
        cuda_error=problem,
        reason=device_messages.sentence(device_messages.cpu_for_want_of_card(problem)),
    )


def _load_on_card(request: SpeechRequest, plan: LoadPlan, folder: Path) -> tuple[Recognizer | None, str]:
    problem = ""
    for compute_type in _from(plan.compute_type):
        try:
            return _proven(folder, replace(plan, compute_type=compute_type), request), ""
        except (RuntimeError, ValueError) as error:
            problem = problem or device_messages.card_fails(str(error))
    return None, problem


def _proven(folder: Path, plan: LoadPlan, request: SpeechRequest) -> Recognizer:
    """Load the model and prove it. Raises RuntimeError or ValueError. By itself, so that a model without room is freed before
    a smaller one is tried.
    """
    recognizer = _recognizer(folder, plan, request)
    recognizer.prove()
    return recognizer


def _recognizer(folder: Path, plan: LoadPlan, request: SpeechRequest) -> Recognizer:
    return Recognizer(
        folder,
        plan.model,
        device=plan.device,
        compute_type=plan.compute_type,
        batch_size=_batch_size(request, plan),
        threads=min(plan.hardware.cores, MOST_THREADS),
    )


def _prove(device: str, compute_type: str) -> None:
    """Recognise with the bundled model. Raises RuntimeError or ValueError when the device cannot."""
    Recognizer(model_choice.DEMO, "demo", device=device, compute_type=compute_type, batch_size=1, threads=1).prove()


def _prove_card(wanted: str) -> tuple[str | None, str | None]:
    """Return the first number format in which the bundled model runs on the card, or the error of the first try."""
    _preload_cublas()
    problem: str | None = None
    for compute_type in _from(wanted):
        try:
            _prove("cuda", compute_type)
            return compute_type, None
        except (RuntimeError, ValueError) as error:
            problem = problem or device_messages.card_fails(str(error))
    return None, problem


def _from(wanted: str) -> tuple[str, ...]:
    """Return the formats to try: the wanted one first, then those that need less."""
    if wanted in ("auto", "default"):
        return CUDA_TYPES
    rest = CUDA_TYPES[CUDA_TYPES.index(wanted) + 1 :] if wanted in CUDA_TYPES else CUDA_TYPES
    return (wanted, *rest)


def _cpu_type(wanted: str) -> str:
    return wanted if wanted in ctranslate2.get_supported_compute_types("cpu") else CPU_TYPE


def _batch_size(request: SpeechRequest, plan: LoadPlan) -> int:
    """Return the number of chunks a batch: few on a CPU, because progress is reported by batch; on a card, by its memory."""
    if request.batch_size > 0:
        return request.batch_size
    if plan.device == "cpu":
        return 2 * min(plan.hardware.cores, MOST_WORKERS)
    card = plan.hardware.card
    return 16 if card and card.total >= 10 * model_choice.GIB else 8


def _where(request: SpeechRequest, hardware: machine.Hardware, problem: str | None, cuda_type: str | None) -> str:
    if cuda_type and hardware.card:
        return device_messages.card_works(hardware.card.name, cuda_type)
    if request.device == "cpu":
        return device_messages.CPU_WANTED
    if hardware.card_expected or request.device == "cuda":
        return device_messages.cpu_instead_of_card(problem or device_messages.NO_CARD)
    return device_messages.cpu_for_want_of_card(problem or device_messages.NO_CARD)


def _preload_cublas() -> None:
    """Load cuBLAS from Python's own packages, where the loader does not look; CTranslate2 then finds it by name."""
    for root in map(Path, sys.path):
        for name in ("libcublasLt.so.12", "libcublas.so.12"):
            library = root / "nvidia" / "cublas" / "lib" / name
            if library.is_file():
                with contextlib.suppress(OSError):  # a broken library fails in the trial that follows
                    ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)
