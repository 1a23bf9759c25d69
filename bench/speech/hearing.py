"""Measure lost words, invented words and processor time for long recordings of real voices: one run, sides alternate.

recordings ─▶ product now │ product before │ faster-whisper: sequential, with VAD, batched ─▶ score by kind, processor time

Each side is a separate process (bench/speech/hearing_sides.py) with the same model, int8, on two cores. Processor time covers the
side and all its children, from sending the path to receiving the text, without loading the model. One extra side transcribes
each clip of a recording alone and with a given language: it shows the losses of the model itself.

The model is Whisper base unless CASTMIND_BENCH_MODEL names another (bench/real.py).
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from bench import real
from bench.earlier import checkout
from bench.processes import processor_seconds
from scripts import real_models
from tests.real import recordings
from tests.real.recordings import Recording
from tests.real.scoring import Score, score

PROJECT = Path(__file__).resolve().parents[2]
# The last version without an account of untranscribed speech.
BEFORE = "5cc50bf"
NOW, PREVIOUS = "now", f"before ({BEFORE})"
# Name in the table → name in bench/speech/hearing_sides.py.
BARE = {"sequential": "sequential", "sequential, VAD": "sequential-vad", "batched": "batched"}
ALONE = "each clip alone"
QUICK = ("long-zh", "mix-quote", "repeat6")


@dataclass(frozen=True)
class Heard:
    score: Score
    processor: float


class Side:
    """A process that transcribes recordings. `checkout` is the folder whose `core` it uses."""

    def __init__(self, kind: str, model: Path, tree: Path = PROJECT) -> None:
        # -P, so that modules of this folder do not shadow modules of the same name elsewhere.
        command = [sys.executable, "-P", str(PROJECT / "bench" / "speech" / "hearing_sides.py"), kind, str(model)]
        process = subprocess.Popen(command, cwd=tree, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdin and process.stdout
        self._process, self._paths, self._answers = process, process.stdin, process.stdout

    def __enter__(self) -> Self:
        self._answer()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._paths.close()
        self._process.wait(timeout=30)

    def hear(self, recording: Recording) -> Heard:
        before = processor_seconds(self._process.pid)
        text = self.ask(str(recording.path))
        return Heard(score(recording.reference, text), processor_seconds(self._process.pid) - before)

    def ask(self, line: str) -> str:
        self._paths.write(f"{line}\n")
        self._paths.flush()
        return self._answer()

    def _answer(self) -> str:
        line = self._answers.readline()
        if not line:
            raise RuntimeError(f"a side ended with {self._process.wait()}")
        return str(json.loads(line))


class Alone:
    """The clips of a recording, each transcribed once and alone."""

    def __init__(self, side: Side) -> None:
        self._side, self._clips = side, recordings.of_clips()
        self._texts: dict[str, str] = {}

    def hear(self, recording: Recording) -> Score | None:
        """Score a recording by its clips; None if it does not consist of whole clips."""
        if not recording.pieces or any(piece.id not in self._clips for piece in recording.pieces):
            return None
        return score(recording.reference, " ".join(self._text(piece.id, piece.language) for piece in recording.pieces))

    def _text(self, clip: str, language: str) -> str:
        if clip not in self._texts:
            self._texts[clip] = self._side.ask(f"{self._clips[clip].path}\t{language}")
        return self._texts[clip]


def measure(folder: Path, quick: bool) -> Iterator[str]:
    if (why := recordings.no_voices()) is not None:
        yield why
        return
    try:
        folder_of_model = real.model()
    except real_models.Unavailable as error:
        yield f"There is no real model to measure with: {error}"
        return
    played = [r for r in recordings.of_voices().values() if not quick or r.name in QUICK]
    with ExitStack() as stack:
        sides = {name: stack.enter_context(side) for name, side in _sides(folder, folder_of_model)}
        alone = Alone(stack.enter_context(Side("alone", folder_of_model)))
        if PREVIOUS not in sides:
            yield f"This clone has no commit {BEFORE}: the product before is left out.\n"
        yield f"Model: {folder_of_model.name}, int8, two threads. Shares of the tokens said: all errors (lost, made up).\n"
        yield f"| recording | tokens | {' | '.join([*sides, ALONE])} |"
        yield _rule(3 + len(sides))
        rows = {}
        for recording in played:
            rows[recording] = {name: side.hear(recording) for name, side in sides.items()}
            yield _errors(recording, rows[recording], alone.hear(recording))
    yield "\nProcessor seconds.\n"
    yield f"| recording | minutes | {' | '.join(sides)} | {' | '.join(f'now / {name}' for name in sides if name != NOW)} |"
    yield _rule(2 + len(sides) + len(sides) - 1)
    for recording, heard in rows.items():
        yield _processor(recording.name, recording.duration, {name: h.processor for name, h in heard.items()})
    totals = {name: sum(heard[name].processor for heard in rows.values()) for name in sides}
    yield _processor("all", sum(r.duration for r in rows), totals)


def _sides(folder: Path, folder_of_model: Path) -> Iterator[tuple[str, Side]]:
    yield NOW, Side("product", folder_of_model)
    if (before := checkout(BEFORE, folder / "before")) is not None:
        yield PREVIOUS, Side("product", folder_of_model, before)
    for name, kind in BARE.items():
        yield name, Side(kind, folder_of_model)


def _rule(columns: int) -> str:
    return "|" + " --- |" * columns


def _errors(recording: Recording, heard: Mapping[str, Heard], alone: Score | None) -> str:
    cells = [*(_counted(h.score) for h in heard.values()), "-" if alone is None else _counted(alone)]
    tokens = next(iter(heard.values())).score.tokens
    return f"| {recording.name} | {tokens:,} | {' | '.join(cells)} |"


def _counted(found: Score) -> str:
    if not found.tokens:
        return f"{found.made_up} tokens made up"
    errors, lost, made_up = (found.share(count) for count in (found.errors, found.lost, found.made_up))
    return f"{errors:.1%} ({lost:.1%}, {made_up:.1%})"


def _processor(name: str, duration: float, seconds: Mapping[str, float]) -> str:
    ratios = [f"{seconds[NOW] / spent:.2f}" if spent >= 0.5 else "-" for side, spent in seconds.items() if side != NOW]
    return f"| {name} | {duration / 60:.1f} | {' | '.join(f'{s:.1f}' for s in seconds.values())} | {' | '.join(ratios)} |"
