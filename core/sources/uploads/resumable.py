"""Resumable uploads: interrupted at any byte, resumed later, even after a restart. The HTTP side is tus
(core/api/library/tus.py).

    create ─▶ <id>.part, empty, and its note <id>.part.json: length, the sender's metadata, bytes synced
    append ─▶ growing: blocks to the disk, however the stream ends
    whole  ─▶ Received: the caller that imports it calls `settle` ─▶ only the note stays, so that a lost answer can be repeated
    adopt  ─▶ an upload that arrived in one piece also waits here for its row
    expire ─▶ uploads untouched for a week are deleted, empty ones after an hour      recover ─▶ a part without a note, at start

The file size is the offset of an upload: a killed server has lost nothing. Only after a power cut (the computer booted since) the
size may be wrong, because unsynced blocks read as zeros; then the synced bytes count. At most a thousand uploads wait at once,
and the cost of creating one does not depend on their number (`unfinished`).
"""

from __future__ import annotations

import json
import re
import threading
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import anyio.to_thread

from core.domain.episodes.upload import EMPTY_KEPT_SECONDS, KEPT_SECONDS, Upload, UploadOutcome
from core.errors import Conflict, EmptyUpload, NotAudio, NotFound, TooManyUploads
from core.files import partial_files
from core.sources.uploads.multipart import Received, too_large
from core.sources.uploads.takeover import Takeover
from core.sources.uploads.unfinished import Unfinished
from core.sources.uploads.upload_writer import Growing, Running

MOST_UNFINISHED = 1000
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_FORM = {"length": int, "words": dict, "created_at": float, "outcome": dict | None}
_ID = re.compile(r"[0-9a-f]{32}")


