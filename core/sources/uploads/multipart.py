"""Write a multipart upload straight to disk, with one block in memory at a time.

    stream ─▶ MultipartParser ─▶ head ─▶ check_head (text, images, … end here, not after two gigabytes)
                            └──▶ file's bytes ─▶ 1 MB blocks ─▶ thread: write, hash ─▶ Received
                            └──▶ fields

On any failure, a client that disconnects included, the `.part` is deleted. Starlette's form parser is not used: it spools to
/tmp, which is memory in a container.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import anyio
import anyio.to_thread
from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from core.errors import CastMindError, TooLarge, UserError
from core.files.partial_files import BLOCK, check_space, disk_errors, new_part, safe_name
from core.sources.media.sniff import HEAD, check_head

FIELDS = 32
FIELD_BYTES = 64 * 1024
SPACE_CHECK_BYTES = 64 << 20
# A client that is still sending only sees a refusal if the rest of a small body is read first.
DRAIN_BYTES = 64 << 20
DRAIN_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Received:
    """A complete upload: `part` holds `bytes` bytes with the hexadecimal hash `sha256`. The caller keeps or discards it.

    `filename`: as sent, without path parts and control characters ("" if missing); `fields`: the form's other fields.
    """

    part: Path
    sha256: str
    bytes: int
    filename: str
    fields: dict[str, str] = field(default_factory=dict)


async def receive(
    stream: AsyncIterator[bytes],
    content_type: str,
    folder: Path,
    *,
    max_bytes: int,
    min_free_bytes: int,
    content_length: int | None = None,
) -> Received:
    """Write the only file of a multipart/form-data body to a new part in `folder`.

    Raises TooLarge, EmptyUpload, NotAudio, DiskFull, UserError (malformed, no file, two files), and the stream's own errors
    (starlette's ClientDisconnect); no file is left in the folder then.
    """
    boundary = boundary_of(content_type)
    try:
        if (content_length or 0) > max_bytes + FIELD_BYTES:
            raise too_large(max_bytes)
        part = await anyio.to_thread.run_sync(new_part, folder)
        await anyio.to_thread.run_sync(check_space, folder, min_free_bytes, content_length or 0)
        return await _Receiver(part, boundary, max_bytes, min_free_bytes).run(stream)
    except CastMindError:
        await drain(stream)
        raise


class _Receiver:
    """One upload. The parser's callbacks fill a buffer; `_flush` writes it."""

    def __init__(self, part: Path, boundary: bytes, max_bytes: int, min_free_bytes: int) -> None:
        self._part = part
        self._max_bytes = max_bytes
        self._min_free_bytes = min_free_bytes
        self._hash = hashlib.sha256()
        self._buffer = bytearray()
        self._bytes = 0
        self._space_checked_at = 0
        self._head_checked = False
        self._filename: str | None = None
        self._in_file = False
        self._complete = False
        self._fields: dict[str, str] = {}
        self._name = ""
        self._value = bytearray()
        self._value_bytes = 0
        self._header = (bytearray(), bytearray())
        self._headers: dict[bytes, bytes] = {}
        self._parser = MultipartParser(boundary, self._callbacks())

    async def run(self, stream: AsyncIterator[bytes]) -> Received:
        try:
            with disk_errors(self._part.parent):
                file = await anyio.to_thread.run_sync(self._part.open, "xb")
                try:
                    await self._receive(stream, file)
                finally:
                    await shielded(file.close)
        except BaseException:
            await shielded(self._part.unlink, True)
            raise
        return Received(self._part, self._hash.hexdigest(), self._bytes, safe_name(self._filename or ""), self._fields)

    async def _receive(self, stream: AsyncIterator[bytes], file: BinaryIO) -> None:
        async for chunk in stream:
            self._parse(chunk)
            if not self._head_checked and len(self._buffer) >= HEAD:
                self._check_head()
            if len(self._buffer) >= BLOCK:
                await self._flush(file)
        if not self._complete:
            raise UserError("The upload is incomplete or not multipart/form-data. Nothing was kept; please send it again.")
        if self._filename is None:
            raise UserError("The upload has no file in it. Send the audio as the form's field `file`.")
        self._check_head()
        await self._flush(file)

    def _parse(self, chunk: bytes) -> None:
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise UserError(f"The upload is not well-formed multipart/form-data ({error}). Nothing was kept.") from error
        if self._bytes + len(self._buffer) > self._max_bytes:
            raise too_large(self._max_bytes)

    def _check_head(self) -> None:
        if not self._head_checked:
            name = safe_name(self._filename or "") or "The file"
            check_head(bytes(self._buffer[:HEAD]), name=name)
            self._head_checked = True

    async def _flush(self, file: BinaryIO) -> None:
        block, self._buffer = self._buffer, bytearray()
        await anyio.to_thread.run_sync(self._write, file, block)

    def _write(self, file: BinaryIO, block: bytearray) -> None:
        if self._bytes - self._space_checked_at >= SPACE_CHECK_BYTES:
            check_space(self._part.parent, self._min_free_bytes)
            self._space_checked_at = self._bytes
        file.write(block)
        self._hash.update(block)
        self._bytes += len(block)

    # The parser's callbacks. They must not be coroutines, so nothing here waits.

    def _callbacks(self) -> Any:
        return {
            "on_part_begin": self._on_part_begin,
            "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
            "on_header_end": self._on_header_end,
            "on_headers_finished": self._on_headers_finished,
            "on_part_data": self._on_part_data,
            "on_part_end": self._on_part_end,
            "on_end": self._on_end,
        }

    def _on_part_begin(self) -> None:
        if len(self._fields) >= FIELDS:
            raise UserError("The upload has too many form fields. Nothing was kept.")
        self._headers = {}
        self._in_file = False
        self._value = bytearray()

    def _on_header_end(self) -> None:
        name, value = self._header
        self._headers[bytes(name).lower()] = bytes(value)
        self._header = (bytearray(), bytearray())

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if b"filename" in options:
            if self._filename is not None:
                raise UserError("The upload holds more than one file. Nothing was kept; send one file a request.")
            self._filename = options[b"filename"].decode("utf-8", "replace")
            self._in_file = True
        self._name = options.get(b"name", b"").decode("utf-8", "replace")

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._buffer += data[start:end]
            return
        self._value_bytes += end - start
        if self._value_bytes > FIELD_BYTES:
            raise UserError("The upload's form fields are too long. Nothing was kept.")
        self._value += data[start:end]

    def _on_part_end(self) -> None:
        if not self._in_file:
            self._fields[self._name] = self._value.decode("utf-8", "replace")

    def _on_end(self) -> None:
        self._complete = True


def boundary_of(content_type: str) -> bytes:
    kind, options = parse_options_header(content_type)
    boundary: bytes = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 0 < len(boundary) <= 200:
        raise UserError("Send the audio as multipart/form-data with a field `file`.")
    return boundary


def too_large(max_bytes: int) -> TooLarge:
    return TooLarge(
        f"The file is larger than {max_bytes / 1e9:.1f} GB, the limit that the setting max_upload_gb names. Nothing was kept.",
        limit=max_bytes,
    )


async def drain(stream: AsyncIterator[bytes]) -> None:
    """Read and drop the rest of a refused body, up to DRAIN_BYTES and DRAIN_SECONDS."""
    left = DRAIN_BYTES
    with anyio.move_on_after(DRAIN_SECONDS):
        async for chunk in stream:
            left -= len(chunk)
            if left < 0:
                return


async def shielded(work: Any, *arguments: Any) -> Any:
    """Run `work` in a thread to its end even if the request is cancelled, as clean-up needs."""
    with anyio.CancelScope(shield=True):
        return await anyio.to_thread.run_sync(work, *arguments)
