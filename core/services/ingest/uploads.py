"""Uploads over HTTP (`castmind.uploads`): one call from the first byte to the episode.

    receive ─▶ a multipart body, streamed to disk ─▶ Ingest.keep_upload ─▶ the episode
    begin   ─▶ an upload that may stop at any byte ─▶ append ─▶ append ─▶ whole? ─▶ Ingest.finish_upload ─▶ the episode

Each call on an upload takes its turn: who asks again meanwhile waits, and hears what came of it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from functools import partial

import anyio.to_thread

from core.domain.accounts.actor import Actor
from core.domain.episodes.listed import Listed
from core.domain.episodes.upload import Upload
from core.services.ingest.ingest import Ingest
from core.sources.uploads import multipart

FIELDS = ("title", "language", "model")


class Uploads:
    """The coroutines belong to the server's event loop; the rest blocks, and may come from any thread."""

    def __init__(self, ingest: Ingest) -> None:
        self._ingest = ingest
        self._resumable = ingest.resumable

    def most_bytes(self, actor: Actor) -> int:
        """How large a file may be."""
        return self._ingest.receive_limits(actor)[1]

    async def receive(
        self, actor: Actor, stream: AsyncIterator[bytes], content_type: str, content_length: int | None = None
    ) -> tuple[Listed, bool]:
        """Makes an episode of the one file of a multipart body; its other fields may be FIELDS. The flag says whether it is new.

        Raises what multipart.receive and Ingest.keep_upload raise, and what the stream raises; nothing is kept then.
        """
        folder, most, least = await anyio.to_thread.run_sync(self._ingest.receive_limits, actor)
        received = await multipart.receive(
            stream, content_type, folder, max_bytes=most, min_free_bytes=least, content_length=content_length
        )
        wishes = {name: received.fields[name] for name in FIELDS if received.fields.get(name)}
        return await anyio.to_thread.run_sync(partial(self._ingest.keep_upload, actor, received, **wishes))

    # --- in pieces ------------------------------------------------------------------------------

    def listing(self, actor: Actor) -> list[tuple[Upload, bool]]:
        """Those that wait for the rest of their file, the oldest first. The flag says whether bytes are arriving now."""
        return [(upload, self._resumable.turns.taken(upload.id)) for upload in self._resumable.listing()]

    async def begin(
        self, actor: Actor, length: int, words: Mapping[str, str], beginning: AsyncIterator[bytes] | None = None
    ) -> Upload:
        """A new upload of `length` bytes, with the first of them if there are some.

        Raises EmptyUpload, TooLarge, TooManyUploads, DiskFull, and what `append` raises.
        """
        upload = await anyio.to_thread.run_sync(self._resumable.create, length, words)
        return upload if beginning is None else await self.append(actor, upload.id, 0, beginning)

    async def append(self, actor: Actor, upload_id: str, offset: int, stream: AsyncIterator[bytes]) -> Upload:
        """Adds bytes from `offset` on; with the last one the file becomes an episode. However the stream ends, what came is kept.

        Raises what Resumable.append and Ingest.finish_upload raise.
        """

        async def work() -> Upload:
            return await self._taken_in(actor, await self._resumable.append(upload_id, offset, stream))

        return await self._resumable.turns.take(upload_id, work)

    async def look(self, actor: Actor, upload_id: str) -> Upload:
        """How far it is. One that is whole and not taken in yet is taken in now. Raises NotFound, and as `append`."""

        async def work() -> Upload:
            return await self._taken_in(actor, await anyio.to_thread.run_sync(self._resumable.get, upload_id))

        return await self._resumable.turns.take(upload_id, work)

    async def cancel(self, actor: Actor, upload_id: str) -> None:
        """Ends the upload; nothing of it is kept. Raises NotFound."""
        await self._resumable.turns.take(upload_id, partial(anyio.to_thread.run_sync, self._resumable.remove, upload_id))

    async def drain(self, actor: Actor, stream: AsyncIterator[bytes]) -> None:
        """Takes the rest of a refused body off the line, so that its sender hears the refusal."""
        await multipart.drain(stream)

    async def _taken_in(self, actor: Actor, upload: Upload) -> Upload:
        if not upload.whole:
            return upload
        # A sender that goes away meanwhile must not leave it half done.
        finished: Upload = await multipart.shielded(partial(self._ingest.finish_upload, actor), upload)
        return finished
