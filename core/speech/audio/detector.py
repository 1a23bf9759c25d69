"""Detect voice activity. Spans of speech are (first, end) in samples at 16 kHz, in order, without overlap.

    samples ─► probabilities ─► spans ─► second pass, with fresh state, over loud gaps ─► raw spans ─► pad, for the decoder
                                                                    └─► faint: possible speech in the remaining gaps

The model is the Silero network that faster-whisper ships, and `spans` and `pad` decide as its `get_speech_timestamps` does. The
network's state depends on minutes of audio, so audio cannot be searched in parallel pieces with a run-in: even after half a
minute of it the probabilities differ by 0.04. Batches that pass the state on give exactly the same figures, and small ones are
the fastest because their intermediate results stay in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from faster_whisper.vad import get_vad_model

from core.speech.audio.decode import Samples
from core.speech.audio.spans import RATE, Span, intersect, join

Probabilities = npt.NDArray[np.float32]

FRAME = 512
CONTEXT = 64
MEMORY = (1, 1, 128)
BATCH_FRAMES = 256

ON, OFF = 0.5, 0.35
# With fresh state the network is surer of non-speech than of a voice that is hoarse, whispering or far away. Uncertain spans
# there are passed to the decoder, whose text counts unless the decoder doubts it.
FAINT_ON, FAINT_OFF = 0.2, 0.1
LEAST_FAINT = 0.3
PAUSE = 160 * RATE // 1000
# Speech that is too long is cut in a pause of at least this length.
CUT_PAUSE = 98 * RATE // 1000
PADDING = 0.4
# With its padding no span is longer than the 30 s that a speech model takes at once.
LONGEST = 30 * RATE - FRAME - int(2 * PADDING * RATE)

# Gaps of at least this length get a second pass, frame by frame.
GAP = RATE
LEVEL_FRAME = RATE // 10
LOUD = 0.15
LEAST_LOUD = 8  # frames
MARGIN = 2 * RATE
# The assumed median level of speech, if no speech was found to measure it: -26 dBFS.
USUAL_LEVEL = 0.05


def find(samples: Samples) -> list[Span]:
    """Find the speech in `samples` (shape (n,)): raw spans without padding, none longer than LONGEST."""
    return second_look(samples, spans(probabilities(samples), len(samples)))


def probabilities(samples: Samples) -> Probabilities:
    """Return the probability of speech in each 512 samples, shape (len(samples) // 512 + 1,), the last frame zero-padded."""
    session = get_vad_model().session
    h, c = np.zeros(MEMORY, np.float32), np.zeros(MEMORY, np.float32)
    found = []
    for frames in _batches(samples):
        batch, h, c = session.run(None, {"input": frames, "h": h, "c": c})
        found.append(batch)
    return np.concatenate(found)


def _batches(samples: Samples) -> Iterator[Samples]:
    """Yield frames with the 64 samples before each, shape (at most BATCH_FRAMES, 576)."""
    count = len(samples) // FRAME + 1
    for first in range(0, count, BATCH_FRAMES):
        frames = min(BATCH_FRAMES, count - first)
        piece = np.zeros(CONTEXT + frames * FRAME, np.float32)
        begin = first * FRAME - CONTEXT
        sound = samples[max(0, begin) : begin + len(piece)]
        piece[max(0, -begin) :][: len(sound)] = sound
        yield np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(piece, CONTEXT + FRAME)[::FRAME])


def spans(found: Probabilities, length: int, *, longest: int = LONGEST, on: float = ON, off: float = OFF) -> list[Span]:
    """Turn probabilities of `length` samples into spans of speech.

    Speech begins with a frame of at least `on` and ends where all is below `off`, or between the two after that, for 160 ms.
    Speech longer than `longest` samples is cut in its last pause of at least 98 ms, else where it becomes too long.
    """
    cutter = _Cutter(longest)
    for i, (speaks, rests) in enumerate(zip((found >= on).tolist(), (found < off).tolist(), strict=True)):
        cutter.take(i * FRAME, speaks, rests)
    return cutter.finish(length)


