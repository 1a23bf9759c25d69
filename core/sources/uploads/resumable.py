"""Uploads that may stop at any byte and go on later, after a restart too. Over HTTP they speak tus (core/api/library/tus.py).

    create ─▶ <id>.part, empty, and its note <id>.part.json: length, the sender's words, how much is synced
    append ─▶ growing: blocks to the disk, however the stream ends
    whole  ─▶ Received: who takes it in says so by `settle` ─▶ the note alone stays, so that a lost answer can be asked for again
    adopt  ─▶ one that came in one piece waits here for its row as well
    expire ─▶ what nobody touched for a week goes, what is empty after an hour        recover ─▶ a part without a note, at start

How far an upload is, the size of its file says: a killed server has lost nothing. Only after a power cut (the computer booted
since) the size may lie, because blocks that were not synced come back as zeros; then what was synced counts. More than a thousand
never wait at once: beginning one costs the same however many there are (`unfinished`).
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
    """The unfinished uploads of one folder. `limits` gives (most bytes, least bytes left free on the disk).

    `append` belongs to the server's event loop; the rest blocks, and may come from any thread. `turns` says whose turn it is
    with an upload.
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

    # --- asking ---------------------------------------------------------------------------------

    def get(self, upload_id: str) -> Upload:
        """Raises NotFound."""
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
        """Those that are not taken in yet, the oldest first."""
        return sorted((u for u in self._these(self._unfinished.ids()) if not u.outcome), key=lambda u: u.created_at)

    # --- changing -------------------------------------------------------------------------------

    def create(self, length: int, words: Mapping[str, str]) -> Upload:
        """One a `fingerprint`, if the words hold one: who begins anew did not hear of the other, or does not want it.

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
        """A file that came whole, from the same disk, until it is taken in. Its caller holds the turn of `upload_id`."""
        part = self._part(upload_id)
        with partial_files.disk_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            received.part.replace(part)
        self._note(part, self._first_note(received.bytes, words))
        return self.get(upload_id)

    def recover(self) -> int:
        """At start: a part whose note was never written, or cannot be read, counts as whole. Says how many there were."""
        lost = [
            part for part in self._folder.glob(f"*{partial_files.PART}") if _ID.fullmatch(part.stem) and not self._has_note(part)
        ]
        for part in lost:
            if part.stat().st_size:
                self._note(part, self._first_note(part.stat().st_size, {}))
            else:
                partial_files.discard(part)
        # So that the first one that is begun waits for no reading of notes.
        self._unfinished.called("")
        return len(lost)

    async def append(self, upload_id: str, offset: int, stream: AsyncIterator[bytes]) -> Upload:
        """Adds the stream's bytes, which begin at `offset`, in the upload's turn. However the stream ends, what came is kept.

        Raises NotFound, Conflict (it is not as far as that), NotAudio (it is gone then), DiskFull, UserError, and what the
        stream raises.
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
        """A whole upload as one that came in one piece; reads the file when this server did not see all of it arrive."""
        running = self._running.get(upload.id)
        came = self.place_of(upload)
        sha256 = running.hexdigest() if running and running.bytes == upload.length else partial_files.sha256_of(came.part)
        return replace(came, sha256=sha256)

    def place_of(self, upload: Upload) -> Received:
        """The same without its hash, which whoever received it may know."""
        return Received(self._part(upload.id), "", upload.length, upload.filename, dict(upload.words))

    def settle(self, upload: Upload, outcome: UploadOutcome) -> Upload:
        """Remembers what became of it, for a sender who did not hear the answer; its bytes go."""
        part = self._part(upload.id)
        self._note(part, self._noted(part) | {"outcome": asdict(outcome)})
        part.unlink(missing_ok=True)
        self._running.pop(upload.id, None)
        return replace(upload, outcome=outcome)

    def remove(self, upload_id: str) -> None:
        """Raises NotFound."""
        self.get(upload_id)
        part = self._part(upload_id)
        # The bytes first: alone they would count as a recording that nobody took in.
        for path in (part, *self._folder.glob(f"{upload_id}.*")):
            path.unlink(missing_ok=True)
        self._running.pop(upload_id, None)

    def expire(self) -> int:
        """Removes what nobody touched for a week, and what is empty after an hour; returns how many."""
        now = self._clock()
        old = self._unfinished.untouched(now - min(KEPT_SECONDS, EMPTY_KEPT_SECONDS))
        return self._drop(upload for upload in self._these(old) if upload.expires_at < now)

    def _make_way(self, fingerprint: str) -> None:
        """Raises TooManyUploads."""
        if fingerprint:
            self._drop(u for u in self._these(self._unfinished.called(fingerprint)) if not u.outcome and not u.whole)
        if len(self._unfinished.ids()) < MOST_UNFINISHED:
            return
        self.expire()
        if len(self._unfinished.ids()) >= MOST_UNFINISHED:
            raise TooManyUploads(most=MOST_UNFINISHED)

    def _promised(self) -> int:
        """What is arriving by now was promised its room, in bytes."""
        return sum(u.length - u.offset for u in self._these(self.turns.busy()) if not u.outcome)

    def _drop(self, uploads: Iterable[Upload]) -> int:
        """But for those that are arriving."""
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
                continue  # it went between the listing and the look

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
        """Raises FileNotFoundError, and ValueError for what is no note."""
        found = json.loads(partial_files.notes_of(part).read_text(encoding="utf-8"))
        if not isinstance(found, dict) or not all(isinstance(found.get(name), kind) for name, kind in _FORM.items()):
            raise ValueError("not the note of an upload")
        return found

    def _note(self, part: Path, note: Mapping[str, Any]) -> None:
        """The whole note or the one before it. What the part holds is synced by now."""
        synced = part.stat().st_size if part.exists() else 0
        draft = part.with_name(f"{part.name}.draft")
        with partial_files.disk_errors(self._folder):
            draft.write_text(json.dumps({**note, "synced": synced, "boot": self._boot()}), encoding="utf-8")
            partial_files.sync(draft)
            draft.replace(partial_files.notes_of(part))
            partial_files.sync_folder(self._folder)


def _boot_id() -> str:
    """Which run of the computer this is; "" where it does not say."""
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _unknown() -> NotFound:
    return NotFound("There is no such upload; it was cancelled, or nobody went on with it for a week. Send the file again.")
