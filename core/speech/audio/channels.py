"""Split a stereo recording: one mix where both channels carry the same voices, one track each where they do not.

    envelopes ─► alike? ─► one mix (or the louder channel, where they cancel each other)
                  └ no ─► speech of each channel ─► only one speaks ─► that channel
                                                 └► both speak, each on its own ─► two tracks, without the other's voice
                                                 └► anything else ─► one mix

A mix never loses a voice, so two tracks need proof: voices that both channels carry would be transcribed twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.speech.audio.decode import Samples
from core.speech.audio.spans import RATE

FindSpeech = Callable[[Samples], Sequence[tuple[int, int]]]
Track = tuple[int | None, Samples]
Levels = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# Levels are measured in frames of 40 ms, from about 300 Hz to 2 kHz: that excludes hum and hiss.
FRAME = 640
DECIMATION = 4
PER_SECOND = RATE / FRAME
CHUNK_FRAMES = 1500
FLOOR = 1e-12
# A frame counts if one channel comes within 25 dB of the loud ones.
ACTIVE = 10**-2.5

# The correlation of the channels' envelopes: 0.6 to 1 where both carry the same voices, -0.9 to 0.3 where they do not.
ALIKE = 0.5
# Decibels by which a channel is louder during a voice of its own.
OWN = 6.0
# Less than either does not prove a second speaker; less than NOTHING_SECONDS proves that there is none.
LEAST_SECONDS, LEAST_SHARE = 0.5, 0.01
NOTHING_SECONDS = 0.2
ALONE_SHARE = 0.8
# The waveforms' correlation where both channels carry one sound; the share of frames where it may wander off the centre.
ONE_SOUND = 0.9
WANDERING_SHARE = 0.03
OPPOSITE = -0.5
# Leakage from the other channel: how much softer it is, and how similar the envelopes are over a second.
LEAK = -8.0
LEAK_ALIKE = 0.7
LEAK_WINDOW = 25
LEAST_RUN = 8


def tracks(samples: Samples, find_speech: FindSpeech) -> list[Track]:
    """Split `samples`, shape (n, 2) or (n,), into tracks to transcribe: (channel, mono samples of shape (n,)).

    The channel is None for one mix. Of two tracks, each is silent where it holds only leakage from the other, and sound that both
    carry alike, such as a common introduction, is in the first. `find_speech` gives the spans (first, end) of speech in mono
    samples; it is only called where the channels differ.
    """
    if samples.ndim == 1:
        return [(None, samples)]
    frames = _measure(samples)
    if not frames.active.any() or (frames.alike(frames.active) >= ALIKE and abs(frames.balance()) < OWN):
        return [_one(samples, frames)]
    speech = [_flags(find_speech(np.ascontiguousarray(samples[:, channel])), len(frames.product)) for channel in (0, 1)]
    return _choose(samples, frames, speech)


def _choose(samples: Samples, frames: _Frames, speech: list[Flags]) -> list[Track]:
    spoken = speech[0] | speech[1]
    own = [int((speech[channel] & (sign * frames.dominance > OWN)).sum()) for channel, sign in ((0, 1), (1, -1))]
    louder = int(own[1] > own[0])
    if own[1 - louder] <= NOTHING_SECONDS * PER_SECOND:
        deaf = speech[1 - louder].sum() <= max(NOTHING_SECONDS * PER_SECOND, (1 - ALONE_SHARE) * speech[louder].sum())
        alone = spoken.any() and (deaf or own[louder] > ALONE_SHARE * spoken.sum())
        return [(louder, samples[:, louder].copy()) if alone else _one(samples, frames)]
    few = own[1 - louder] < max(LEAST_SECONDS * PER_SECOND, LEAST_SHARE * spoken.sum())
    if few or frames.alike(spoken & ~frames.common) >= ALIKE or frames.wandering(spoken) > WANDERING_SHARE:
        return [_one(samples, frames)]
    return [(0, _without(samples, frames, 0)), (1, _without(samples, frames, 1))]


def _one(samples: Samples, frames: _Frames) -> Track:
    """Return the mix, or the louder channel where the channels are each other's opposite and a mix would be silent."""
    product, energy = frames.product.sum(), frames.energy.sum(axis=0)
    if product < OPPOSITE * np.sqrt(energy.prod()):
        louder = int(energy[1] > energy[0])
        return louder, samples[:, louder].copy()
    return None, samples.mean(axis=1)


def _without(samples: Samples, frames: _Frames, channel: int) -> Samples:
    """Return one channel, silenced where it holds only leakage from the other, or sound that the other track also holds."""
    common = _runs(frames.common, 1)
    silent = _runs(frames.leaks(channel) & ~common, 2) | (common if channel == 1 else np.zeros_like(common))
    return samples[:, channel] * _gain(silent, len(samples))


def _gain(silent: Flags, length: int) -> Samples:
    """Return gains of shape (length,): 0 where silent, else 1, with a ramp of one frame at each change."""
    level = np.where(silent, 0, 1).astype(np.float32)
    before = np.concatenate([level[:1], level[:-1]])
    ramp = np.arange(1, FRAME + 1, dtype=np.float32) / FRAME
    gain = (before[:, None] + (level - before)[:, None] * ramp).ravel()
    return np.pad(gain, (0, length - len(gain)), mode="edge")


