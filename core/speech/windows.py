"""Windows: stretches of audio that end in a silence, short enough to hold in memory, one prepared ahead.

    Hearing.blocks ─► fill a window ─► find the speech in it (once) ─► cut in a silence near its end ─► Stretch
                               ▲                                                  │
                               └──────────── what lies behind the cut ◄───────────┘

The next stretch is decoded and searched for speech while the one before it is transcribed.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from faster_whisper.vad import VadOptions, get_speech_timestamps

from core.errors import MediaUnreadable
from core.speech.decode import RATE, Samples
from core.speech.hearing import Hearing

# How far back from a full window a silence is looked for; what lies behind it is searched for speech again.
SEARCH_SECONDS = 60.0
LONGEST_CHUNK = 30.0
# A longer pause than this has no padding of speech in it.
CLEAR_PAUSE = 0.8


@dataclass(frozen=True, slots=True)
class Stretch:
    """Samples from `start` (a sample of the whole file) with the speech in them, as (first, end) relative to `start`.

    No stretch of speech is longer than 30 s. `duration` is the container's claim in seconds.
    """

    start: int
    samples: Samples
    speech: tuple[tuple[int, int], ...]
    duration: float

    @property
    def end(self) -> int:
        return self.start + len(self.samples)


def find_speech(samples: Samples) -> tuple[tuple[int, int], ...]:
    """Where somebody speaks, by faster-whisper's own detector with the settings of its batched mode."""
    options = VadOptions(max_speech_duration_s=LONGEST_CHUNK, min_silence_duration_ms=160)
    return tuple((int(s["start"]), int(s["end"])) for s in get_speech_timestamps(samples, options))


def choose_cut(speech: tuple[tuple[int, int], ...], length: int, search: int) -> int:
    """Where to end a window of `length` samples: in the longest pause of its last `search` samples, else in its last pause."""
    edges = [(0, 0), *speech]
    cuts = [(b[0] - a[1], (a[1] + b[0]) // 2) for a, b in pairwise(edges) if b[0] > 0]
    behind = length - edges[-1][1]
    if behind > CLEAR_PAUSE * RATE:
        cuts.append((behind, length - int(CLEAR_PAUSE * RATE / 2)))
    near = [cut for cut in cuts if cut[1] >= length - search]
    return max(near)[1] if near else max((at for _, at in cuts), default=length)


def stretches(path: Path, start: int, window_seconds: float, stop: threading.Event) -> Iterator[Stretch]:
    """The file from sample `start` to its end, stretch after stretch; ends early once `stop` is set.

    Yields nothing when the file ends at `start`. Raises MediaMissing, MediaUnreadable.
    """
    audio = Hearing(path)
    try:
        full, search = int(window_seconds * RATE), int(min(SEARCH_SECONDS, window_seconds / 3) * RATE)
        held: list[Samples] = []
        count = 0
        for block in audio.blocks(start):
            if stop.is_set():
                return
            held.append(block)
            count += len(block)
            while count >= full:
                samples = np.concatenate(held)
                speech = find_speech(samples[:full])
                cut = choose_cut(speech, full, search)
                yield Stretch(start, samples[:cut].copy(), tuple(s for s in speech if s[1] <= cut), audio.duration)
                start, held, count = start + cut, [samples[cut:].copy()], count - cut
        if count:
            samples = np.concatenate(held)
            yield Stretch(start, samples, find_speech(samples), audio.duration)
    finally:
        audio.close()


def excerpts(path: Path, spans: Sequence[tuple[float, float]], stop: threading.Event) -> Iterator[Stretch]:
    """Spans [start, end) of the file, in seconds, each as a stretch of its own; shorter where the file ends before.

    Raises MediaMissing, MediaUnreadable.
    """
    for start, end in spans:
        if stop.is_set():
            return
        samples = _read(path, start, end)
        yield Stretch(round(start * RATE), samples, find_speech(samples) if len(samples) else (), end)


def _read(path: Path, start: float, end: float) -> Samples:
    audio = Hearing(path)
    first, wanted = round(start * RATE), round((end - start) * RATE)
    try:
        held, count = [np.zeros(0, dtype=np.float32)], 0
        # Nothing at all behind the end of the file is no damage; a file that is damaged shows when all of it is read.
        with contextlib.suppress(MediaUnreadable):
            for block in audio.blocks(first, exact=False):
                held.append(block)
                count += len(block)
                if count >= wanted:
                    break
        return np.concatenate(held)[:wanted]
    finally:
        audio.close()


def ahead(source: Iterator[Stretch]) -> Iterator[Stretch]:
    """The same stretches, each prepared by a thread while the one before it is used: never more than one ahead."""
    with ThreadPoolExecutor(1, thread_name_prefix="speech-decode") as pool:
        coming = pool.submit(next, source, None)
        while (stretch := coming.result()) is not None:
            coming = pool.submit(next, source, None)
            yield stretch