class _Cutter:
    """Speech, frame by frame: `start` is the beginning of the speech, `quiet` that of the present pause, if any."""

    def __init__(self, longest: int) -> None:
        self.spans: list[Span] = []
        self.longest = longest
        self._begin(None)

    def _begin(self, start: int | None) -> None:
        self.start = start
        self.quiet: int | None = None
        self.cut: int | None = None  # the start of the last pause that is long enough for a cut …
        self.again: int | None = None  # … and the start of the speech after it, if any

    def take(self, at: int, on: bool, off: bool) -> None:
        if on and self.start is None:
            self._begin(at)
            return
        if self.start is None:
            return
        if on and self.quiet is not None:
            if self.quiet == self.cut:
                self.again = at
            self.quiet = None
        start = self.start if at - self.start <= self.longest else self._cut(self.start, at)
        if off and start is not None:
            self._rest(start, at)

    def _cut(self, start: int, at: int) -> int | None:
        self.spans.append((start, at if self.cut is None else self.cut))
        self._begin(self.again)
        return self.start

    def _rest(self, start: int, at: int) -> None:
        self.quiet = at if self.quiet is None else self.quiet
        if at - self.quiet > CUT_PAUSE and self.quiet != self.cut:
            self.cut, self.again = self.quiet, None
        if at - self.quiet >= PAUSE:
            self.spans.append((start, self.quiet))
            self._begin(None)

    def finish(self, length: int) -> list[Span]:
        if self.start is not None and self.start < length:
            self.spans.append((self.start, length))
        return self.spans


def pad(raw: Sequence[Span], length: int, *, seconds: float = PADDING) -> list[Span]:
    """Widen each span by `seconds` on both sides, within `length` samples; neighbours share a shorter pause half and half."""
    padding = int(seconds * RATE)
    edges = [list(span) for span in raw]
    for before, after in pairwise(edges):
        pause = after[0] - before[1]
        share = pause // 2 if pause < 2 * padding else padding
        before[1] += share
        after[0] -= share
    if edges:
        edges[0][0] = max(0, edges[0][0] - padding)
        edges[-1][1] = min(length, edges[-1][1] + padding)
    return [(first, end) for first, end in edges]


def second_look(samples: Samples, raw: Sequence[Span]) -> list[Span]:
    """Search gaps of at least a second that are about as loud as speech again, each with fresh state.

    The network keeps state from earlier sound, and can miss a whole speaker after a change of recording.
    """
    return _joined([*raw, *_in_gaps(samples, raw, ON, OFF)])


def faint(samples: Samples, found: Sequence[Span]) -> list[Span]:
    """Find possible speech outside of `found`: at least 0.3 s in a gap of at least a second that is about as loud.

    The network starts in the speech beside the gap: with that state it recognises more of a continuing whisper as speech.
    """
    held = _joined(_in_gaps(samples, found, FAINT_ON, FAINT_OFF, around=MARGIN))
    return [span for span in held if span[1] - span[0] >= LEAST_FAINT * RATE]


def _in_gaps(samples: Samples, found: Sequence[Span], on: float, off: float, *, around: int = 0) -> list[Span]:
    level = float(np.median([_levels(samples[a:b], b - a)[0] for a, b in found])) if found else USUAL_LEVEL
    edges = [0, *(edge for span in found for edge in span), len(samples)]
    new = []
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        for loud in _loud(samples[first:end], LOUD * level):
            stretch = (first + loud[0], first + loud[1])
            begin = max(0, stretch[0] - around)
            piece = samples[begin : stretch[1] + around]
            inside = [(begin + a, begin + b) for a, b in spans(probabilities(piece), len(piece), on=on, off=off)]
            new += intersect(inside, [stretch])
    return new


def _loud(gap: Samples, level: float) -> list[Span]:
    """Find stretches of a gap with at least 0.8 s above `level` and no quiet second inside, and widen them by two seconds on
    both sides. Overlapping ones become one, since speech found in both would appear twice."""
    if len(gap) < GAP:
        return []
    loud = np.flatnonzero(_levels(gap, LEVEL_FRAME) > level)
    runs = np.split(loud, np.flatnonzero(np.diff(loud) > GAP // LEVEL_FRAME) + 1)
    return join(
        (max(0, int(run[0]) * LEVEL_FRAME - MARGIN), min(len(gap), int(run[-1] + 1) * LEVEL_FRAME + MARGIN))
        for run in runs
        if len(run) >= LEAST_LOUD
    )


def _levels(samples: Samples, frame: int) -> Samples:
    """Return the root mean square of each whole frame of `frame` samples."""
    whole = samples[: len(samples) // frame * frame].reshape(-1, frame)
    levels: Samples = np.sqrt(np.mean(np.square(whole), axis=1))
    return levels


def _joined(found: list[Span]) -> list[Span]:
    """Sort spans, and join those with less than a pause between them, if the result is not too long."""
    joined: list[Span] = []
    for first, end in sorted(found):
        if joined and first - joined[-1][1] < PAUSE and end - joined[-1][0] <= LONGEST:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((first, end))
    return joined
