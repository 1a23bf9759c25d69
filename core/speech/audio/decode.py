"""Decode audio as a stream: the first audio track of any file as 16 kHz float32, from any sample on, in bounded memory.

    demux ─► decode ─► place on the player's clock ─► skip to the start ─► resample ─► blocks of some ten seconds
                        (gaps become silence)

A position means the same sample whether decoding began at 0 or at a seek: the decoder starts a little earlier, and the resampler
starts at the phase that it has in a run from 0. If a seek cannot guarantee that, decoding begins at the start of the file, which
costs about five seconds an hour of audio.

A file that has two channels when it is opened can be decoded with both to its end, even if its frames change their layout. The
mono mix of two channels is their mean; that of more is FFmpeg's.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.audio.fifo import AudioFifo
from av.audio.resampler import AudioResampler

from core.errors import MediaMissing, MediaUnreadable
from core.speech.audio.spans import RATE

Samples = npt.NDArray[np.float32]

# Only these demuxers, and only plain files, so that no playlist makes the decoder open another file.
FORMATS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dsf,eac3,flac,flv,matroska,webm,mov,mp4,m4a,3gp,mp3,mpeg,mpegts,mpegvideo,ogg,tta,"
    "w64,wav,wv"
)
# Formats in which a seek was found to give exactly the samples of a run from the start. That excludes AAC, whose decoder fills in
# noise that depends on all earlier frames, and containers whose packets have rounded or estimated times.
EXACT_SEEK = frozenset({"mp3", "flac", "wav"})
# Formats in which a seek is accurate to some 25 ms, which suffices to recognise the speech there.
ROUGH_SEEK = EXACT_SEEK | {"mov", "mp4", "m4a", "ogg", "matroska", "webm"}
BLOCK_SAMPLES = 500_000
DECODER_RUN_IN = 3.0
RESAMPLER_RUN_IN = 0.2
JITTER = 0.2
LONGEST_GAP = 600.0


class AudioStream:
    """An open file. `duration` is the container's claim in seconds (0 when it claims nothing): an estimate.

    `channels` is 2 if the file has two channels, else 1.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._container: Any = av.open(
                str(path), metadata_errors="ignore", container_options={"protocol_whitelist": "file", "format_whitelist": FORMATS}
            )
        except FileNotFoundError as error:
            raise MediaMissing(f"The audio file {path.name} is no longer there. The transcript so far is kept.") from error
        except (av.error.FFmpegError, OSError) as error:
            raise MediaUnreadable(f"{path.name} cannot be opened as audio or video ({error.strerror}).") from error
        if not self._container.streams.audio:
            self.close()
            raise MediaUnreadable(f"{path.name} has no audio track: there is nothing to transcribe.")
        self._stream = self._container.streams.audio[0]
        self._origin = self._find_origin()
        self.duration = self._claimed_duration()
        self.channels = 2 if self._stream.codec_context.channels == 2 else 1

    def close(self) -> None:
        self._container.close()

    def blocks(self, start: int = 0, *, exact: bool = True, stereo: bool = False) -> Iterator[Samples]:
        """Yield blocks of samples from sample `start` (at 16 kHz) to the end; undecodable parts become silence.

        Without `exact` the start may be off by some 25 ms, and no container with known times is read from its beginning. Each
        block has shape (n,), or (n, 2) with `stereo` where the file has two `channels`.

        Raises MediaUnreadable when nothing at all can be decoded.
        """
        seconds = start / RATE - RESAMPLER_RUN_IN - DECODER_RUN_IN
        if seconds > 0 and (EXACT_SEEK if exact else ROUGH_SEEK) & set(self._container.format.name.split(",")):
            self._container.seek(int((Fraction(seconds) + self._origin) / self._stream.time_base), stream=self._stream)
        track = _Track(start, self.channels if stereo else 1)
        for frame in self._frames():
            yield from track.take(frame, self._time(frame))
        yield from track.finish()
        if track.empty:
            raise MediaUnreadable(f"Nothing in {self.path.name} can be decoded as audio: the file is damaged.")

    def _frames(self) -> Iterator[Any]:
        packets = self._container.demux(self._stream)
        # A truncated file yields the frames before the break.
        with contextlib.suppress(av.error.FFmpegError):
            for packet in packets:
                with contextlib.suppress(av.error.InvalidDataError):
                    yield from packet.decode()

    def _time(self, frame: Any) -> Fraction | None:
        return None if frame.pts is None else frame.pts * frame.time_base - self._origin

    def _find_origin(self) -> Fraction:
        """Return where the player's clock starts, in seconds of the stream's clock: with a picture track, at the container's
        start.
        """
        own = (self._stream.start_time or 0) * Fraction(self._stream.time_base)
        pictures = [s for s in self._container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
        if not pictures or self._container.start_time is None:
            return own
        return min(own, Fraction(self._container.start_time, av.time_base))

    def _claimed_duration(self) -> float:
        if self._stream.duration:
            return float(self._stream.duration * self._stream.time_base)
        return float((self._container.duration or 0) / av.time_base)


class _Track:
    """Frames of one audio track laid end to end on the player's clock, and resampled from sample `start` on.

    Yields blocks of shape (n,), or (n, 2) if `channels` is 2.
    """

    def __init__(self, start: int, channels: int) -> None:
        self.empty = True
        self._channels = channels
        self._to_drop = start  # output samples before the start that are still to be dropped
        self._clock = 0  # input samples written so far, counted from the player's zero
        self._skew = 0
        self._shape: tuple[str, str, int] | None = None
        self._fifo = AudioFifo()
        self._resampler: Any = None
        self._both = False  # whether the resampler outputs both channels
        self._to_skip = 0

    def take(self, frame: Any, time: Fraction | None) -> Iterator[Samples]:
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if shape != self._shape:
            yield from self._change(shape, frame.layout.nb_channels, time)
        self.empty = False
        if time is not None:
            self._place(round(time * frame.sample_rate), frame)
        self._write(frame)
        if self._fifo.samples >= BLOCK_SAMPLES:
            yield from self._resample(self._fifo.read())

    def finish(self) -> Iterator[Samples]:
        if self._fifo.samples:
            yield from self._resample(self._fifo.read())
        if self._resampler:
            yield from self._resample(None)

    def _change(self, shape: tuple[str, str, int], channels: int, time: Fraction | None) -> Iterator[Samples]:
        """Change to a new sample format, at the beginning and, in some streams, in the middle."""
        first, old_rate = self._shape is None, self._shape[2] if self._shape else RATE
        yield from self.finish()
        self._shape, rate = shape, shape[2]
        self._both = channels == 2
        layout = "stereo" if self._both else "mono"
        self._fifo, self._resampler = AudioFifo(), AudioResampler(format="flt", layout=layout, rate=RATE)
        if not first:
            self._clock = self._clock * rate // old_rate
            return
        step_out = RATE // math.gcd(rate, RATE)
        begin_out = max(0, self._to_drop - int(RESAMPLER_RUN_IN * RATE)) // step_out * step_out
        begin_in = begin_out * rate // RATE
        self._clock = max(0, round(time * rate)) if time is not None and self._was_sought(time) else 0
        if self._clock <= begin_in:
            self._to_skip, self._to_drop = begin_in - self._clock, self._to_drop - begin_out

    def _was_sought(self, time: Fraction) -> bool:
        return self._to_drop > 0 and time > JITTER

    def _place(self, at: int, frame: Any) -> None:
        """Fill a gap in the time stamps with silence; an implausible jump moves the clock's zero instead."""
        gap = at - self._clock - self._skew
        if abs(gap) <= JITTER * frame.sample_rate:
            return
        if 0 < gap <= LONGEST_GAP * frame.sample_rate:
            self._write(_silence(frame, gap))
        else:
            self._skew += gap

    def _write(self, frame: Any) -> None:
        self._clock += frame.samples
        frame.pts = None
        self._fifo.write(frame)
        if self._to_skip:
            skipped = min(self._to_skip, self._fifo.samples)
            self._fifo.read(skipped)
            self._to_skip -= skipped

    def _resample(self, frame: Any) -> Iterator[Samples]:
        for piece in self._resampler.resample(frame):
            samples = self._shaped(piece.to_ndarray()[0])
            dropped = min(self._to_drop, len(samples))
            self._to_drop -= dropped
            if dropped < len(samples):
                yield samples[dropped:]

    def _shaped(self, samples: Samples) -> Samples:
        """Reshape interleaved samples to the file's channels; mono frames in a file of two channels are duplicated."""
        if self._both:
            pairs = samples.reshape(-1, 2)
            return pairs if self._channels == 2 else pairs.mean(axis=1)
        return samples if self._channels == 1 else np.repeat(samples[:, None], 2, axis=1)


def _silence(like: Any, samples: int) -> Any:
    frame = av.AudioFrame(format=like.format.name, layout=like.layout.name, samples=samples)
    frame.sample_rate = like.sample_rate
    zero = b"\x80" if like.format.name.startswith("u8") else b"\x00"
    for plane in frame.planes:
        plane.update(zero * plane.buffer_size)
    return frame
