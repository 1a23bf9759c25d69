"""Decode a media file in a confined process: a malicious file cannot reach the worker, its models or the card.

Hearing(path) ─▶ decode_worker ─▶ duration, channels      blocks(start) ═ pipe ═▶ samples, as AudioStream gives them
                                                a crash ─▶ MediaUnreadable      an end from outside ─▶ Transient
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import CastMindError, MediaMissing, MediaUnreadable, Transient
from core.sandbox import Piped
from core.speech.audio.decode import Samples
from core.speech.audio.decode_worker import END, MESSAGE, SAMPLES

_ERRORS: Mapping[str, type[CastMindError]] = {error.code: error for error in (MediaMissing, MediaUnreadable)}


class ConfinedDecode:
    """An open file. `duration` is the container's claim in seconds (0 when it claims nothing): an estimate.

    `channels` is 2 if the file has two channels, else 1. Raises MediaMissing, MediaUnreadable, Transient.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._child = Piped("core.speech.audio.decode_worker", str(path.absolute()))
        try:
            _, head = self._message()
            about = json.loads(head)
            self.duration, self.channels = float(about["duration"]), int(about["channels"])
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the process, also in the middle of its work."""
        self._child.close()

    def blocks(self, start: int = 0, *, exact: bool = True, stereo: bool = False) -> Iterator[Samples]:
        """Yield blocks as `AudioStream.blocks` does; once for each open file."""
        with suppress(BrokenPipeError):  # the process died: its next message reports the reason
            self._child.stdin.write(json.dumps({"start": start, "exact": exact, "stereo": stereo}).encode() + b"\n")
            self._child.stdin.flush()
        while True:
            kind, content = self._message()
            if kind != SAMPLES:
                return
            samples = np.frombuffer(content, dtype=np.float32)
            yield samples.reshape(-1, 2) if stereo and self.channels == 2 else samples

    def _message(self) -> tuple[bytes, bytes]:
        """Read one message: its kind and its bytes. Raises the error that an error message reports."""
        kind, length = MESSAGE.unpack(self._read(MESSAGE.size))
        content = self._read(length)
        error: dict[str, Any] | None = json.loads(content).get("error") if kind == END else None
        if error:
            raise _ERRORS.get(error["code"], MediaUnreadable)(error["detail"], **error["params"])
        return kind, content

    def _read(self, size: int) -> bytes:
        data: bytes = self._child.stdout.read(size)
        if len(data) < size:
            raise self._died()
        return data

    def _died(self) -> CastMindError:
        ended = self._child.ended()
        if ended.crashed:
            return MediaUnreadable(f"{self.path.name} cannot be decoded: the decoder crashed on it.")
        return Transient(f"The decoding of {self.path.name} was ended from outside ({ended.code}). It begins again.")