@dataclass(frozen=True, slots=True)
class _Frames:
    """Energies of frames of 40 ms: of each channel, shape (m, 2), and their signed product, shape (m,)."""

    energy: Levels
    product: Levels
    active: Flags

    @property
    def dominance(self) -> Levels:
        """Return the decibels by which the first channel is louder."""
        decibels: Levels = 10 * np.log10(self.energy[:, 0] / self.energy[:, 1])
        return decibels

    @property
    def common(self) -> Flags:
        """Return the frames in which both channels carry the same sound at about the same level."""
        return self.active & (self._coherence > ONE_SOUND) & (np.abs(self.dominance) < OWN)

    @property
    def _coherence(self) -> Levels:
        coherence: Levels = self.product / np.sqrt(self.energy.prod(axis=1))
        return coherence

    def alike(self, where: Flags) -> float:
        """Return the correlation of the channels' envelopes; 0 where one of them has none."""
        logs = np.log(self.energy[where])
        if len(logs) < 2 or logs.std(axis=0).min() < 1e-3:
            return 0.0
        return float(np.corrcoef(logs.T)[0, 1])

    def balance(self) -> float:
        """Return the median dominance."""
        return float(np.median(self.dominance[self.active]))

    def wandering(self, where: Flags) -> float:
        """Return the share of frames in which one sound is off the centre, yet in both channels."""
        aside = np.abs(self.dominance)
        return float(((self._coherence > ONE_SOUND) & (aside > OWN / 2) & (aside < 1.5 * OWN))[where].mean())

    def leaks(self, channel: int) -> Flags:
        """Return where the channel is far softer than the other and rises and falls with it."""
        mine, other = (np.log(self.energy[:, c]) for c in (channel, 1 - channel))
        softer = 10 * (mine - other) / np.log(10) < LEAK
        covariance = _mean(mine * other) - _mean(mine) * _mean(other)
        spread = np.sqrt(np.maximum(_variance(mine) * _variance(other), FLOOR))
        leaks: Flags = softer & (covariance > LEAK_ALIKE * spread)
        return leaks


def _measure(samples: Samples) -> _Frames:
    """Measure the frames a minute at a time, so that a window of any length needs little memory."""
    energies, products = [np.zeros((0, 2))], [np.zeros(0)]
    count = len(samples) // FRAME
    for first in range(0, count, CHUNK_FRAMES):
        piece = samples[first * FRAME : min(count, first + CHUNK_FRAMES) * FRAME]
        low = piece.reshape(-1, DECIMATION, 2).mean(axis=1)
        band = np.diff(low, axis=0, prepend=low[:1]).reshape(-1, FRAME // DECIMATION, 2)
        energies.append(np.square(band).mean(axis=1, dtype=np.float64))
        products.append(band.prod(axis=2).mean(axis=1, dtype=np.float64))
    energy = np.concatenate(energies)
    energy = np.stack([_mean(energy[:, 0], 3), _mean(energy[:, 1], 3)], axis=1) + FLOOR
    louder = energy.max(axis=1)
    loud = np.percentile(louder, 95) if count else FLOOR
    return _Frames(energy, _mean(np.concatenate(products), 3), (louder > ACTIVE * loud) & (louder > 10 * FLOOR))


def _mean(values: Levels, width: int = LEAK_WINDOW) -> Levels:
    """Return the mean over `width` frames around each; at the ends, over the existing ones."""
    sums = np.cumsum(np.pad(values, (1, 0)))
    at = np.arange(len(values))
    first, end = np.maximum(0, at - width // 2), np.minimum(len(values), at + width // 2 + 1)
    mean: Levels = (sums[end] - sums[first]) / (end - first)
    return mean


def _variance(values: Levels) -> Levels:
    return _mean(values**2) - _mean(values) ** 2


def _flags(spans: Sequence[tuple[int, int]], frames: int) -> Flags:
    flags = np.zeros(frames, np.bool_)
    for first, end in spans:
        flags[first // FRAME : -(-end // FRAME)] = True
    return flags


def _runs(flags: Flags, margin: int) -> Flags:
    """Return runs of at least LEAST_RUN frames, with short breaks in them closed, drawn in by `margin` on both sides."""
    closed = ~_long(~flags, LEAST_RUN // 2)
    kept = _long(closed, LEAST_RUN)
    edges = np.convolve(~kept, np.ones(2 * margin + 1), "same") > 0 if len(flags) else ~kept
    return kept & ~edges


def _long(flags: Flags, least: int) -> Flags:
    """Keep only the runs of at least `least` frames."""
    borders = np.flatnonzero(np.diff(np.pad(flags.astype(np.int8), 1)))
    kept = np.zeros_like(flags)
    for first, end in zip(borders[::2], borders[1::2], strict=True):
        if end - first >= least:
            kept[first:end] = True
    return kept
