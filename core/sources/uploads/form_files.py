"""Write all files of a multipart form straight to disk, one after another, as another app shares them.

    stream ─▶ MultipartParser ─▶ Began, Bytes, Ended, Field ─▶ a file at a time ─▶ upload_writer ─┬─▶ took(Received)
                                                                                                  └─▶ RefusedFile, the next one

One block is in memory at a time. A file that is refused does not keep the others from being taken in. If the client leaves, the
file under way is deleted; those before it are in.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import anyio.to_thread
from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from core.errors import CastMindError, UserError
from core.files.partial_files import check_space, discard, disk_errors, new_part, safe_name
from core.sources.media.sniff import HEAD, check_head
from core.sources.uploads.multipart import FIELD_BYTES, Received, boundary_of, drain, shielded, too_large
from core.sources.uploads.upload_writer import Growing, Running

# Files and fields of one form.
MOST_PARTS = 100
Took = Callable[[Received], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that was not taken in: its name, made safe, and why."""

    filename: str
    error: CastMindError


@dataclass(frozen=True, slots=True)
class FormRest:
    """What a form held besides the files that were taken in. The last refusal is without a name if the form itself broke off."""

    refused: tuple[RefusedFile, ...]
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Began:
    filename: str


@dataclass(frozen=True, slots=True)
class _Ended:
    """The end of a file."""


@dataclass(slots=True)
class _Field:
    name: str
    value: bytearray = field(default_factory=bytearray)


async def receive_all(
    stream: AsyncIterator[bytes], content_type: str, folder: Path, took: Took, *, max_bytes: int, min_free_bytes: int
) -> FormRest:
    """Write each file to a new part in `folder`, and pass it to `took` before the next one; what `took` refuses is refused.

    A form that breaks off (malformed, incomplete, too many parts) refuses the file under way, or else the rest of the form.
    Raises UserError for what is no form, and the stream's own errors (starlette's ClientDisconnect).
    """
    events = _parsed(stream, boundary_of(content_type))
    refused, fields = list[RefusedFile](), dict[str, str]()
    try:
        async for event in events:
            if isinstance(event, _Field):
                fields[event.name] = event.value.decode("utf-8", "replace")
            elif isinstance(event, _Began):
                file = _OneFile(events, safe_name(event.filename), folder, max_bytes, min_free_bytes)
                try:
                    await file.receive(took)
                except CastMindError as error:
                    refused.append(RefusedFile(file.name, error))
                    await file.skip()
    except UserError as error:
        refused.append(RefusedFile("", error))
    finally:
        # What is left of a broken form, so that the client receives the answer; nothing, after a whole one.
        await drain(stream)
    return FormRest(tuple(refused), fields)


class _OneFile:
    def __init__(self, events: AsyncIterator[object], name: str, folder: Path, max_bytes: int, min_free_bytes: int) -> None:
        self.name = name
        self._events = events
        self._folder = folder
        self._most = max_bytes
        self._check_space = partial(check_space, folder, min_free_bytes)
        self._ended = False

    async def receive(self, took: Took) -> None:
        part = await anyio.to_thread.run_sync(self._new)
        try:
            running = Running()
            await self._writer(part, running).take(self._bytes())
            if running.bytes < HEAD:
                check_head(await anyio.to_thread.run_sync(part.read_bytes), name=self.name or "The file")
            await took(Received(part, running.hexdigest(), running.bytes, self.name))
        except BaseException:
            await shielded(discard, part)
            raise

    def _new(self) -> Path:
        part = new_part(self._folder)
        with disk_errors(self._folder):
            part.touch()
        return part

    def _writer(self, part: Path, running: Running) -> Growing:
        # How long the file will be is not known: the limit stands for it, and `_bytes` keeps to it.
        name = self.name or "The file"
        return Growing(part, 0, self._most + 1, running, name=name, check_space=self._check_space, synced=lambda: None)

    async def _bytes(self) -> AsyncIterator[bytes]:
        count = 0
        async for event in self._events:
            if not isinstance(event, bytes):
                self._ended = True
                return
            count += len(event)
            if count > self._most:
                raise too_large(self._most)
            yield event

    async def skip(self) -> None:
        """Pass over what is left of the file."""
        if not self._ended:
            async for event in self._events:
                if isinstance(event, _Ended):
                    return


async def _parsed(stream: AsyncIterator[bytes], boundary: bytes) -> AsyncIterator[bytes | _Began | _Ended | _Field]:
    form = _Form()
    parser = MultipartParser(boundary, form.callbacks())
    async for chunk in stream:
        broken: UserError | None = None
        try:
            parser.write(chunk)
        except FormParserError as error:
            broken = _broken(f"The upload is not well-formed multipart/form-data ({error}).")
        except UserError as error:
            broken = error
        # What came before the fault is whole.
        events, form.events = form.events, []
        for event in events:
            yield event
        if broken:
            raise broken
    if not form.complete:
        raise _broken("The upload is incomplete.")


def _broken(why: str) -> UserError:
    return UserError(f"{why} What could be read is kept; share the rest again.", case="share_broken")


class _Form:
    """The parser's callbacks. They must not be coroutines, so they only note what came."""

    def __init__(self) -> None:
        self.events: list[bytes | _Began | _Ended | _Field] = []
        self.complete = False
        self._parts = 0
        self._field_bytes = 0
        self._field: _Field | None = None
        self._header = (bytearray(), bytearray())
        self._disposition = b""

    def callbacks(self) -> dict[str, Callable[..., None]]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._whole,
        }

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise _broken(f"More than {MOST_PARTS} things were shared at once.")
        self._disposition = b""

    def _header_end(self) -> None:
        name, value = self._header
        if bytes(name).lower() == b"content-disposition":
            self._disposition = bytes(value)
        self._header = (bytearray(), bytearray())

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        name = options.get(b"name", b"").decode("utf-8", "replace")
        self._field = None if b"filename" in options else _Field(name)
        if self._field is None:
            self.events.append(_Began(options[b"filename"].decode("utf-8", "replace")))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._field is None:
            self.events.append(data[start:end])
            return
        self._field_bytes += end - start
        if self._field_bytes > FIELD_BYTES:
            raise _broken("The shared text is too long.")
        self._field.value += data[start:end]

    def _end(self) -> None:
        self.events.append(_Ended() if self._field is None else self._field)

    def _whole(self) -> None:
        self.complete = True
