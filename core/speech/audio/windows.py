"""Read windows: stretches of audio that end in a silence, short enough to hold in memory, one prepared ahead.

    Hearing.blocks ─► fill a window ─► find the speech in it (once) ─► cut in a silence near its end ─► Stretch
                               ▲                                                  │
                               └─────────── the samples behind the cut ◄──────────┘

The next stretch is decoded and searched for speech while the one before it is transcribed; at the end of a file, the first
stretch of the next file.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from core.errors import MediaUnreadable
from core.speech.audio.channels import tracks
from core.speech.audio.confined_decode import ConfinedDecode
from core.speech.audio.decode import Samples
from core.speech.audio.detector import faint, find, pad
from core.speech.audio.spans import RATE, Span, join

# The seconds before the end of a full window that are searched for a silence; speech after the cut is detected again.
SEARCH_SECONDS = 60.0
# The first window of a file, so that its text is there soon; the next ones grow to the full length.
FIRST_SECONDS = 30.0
# In a pause longer than this, some part is free of the padding of speech.
CLEAR_PAUSE = 0.8


@dataclass(frozen=True, slots=True)
class Track:
    """Audio with the speech in it, as spans of its samples.

    `voiced` are the spans of speech, `faint` the uncertain ones among them; `speech` is `voiced` with some sound around it, no
    span longer than 30 s. `channel` is the channel of a speaker who has one alone, None for a mix.
    """

    samples: Samples
    speech: tuple[Span, ...]
    voiced: tuple[Span, ...]
    channel: int | None = None
    faint: tuple[Span, ...] = ()

    @classmethod
    def of(cls, samples: Samples, certain: Sequence[Span], channel: int | None = None, faint: Sequence[Span] = ()) -> Track:
        voiced = sorted([*certain, *faint])
        return cls(samples, tuple(pad(voiced, len(samples))), tuple(voiced), channel, tuple(faint))

    def until(self, end: int) -> Track:
        """Return the part before sample `end`, which lies in a pause."""
        before = [s for s in self.voiced if s[1] <= end]
        faint = [s for s in before if s in self.faint]
        return Track.of(self.samples[:end].copy(), [s for s in before if s not in faint], self.channel, faint)

    def after(self, first: int) -> Track:
        """Return the part after sample `first`. The cut is in a pause, unless the earlier run was planned otherwise, as on
        another device: then speech across the cut keeps its second part.
        """
        return replace(
            self,
            samples=self.samples[first:],
            speech=tuple((max(a - first, 0), b - first) for a, b in self.speech if b > first),
            voiced=tuple((max(a - first, 0), b - first) for a, b in self.voiced if b > first),
            faint=tuple((max(a - first, 0), b - first) for a, b in self.faint if b > first),
        )


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the file from sample `start` on, `length` samples long. `duration` is the container's claim in seconds.

    `planned_from` is the sample at which its plan began: before `start` if only the rest of it is to be transcribed.
    """

    start: int
    length: int
    tracks: tuple[Track, ...]
    duration: float
    planned_from: int

    @property
    def end(self) -> int:
        return self.start + self.length

    def after(self, first: int) -> Stretch:
        """Return the part of it after sample `first`, with the same plan."""
        return replace(
            self, start=self.start + first, length=self.length - first, tracks=tuple(t.after(first) for t in self.tracks)
        )


def find_tracks(samples: Samples) -> list[Track]:
    """Return the track of each speaker who has a channel alone, or the one mix; `samples` have shape (n,) or (n, 2)."""
    found = tracks(samples, find)
    return [_track(sound, channel if len(found) > 1 else None) for channel, sound in found]


def _track(samples: Samples, channel: int | None) -> Track:
    certain = find(samples)
    return Track.of(samples, certain, channel, faint(samples, certain))


