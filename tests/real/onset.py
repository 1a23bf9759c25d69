"""Find the onset of speech in an almost noiseless clip by its level: the reference for word times.

samples ─▶ level of each 10 ms ─▶ the first of 50 ms that lie well over the clip's quietest and near enough its loudest
"""

from __future__ import annotations

import numpy as np

from tests.real.recordings import RATE

FRAME = RATE // 100
LASTING = 5  # frames: a click is shorter
BELOW_LOUDEST_DB = 32.0
ABOVE_QUIETEST_DB = 9.0


def onset(samples: np.ndarray) -> float | None:
    """Seconds from the first sample; None where nothing stands out from the noise."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    level = 10 * np.log10(np.mean(frames.astype(np.float64) ** 2, axis=1) + 1e-10)
    if len(level) < LASTING:
        return None
    floor = max(float(np.percentile(level, 95)) - BELOW_LOUDEST_DB, float(np.percentile(level, 5)) + ABOVE_QUIETEST_DB)
    loud = np.convolve(level > floor, np.ones(LASTING), mode="valid") >= LASTING
    return int(np.argmax(loud)) / 100 if loud.any() else None
