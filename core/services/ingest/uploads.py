"""Uploads over HTTP (`castmind.uploads`), from the first byte to the episode.

    receive ─▶ multipart body, streamed to disk ─▶ Ingest.keep_upload ─▶ episode
    share   ─▶ the same for all files of a form, one after another ─▶ Shared: episodes, refused files, fields
    begin   ─▶ resumable upload, may stop at any byte ─▶ append ─▶ append ─▶ complete? ─▶ Ingest.finish_upload ─▶ episode

Calls on the same upload run one at a time: a concurrent call waits and returns the outcome.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from functools import partial

import anyio.to_thread

from core.domain.accounts.actor import Actor
from core.domain.episodes.listed import Listed
from core.domain.episodes.upload import Upload
from core.services.ingest.ingest import Ingest
from core.sources.uploads import form_files, multipart
from core.sources.uploads.form_files import RefusedFile

FIELDS = ("title", "language", "model")


@dataclass(frozen=True, slots=True)
class Shared:
    """What became of a form that another app shared."""

    episodes: tuple[Listed, ...]
    refused: tuple[RefusedFile, ...]
    fields: Mapping[str, str]


class Uploads:
    """Receives uploads. The coroutines run on the server's event loop; the other methods block and are thread-safe."""

    def __init__(self, ingest: Ingest) -> None:
        self._ingest = ingest
        self._resumable = ingest.resumable

    def most_bytes(self, actor: Actor) -> int:
        """Return the maximum size of a file."""
        return self._ingest.receive_limits(actor)[1]

    async def receive(
        self, actor: Actor, stream: AsyncIterator[bytes], content_type: str, content_length: int | None = None
    ) -> tuple[Listed, bool]:
        """Create an episode from the single file of a multipart body with optional FIELDS; return it and whether it is new.

        Raises the errors of multipart.receive, Ingest.keep_upload and the stream; nothing is kept then.
        """
        folder, most, least = await anyio.to_thread.run_sync(self._ingest.receive_limits, actor)
        received = await multipart.receive(
            stream, content_type, folder, max_bytes=most, min_free_bytes=least, content_length=content_length
        )
        wishes = {name: received.fields[name] for name in FIELDS if received.fields.get(name)}
        return await anyio.to_thread.run_sync(partial(self._ingest.keep_upload, actor, received, **wishes))

    async def share(self, actor: Actor, stream: AsyncIterator[bytes], content_type: str) -> Shared:
        """Create an episode from each file of a multipart body; one that is refused does not stop the others.

        A form that breaks off is the last refusal. Raises UserError (no form) and the errors of the stream; the files that had
        arrived whole are kept.
        """
        folder, most, least = await anyio.to_thread.run_sync(self._ingest.receive_limits, actor)
        episodes: list[Listed] = []

        async def took(received: multipart.Received) -> None:
            # A client that disconnects now must not interrupt the ingest.
            listed, _ = await multipart.shielded(partial(self._ingest.keep_upload, actor), received)
            episodes.append(listed)

        rest = await form_files.receive_all(stream, content_type, folder, took, max_bytes=most, min_free_bytes=least)
        return Shared(tuple(episodes), rest.refused, rest.fields)

    # --- resumable uploads ----------------------------------------------------------------------

    def listing(self, actor: Actor) -> list[tuple[Upload, bool]]:
        """Return the resumable uploads, oldest first, each with whether a call on it is in progress."""
        return [(upload, self._resumable.turns.taken(upload.id)) for upload in self._resumable.listing()]

    async def begin(
        self, actor: Actor, length: int, words: Mapping[str, str], beginning: AsyncIterator[bytes] | None = None
    ) -> Upload:
        """Create an upload of `length` bytes, and append its first bytes if given.

        Raises EmptyUpload, TooLarge, TooManyUploads, DiskFull, and the errors of `append`.
        """
        upload = await anyio.to_thread.run_sync(self._resumable.create, length, words)
        return upload if beginning is None else await self.append(actor, upload.id, 0, beginning)

    async def append(self, actor: Actor, upload_id: str, offset: int, stream: AsyncIterator[bytes]) -> Upload:
        """Append bytes at `offset`; the last byte completes the episode. If the stream breaks off, the received bytes are kept.

        Raises the errors of Resumable.append and Ingest.finish_upload.
        """

        async def work() -> Upload:
            return await self._taken_in(actor, await self._resumable.append(upload_id, offset, stream))

        return await self._resumable.turns.take(upload_id, work)

    async def look(self, actor: Actor, upload_id: str) -> Upload:
        """Return the upload's progress; ingest it if it is complete and not ingested yet. Raises NotFound, and as `append`."""

        async def work() -> Upload:
            return await self._taken_in(actor, await anyio.to_thread.run_sync(self._resumable.get, upload_id))

        return await self._resumable.turns.take(upload_id, work)

    async def cancel(self, actor: Actor, upload_id: str) -> None:
        """Cancel the upload and delete its bytes. Raises NotFound."""
        await self._resumable.turns.take(upload_id, partial(anyio.to_thread.run_sync, self._resumable.remove, upload_id))

    async def drain(self, actor: Actor, stream: AsyncIterator[bytes]) -> None:
        """Read and discard the rest of a refused body, so that the client receives the response."""
        await multipart.drain(stream)

    async def _taken_in(self, actor: Actor, upload: Upload) -> Upload:
        if not upload.whole:
            return upload
        # A client that disconnects now must not interrupt the ingest.
        finished: Upload = await multipart.shielded(partial(self._ingest.finish_upload, actor), upload)
        return finished
