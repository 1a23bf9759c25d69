"""The child process of `waveform`: POINTS levels from 0 to 255, the loudness of a file from beginning to end, in bounded memory.

blocks ─▶ loudness of each tenth of a second ─▶ mean of each of POINTS equal parts ─▶ share of the loudest parts ─▶ stdout
                                                                          or exit status 3: the file has no readable audio
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import av.logging
import numpy as np

from core.errors import CastMindError
from core.sandbox.child import enter
from core.speech.audio.decode import AudioStream, Samples
from core.speech.audio.spans import RATE

MEMORY_LIMIT = 3 << 30
CPU_SECONDS = 3600
NONE = 3
POINTS = 1000
FRAME = RATE // 10
# Per cent of the parts that are at most as loud as the top of the picture: a single bang must not flatten the rest.
TOP = 98
# Loudness (of 1) up to which a whole file counts as silent.
SILENT = 1e-4


def levels(blocks: Iterable[Samples], points: int = POINTS) -> bytes:
    """Return a level for each part of equal length; fewer than `points` for a short file, none without samples."""
    loudness = np.concatenate([np.empty(0, np.float32), *_loudness(blocks)])
    count = min(points, len(loudness))
    if not count:
        return b""
    edges = np.linspace(0, len(loudness), count + 1).astype(int)
    parts = np.add.reduceat(loudness, edges[:-1]) / np.diff(edges)
    top = np.percentile(parts, TOP)
    if top <= SILENT:
        return bytes(count)
    return bytes(np.round(np.clip(parts / top, 0, 1) * 255).astype(np.uint8))


def _loudness(blocks: Iterable[Samples]) -> Iterator[Samples]:
    rest = np.empty(0, np.float32)
    for block in blocks:
        samples = np.concatenate((rest, np.nan_to_num(block)))
        whole = len(samples) // FRAME * FRAME
        yield _root_mean_square(samples[:whole].reshape(-1, FRAME))
        rest = samples[whole:]
    if len(rest):
        yield _root_mean_square(rest.reshape(1, -1))


def _root_mean_square(frames: Samples) -> Samples:
    mean: Samples = np.sqrt(np.mean(np.square(frames), axis=1))
    return mean


def main() -> int:
    path = Path(sys.argv[1])
    enter(memory=MEMORY_LIMIT, cpu_seconds=CPU_SECONDS, reads=[path])
    av.logging.set_level(av.logging.ERROR)
    try:
        found = levels(AudioStream(path).blocks(exact=False))
    except (CastMindError, MemoryError) as error:
        sys.stderr.write(str(error))
        return NONE
    sys.stdout.buffer.write(found)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