def choose_cut(speech: Sequence[Span], length: int, search: int) -> int:
    """Return the sample at which to end a window of `length` samples: in the longest pause of its last `search` samples, else in
    its last.
    """
    edges = [(0, 0), *speech]
    cuts = [(b[0] - a[1], (a[1] + b[0]) // 2) for a, b in pairwise(edges) if b[0] > 0]
    behind = length - edges[-1][1]
    if behind > CLEAR_PAUSE * RATE:
        cuts.append((behind, length - int(CLEAR_PAUSE * RATE / 2)))
    near = [cut for cut in cuts if cut[1] >= length - search]
    return max(near)[1] if near else max((at for _, at in cuts), default=length)


def early_cut(speech: Sequence[Span], length: int) -> int | None:
    """Return the sample at which to end a window that is shorter than need be: in the longest pause of its second half that is
    clear. None without one: then the window is better longer.
    """
    edges = [(0, 0), *speech, (length, length)]
    clear = [(b[0] - a[1], (a[1] + b[0]) // 2) for a, b in pairwise(edges) if b[0] - a[1] > CLEAR_PAUSE * RATE]
    return max((cut for cut in clear if cut[1] >= length // 2), default=(0, None))[1]


def planned_length(start: int, full: int) -> int:
    """Return the length in samples of the window that begins at `start`: as long as all before it, so that the time until more
    text is there only doubles. It depends on nothing else: a resumed run plans the same windows.
    """
    return min(full, max(int(FIRST_SECONDS * RATE), start))


def stretches(path: Path, start: int, window_seconds: float, stop: threading.Event) -> Iterator[Stretch]:
    """Yield the file from sample `start` to its end, stretch after stretch; end early once `stop` is set.

    Yields nothing when the file ends at `start`. Raises MediaMissing, MediaUnreadable.
    """
    audio = ConfinedDecode(path)
    try:
        full, search = int(window_seconds * RATE), int(min(SEARCH_SECONDS, window_seconds / 3) * RATE)
        length = planned_length(start, full)
        held: list[Samples] = []
        count = 0
        for block in audio.blocks(start, stereo=True):
            if stop.is_set():
                return
            held.append(block)
            count += len(block)
            while count >= length:
                samples = np.concatenate(held)
                found = find_tracks(samples[:length])
                voiced = join(s for track in found for s in track.voiced)
                cut = choose_cut(voiced, length, search) if length == full else early_cut(voiced, length)
                if cut is None:
                    length = min(full, 2 * length)
                    continue
                yield Stretch(start, cut, tuple(track.until(cut) for track in found), audio.duration, start)
                start, held, count = start + cut, [samples[cut:].copy()], count - cut
                length = planned_length(start, full)
        if count:
            samples = np.concatenate(held)
            yield Stretch(start, len(samples), tuple(find_tracks(samples)), audio.duration, start)
    finally:
        audio.close()


def go_on(planned: Iterator[Stretch], start: int) -> Iterator[Stretch]:
    """Yield the same stretches without the part before sample `start`: a run was stopped within the first of them."""
    for stretch in planned:
        if stretch.end > start:
            yield stretch.after(start - stretch.start) if stretch.start < start else stretch


def excerpts(path: Path, spans: Sequence[tuple[float, float]], stop: threading.Event) -> Iterator[Stretch]:
    """Yield spans [start, end) of the file, in seconds, each as a stretch of its own; shorter where the file ends before.

    Raises MediaMissing, MediaUnreadable.
    """
    for start, end in spans:
        if stop.is_set():
            return
        samples = _read(path, start, end)
        first = round(start * RATE)
        yield Stretch(first, len(samples), tuple(find_tracks(samples)), end, first)


def _read(path: Path, start: float, end: float) -> Samples:
    audio = ConfinedDecode(path)
    first, wanted = round(start * RATE), round((end - start) * RATE)
    try:
        held: list[Samples] = []
        count = 0
        # Missing audio after the end of the file is no damage; a damaged file is detected when all of it is read.
        with contextlib.suppress(MediaUnreadable):
            for block in audio.blocks(first, exact=False, stereo=True):
                held.append(block)
                count += len(block)
                if count >= wanted:
                    break
        return np.concatenate(held)[:wanted] if held else np.zeros(0, dtype=np.float32)
    finally:
        audio.close()


@dataclass(frozen=True, slots=True)
class WindowReader:
    """A file and the sample `start` from which it is read, stretch after stretch."""

    path: Path
    start: int
    window_seconds: float


@dataclass(frozen=True, slots=True)
class _Source:
    """The file being read, until `stop` is set; `coming` is its next stretch, None at its end."""

    stretches: Iterator[Stretch]
    stop: threading.Event
    coming: Future[Stretch | None]


class Ahead:
    """Prepares one stretch in a thread while the one before it is used; at the end of the file, the first one of the expected
    next file. That stretch is used if the next request is for this file, unchanged; otherwise it is dropped.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="speech-decode")
        self._stop = threading.Event()
        self._kept: tuple[WindowReader, tuple[int, int] | None, _Source] | None = None

    def read(self, reading: WindowReader, then: WindowReader | None = None) -> Iterator[Stretch]:
        """Yield the file's stretches; `then` is the file most likely read next. Raises MediaMissing, MediaUnreadable."""
        yield from self._through(self._prepared(reading) or self._open(reading), then)

    def excerpts(self, path: Path, spans: Sequence[tuple[float, float]]) -> Iterator[Stretch]:
        """Yield spans of the file as `excerpts` gives them. Raises MediaMissing, MediaUnreadable."""
        stop = threading.Event()
        yield from self._through(self._begin(excerpts(path, spans, stop), stop), None)

    def quit(self) -> None:
        """Stop the current read; keep the prepared stretch of the next file."""
        self._stop.set()

    def _through(self, source: _Source, then: WindowReader | None) -> Iterator[Stretch]:
        self._stop, coming = source.stop, source.coming
        while (stretch := coming.result()) is not None:
            coming = self._pool.submit(self._next, source, then)
            yield stretch

    def _next(self, source: _Source, then: WindowReader | None) -> Stretch | None:
        stretch = next(source.stretches, None)
        if stretch is None and then is not None and not source.stop.is_set():
            self._kept = (then, _stamp(then.path), self._open(then))
        return stretch

    def _prepared(self, reading: WindowReader) -> _Source | None:
        kept, self._kept = self._kept, None
        if kept is None:
            return None
        of, stamp, source = kept
        if (of, stamp) == (reading, _stamp(reading.path)) and source.coming.exception() is None:
            return source
        source.stop.set()
        return None

    def _open(self, reading: WindowReader) -> _Source:
        stop = threading.Event()
        return self._begin(stretches(reading.path, reading.start, reading.window_seconds, stop), stop)

    def _begin(self, source: Iterator[Stretch], stop: threading.Event) -> _Source:
        return _Source(source, stop, self._pool.submit(next, source, None))


def _stamp(path: Path) -> tuple[int, int] | None:
    """Return a stamp that changes when another file replaces this one."""
    with contextlib.suppress(OSError):
        about = path.stat()
        return about.st_mtime_ns, about.st_size
    return None
