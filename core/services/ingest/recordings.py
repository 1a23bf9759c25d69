"""What is recorded from the microphone in a page: kept like an upload.

the browser's WAV ─▶ room for it? ─▶ a part, hashed while it is written ─▶ Arrivals.keep_upload ─▶ episode
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
    """Safe to call from any thread."""

    def __init__(self, arrivals: Ingest) -> None:
        self._arrivals = arrivals

    def keep(self, actor: Actor, sound: BinaryIO, *, title: str) -> tuple[Listed, bool]:
        """Makes an episode of a recording; the flag says whether it is new. Raises NotAudio, EmptyUpload, DiskFull."""
        folder, _, spare = self._arrivals.receive_limits(actor)
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
        return self._arrivals.keep_upload(actor, Received(part, digest.hexdigest(), size, FILENAME), title=title)