class Resumable:
    """The unfinished uploads of one folder. `limits` returns (most bytes, least bytes left free on the disk).

    `append` belongs to the server's event loop; the other methods block, and may be called from any thread. `turns` grants one
    caller at a time access to an upload.
    """

    def __init__(
        self,
        folder: Path,
        limits: Callable[[], tuple[int, int]],
        *,
        clock: Callable[[], float] = time.time,
        boot: Callable[[], str] | None = None,
    ) -> None:
        self._folder = folder
        self._limits = limits
        self._clock = clock
        self._boot = boot or _boot_id
        self._running: dict[str, Running] = {}
        self._unfinished = Unfinished(folder, lambda upload_id: self._noted(self._part(upload_id))["words"])
        self._beginning = threading.Lock()
        self.turns = Takeover()

    # --- reading --------------------------------------------------------------------------------

    def get(self, upload_id: str) -> Upload:
        """Return an upload. Raises NotFound."""
        part = self._part(upload_id)
        try:
            note = self._noted(part)
            outcome = UploadOutcome(**note["outcome"]) if note["outcome"] else None
            touched = max(path.stat().st_mtime for path in (partial_files.notes_of(part), *(() if outcome else (part,))))
            offset = note["length"] if outcome else self._offset(part, note)
            name = partial_files.safe_name(note["words"].get("filename", ""))
        except (FileNotFoundError, ValueError) as error:
            raise _unknown() from error
        return Upload(upload_id, note["length"], offset, note["words"], name, note["created_at"], touched, outcome)

    def listing(self) -> list[Upload]:
        """Return the uploads not yet imported, oldest first."""
        return sorted((u for u in self._these(self._unfinished.ids()) if not u.outcome), key=lambda u: u.created_at)

    # --- changing -------------------------------------------------------------------------------

    def create(self, length: int, words: Mapping[str, str]) -> Upload:
        """Create an upload. It replaces an unfinished one of the same `fingerprint`: its sender has lost or abandoned that one.

        Raises EmptyUpload, TooLarge, TooManyUploads, DiskFull.
        """
        most, least = self._limits()
        if length == 0:
            raise EmptyUpload("The file is empty. Nothing was kept.")
        if length > most:
            raise too_large(most)
        part = self._part(uuid.uuid4().hex)
        with partial_files.disk_errors(self._folder), self._beginning:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._make_way(words.get("fingerprint", ""))
            partial_files.check_space(self._folder, least, self._promised() + length)
            part.touch()
            self._note(part, self._first_note(length, words))
            self._unfinished.remember(part.stem, words)
        return self.get(part.stem)

    def adopt(self, received: Received, words: Mapping[str, str], upload_id: str) -> Upload:
        """Keep a complete file of the same disk as an upload, until it is imported. The caller holds the turn of `upload_id`."""
        part = self._part(upload_id)
        with partial_files.disk_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            received.part.replace(part)
        self._note(part, self._first_note(received.bytes, words))
        return self.get(upload_id)

    def recover(self) -> int:
        """At start, treat a part without a readable note as a complete upload. Return the number of such parts."""
        lost = [
            part for part in self._folder.glob(f"*{partial_files.PART}") if _ID.fullmatch(part.stem) and not self._has_note(part)
        ]
        for part in lost:
            if part.stat().st_size:
                self._note(part, self._first_note(part.stat().st_size, {}))
            else:
                partial_files.discard(part)
        # Read the notes now, so that the first upload need not wait for that.
        self._unfinished.called("")
        return len(lost)

    async def append(self, upload_id: str, offset: int, stream: AsyncIterator[bytes]) -> Upload:
        """Append the stream's bytes, which begin at `offset`, in the upload's turn. However the stream ends, received bytes are
        kept.

        Raises NotFound, Conflict (the offset differs), NotAudio (the upload is deleted then), DiskFull, UserError, and the
        stream's errors.
        """
        upload = await anyio.to_thread.run_sync(self.get, upload_id)
        if upload.outcome and offset == upload.length:
            return upload
        growing = await anyio.to_thread.run_sync(self._grow, upload, offset)
        try:
            await growing.take(stream)
        except NotAudio:
            await anyio.to_thread.run_sync(self.remove, upload_id)
            raise
        return await anyio.to_thread.run_sync(self.get, upload_id)

    def received(self, upload: Upload) -> Received:
        """Return a complete upload as a received file; hash the file if this server did not receive all of it."""
        running = self._running.get(upload.id)
        came = self.place_of(upload)
        sha256 = running.hexdigest() if running and running.bytes == upload.length else partial_files.sha256_of(came.part)
        return replace(came, sha256=sha256)

    def place_of(self, upload: Upload) -> Received:
        """Return the same without its hash, which the caller may know."""
        return Received(self._part(upload.id), "", upload.length, upload.filename, dict(upload.words))

    def settle(self, upload: Upload, outcome: UploadOutcome) -> Upload:
        """Store the outcome, for a sender who lost the answer; delete the bytes."""
        part = self._part(upload.id)
        self._note(part, self._noted(part) | {"outcome": asdict(outcome)})
        part.unlink(missing_ok=True)
        self._running.pop(upload.id, None)
        return replace(upload, outcome=outcome)

    def remove(self, upload_id: str) -> None:
        """Delete an upload. Raises NotFound."""
        self.get(upload_id)
        part = self._part(upload_id)
        # The bytes first: a part without a note would count as a recording to import.
        for path in (part, *self._folder.glob(f"{upload_id}.*")):
            path.unlink(missing_ok=True)
        self._running.pop(upload_id, None)

    def expire(self) -> int:
        """Delete uploads untouched for a week, and empty ones after an hour; return their number."""
        now = self._clock()
        old = self._unfinished.untouched(now - min(KEPT_SECONDS, EMPTY_KEPT_SECONDS))
        return self._drop(upload for upload in self._these(old) if upload.expires_at < now)

    def _make_way(self, fingerprint: str) -> None:
        """Delete unfinished uploads of the same fingerprint, and expired ones at the limit. Raises TooManyUploads."""
        if fingerprint:
            self._drop(u for u in self._these(self._unfinished.called(fingerprint)) if not u.outcome and not u.whole)
        if len(self._unfinished.ids()) < MOST_UNFINISHED:
            return
        self.expire()
        if len(self._unfinished.ids()) >= MOST_UNFINISHED:
            raise TooManyUploads(most=MOST_UNFINISHED)

    def _promised(self) -> int:
        """Return the bytes still to arrive for active uploads, whose space is reserved."""
        return sum(u.length - u.offset for u in self._these(self.turns.busy()) if not u.outcome)

    def _drop(self, uploads: Iterable[Upload]) -> int:
        """Delete the uploads, except those that are receiving bytes; return their number."""
        gone = 0
        for upload in list(uploads):
            with self.turns.free(upload.id) as free:
                if free:
                    self.remove(upload.id)
                    gone += 1
        return gone

    # --- on the disk ----------------------------------------------------------------------------

    def _part(self, upload_id: str) -> Path:
        if not _ID.fullmatch(upload_id):
            raise _unknown()
        return self._folder / f"{upload_id}{partial_files.PART}"

    def _these(self, ids: Iterable[str]) -> Iterator[Upload]:
        for upload_id in ids:
            try:
                yield self.get(upload_id)
            except NotFound:
                continue  # deleted between the listing and this read

    def _offset(self, part: Path, note: Mapping[str, Any]) -> int:
        size = part.stat().st_size
        return size if note["boot"] == self._boot() else min(size, note["synced"])

    def _grow(self, upload: Upload, offset: int) -> Growing:
        if upload.outcome or upload.offset != offset:
            raise Conflict(f"{upload.offset} bytes of this upload are here. What is here is kept.", offset=upload.offset)
        part = self._part(upload.id)
        return Growing(
            part,
            offset,
            upload.length,
            self._hash_from(upload.id, offset),
            name=upload.filename or "The file",
            check_space=partial(partial_files.check_space, self._folder, self._limits()[1]),
            synced=partial(self._note, part, self._noted(part)),
        )

    def _hash_from(self, upload_id: str, offset: int) -> Running | None:
        running = self._running.pop(upload_id, None) or Running()
        if running.bytes != offset:
            return None
        self._running[upload_id] = running
        return running

    def _first_note(self, length: int, words: Mapping[str, str]) -> dict[str, Any]:
        return {"length": length, "words": dict(words), "created_at": self._clock(), "outcome": None}

    def _has_note(self, part: Path) -> bool:
        try:
            return bool(self._noted(part))
        except (OSError, ValueError):
            return False

    def _noted(self, part: Path) -> dict[str, Any]:
        """Return the note of a part. Raises FileNotFoundError, and ValueError for an invalid note."""
        found = json.loads(partial_files.notes_of(part).read_text(encoding="utf-8"))
        if not isinstance(found, dict) or not all(isinstance(found.get(name), kind) for name, kind in _FORM.items()):
            raise ValueError("not the note of an upload")
        return found

    def _note(self, part: Path, note: Mapping[str, Any]) -> None:
        """Write the note atomically. The part's bytes are synced by now."""
        synced = part.stat().st_size if part.exists() else 0
        draft = part.with_name(f"{part.name}.draft")
        with partial_files.disk_errors(self._folder):
            draft.write_text(json.dumps({**note, "synced": synced, "boot": self._boot()}), encoding="utf-8")
            partial_files.sync(draft)
            draft.replace(partial_files.notes_of(part))
            partial_files.sync_folder(self._folder)


def _boot_id() -> str:
    """Return the id of the computer's current boot; "" where the system does not report one."""
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _unknown() -> NotFound:
    return NotFound(
        "There is no such upload; it was cancelled, or nobody went on with it for a week. Send the file again.", case="upload"
    )
