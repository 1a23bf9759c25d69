"""One side of `bench.speech.hearing`, in a separate process, in the checkout whose `core` it uses:

    python -P hearing_sides.py product|sequential|sequential-vad|batched|alone <model's folder>

Each input line is the path of a recording, for `alone` followed by a tab and its language; the answer is a line of JSON with
the text. It reports ready once the model is loaded and has transcribed a first sentence.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

# The app's own choices on a CPU with two cores, so that all sides do the same work.
THREADS, BATCH, BEAM = 2, 4, 5
WARM_UP = "demo/samples/en_short.wav"

Hear = Callable[[str], str]


def product(model: str) -> Hear:
    """Transcribe with the client and worker process of this folder's CastMind."""
    sys.path.insert(0, str(Path.cwd()))
    from core.speech.request import SpeechRequest

    # The product before has its client in one module.
    module = "core.speech.client.client" if Path("core/speech/client").is_dir() else "core.speech.client"
    client = importlib.import_module(module).SpeechClient(idle_seconds=1e9)

    def hear(path: str) -> str:
        options: dict[str, Any] = {"model": model, "device": "cpu", "compute_type": "int8", "batch_size": BATCH}
        request = SpeechRequest(Path(path), models_dir=Path(model).parent / "no-others", **options)
        transcript = client.transcribe(request, [], on_window=lambda _: None, on_progress=lambda _: None, cancelled=lambda: False)
        return " ".join(s.text for s in transcript.segments)

    return hear


def sequential(model: str, *, vad: bool = False) -> Hear:
    """Transcribe sequentially; voice activity detection is off unless requested, as is faster-whisper's default."""
    from faster_whisper import WhisperModel

    whisper = WhisperModel(model, device="cpu", compute_type="int8", cpu_threads=THREADS)

    def hear(path: str) -> str:
        segments, _ = whisper.transcribe(path, beam_size=BEAM, vad_filter=vad)
        return " ".join(s.text for s in segments)

    return hear


def alone(model: str) -> Hear:
    """Transcribe a clip with a given language: the best result to expect from the model."""
    from faster_whisper import WhisperModel

    whisper = WhisperModel(model, device="cpu", compute_type="int8", cpu_threads=THREADS)

    def hear(line: str) -> str:
        path, _, language = line.partition("\t")
        segments, _ = whisper.transcribe(path, language=language or None, beam_size=BEAM, condition_on_previous_text=False)
        return " ".join(s.text for s in segments)

    return hear


def batched(model: str) -> Hear:
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    pipeline = BatchedInferencePipeline(WhisperModel(model, device="cpu", compute_type="int8", cpu_threads=THREADS))
    options: dict[str, Any] = {"vad_filter": True, "without_timestamps": False, "word_timestamps": True}

    def hear(path: str) -> str:
        segments, _ = pipeline.transcribe(path, beam_size=BEAM, batch_size=BATCH, **options)
        return " ".join(s.text for s in segments)

    return hear


def main() -> None:
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])
    sides: dict[str, Callable[[str], Hear]] = {
        "product": product,
        "sequential": sequential,
        "sequential-vad": partial(sequential, vad=True),
        "batched": batched,
        "alone": alone,
    }
    hear = sides[sys.argv[1]](sys.argv[2])
    hear(WARM_UP)
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        print(json.dumps(hear(line.strip())), flush=True)


if __name__ == "__main__":
    main()
