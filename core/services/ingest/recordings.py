"""Microphone recordings made in a page, stored like uploads.

browser's WAV ─▶ enough disk space? ─▶ part file, hashed while written ─▶ Ingest.keep_upload ─▶ episode
"""

from __future__ import annotations

import hashlib
from typing import BinaryIO

from core.domain.accounts.actor import Actor
from core.domain.episodes.listed import Listed
from core.files import partial_files
from core.services.ingest.ingest import Ingest
from core.sources.uploads.multipart import Received

BLOCK = 1 << 20
FILENAME = "recording.wav"


class Recordings:
    """Stores recordings. Thread-safe."""

    def __init__(self, ingest: Ingest) -> None:
        self._ingest = ingest

    def keep(self, actor: Actor, sound: BinaryIO, *, title: str) -> tuple[Listed, bool]:
        """Create an episode from a recording; return it and whether it is new. Raises NotAudio, EmptyUpload, DiskFull."""
        folder, _, spare = self._ingest.receive_limits(actor)
        size = sound.seek(0, 2)
        sound.seek(0)
        partial_files.check_space(folder, spare, size)
        part, digest = partial_files.new_part(folder), hashlib.sha256()
        try:
            with partial_files.disk_errors(folder), part.open("wb") as file:
                while block := sound.read(BLOCK):
                    digest.update(block)
                    file.write(block)
        except BaseException:
            partial_files.discard(part)
            raise
        return self._ingest.keep_upload(actor, Received(part, digest.hexdigest(), size, FILENAME), title=title)
