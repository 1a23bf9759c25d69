"""An episode's audio from its publisher to a `.part`, resumed where it broke off.

    part and note? ─▶ Range, If-Range ─▶ 206 from where the part ends ─▶ append ┐
                 └──────────────────────▶ 200 ─▶ from the start ────────────────┴─▶ length right? ─▶ fsync ─▶ Downloaded

Beside the part lies `<part>.json` with the version (ETag or Last-Modified) that its bytes belong to; without one nothing is
resumed. A failure keeps both for the next try, a cancel and bytes that are no audio remove them.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from core.domain.access import Access
from core.errors import Cancelled, DownloadFailed, EnclosureGone, NotAudio, TooLarge
from core.sources.addresses import shown
from core.sources.parts import check_space, discard, disk_errors, notes_of, sync
from core.sources.sniff import HEAD, check_head
from core.sources.web import Answer, Fetcher, Patience, check_access, check_status

MAX_BYTES = 20_000_000_000
PATIENCE = Patience(connect=15.0, read=60.0, whole=12 * 3600.0)
SPACE_CHECK_BYTES = 16 << 20
PROGRESS_BYTES = 1 << 20

OnProgress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A whole file in the part. `content_type` is what the server said ("" if nothing), `sha256` hexadecimal."""

    bytes: int
    sha256: str
    content_type: str
    final_url: str


@dataclass(frozen=True, slots=True)
class _Version:
    """Which file the bytes in a part belong to. `validator` is a strong ETag or a Last-Modified."""

    url: str
    validator: str


def download(
    url: str,
    part: Path,
    *,
    fetcher: Fetcher,
    on_progress: OnProgress,
    check: Callable[[], None],
    min_free_bytes: int,
    expected_bytes: int | None = None,
    max_bytes: int = MAX_BYTES,
    patience: Patience = PATIENCE,
    access: Access | None = None,
) -> Downloaded:
    """Fetches `url` into `part`; blocks. The folder must exist.

    `on_progress(bytes, total or None)` comes about every megabyte; `expected_bytes`, the feed's claim, serves as the total
    when the server states none, and is never held against the file. `check` is called at least twice a second and raises a
    Stopped to end the download: on Cancelled the part is removed, on others it stays.

    Raises BadAddress, EnclosureGone (404, 410), AccessRefused, NotAudio, TooLarge, DiskFull, NetworkUnreachable,
    ServerBusy, DownloadFailed.
    """
    try:
        return _Download(
            url, part, fetcher, on_progress, check, min_free_bytes, expected_bytes, max_bytes, patience, access
        ).run()
    except (Cancelled, NotAudio, TooLarge, EnclosureGone):
        discard(part)
        raise


@dataclass(slots=True)
class _Download:
    url: str
    part: Path
    fetcher: Fetcher
    on_progress: OnProgress
    check: Callable[[], None]
    min_free_bytes: int
    expected_bytes: int | None
    max_bytes: int
    patience: Patience
    access: Access | None

    def run(self) -> Downloaded:
        start, validator = self._resumable()
        headers = {"Range": f"bytes={start}-", "If-Range": validator} if start else {}
        with self.fetcher.open(self.url, headers, patience=self.patience, check=self.check, access=self.access) as answer:
            check_status(answer, time.time())
            check_access(answer, self.access)
            if answer.status == 416 and start:
                if _total_of(answer) == start:
                    return self._finish(answer, start)
            elif answer.status == 206 and start and _starts_at(answer) == start:
                return self._take(answer, start)
            elif answer.status == 200:
                discard(self.part)
                return self._take(answer, 0)
            elif answer.status != 206:
                raise _refused(answer)
        # The server cannot go on where the part ends: begin again, and since the part is gone, only once.
        discard(self.part)
        if not start:
            raise DownloadFailed(f"{shown(self.url)} answers with a piece that was not asked for. Nothing was kept.")
        return self.run()

    def _resumable(self) -> tuple[int, str]:
        """(bytes that are here already, the validator they belong to); (0, "") to begin at the start."""
        try:
            version = _Version(**json.loads(notes_of(self.part).read_text(encoding="utf-8")))
            size = self.part.stat().st_size
        except (FileNotFoundError, ValueError, TypeError):
            return 0, ""
        return (size, version.validator) if version.url == self.url and size else (0, "")

    def _take(self, answer: Answer, start: int) -> Downloaded:
        remaining = answer.length
        total = None if remaining is None else start + remaining
        check_space(self.part.parent, self.min_free_bytes, remaining or 0)
        validator = _validator(answer)
        with disk_errors(self.part.parent):
            if validator:
                notes_of(self.part).write_text(json.dumps(asdict(_Version(self.url, validator))), encoding="utf-8")
            with self.part.open("r+b" if start else "wb") as file:
                file.seek(start)
                size = self._write(answer, file, start, total)
        stated = _total_of(answer) if start else total
        if stated is not None and size != stated:
            raise DownloadFailed(f"{shown(self.url)} ended after {size} of {stated} bytes. What arrived is kept and resumed.")
        return self._finish(answer, size)

    def _write(self, answer: Answer, file: BinaryIO, start: int, total: int | None) -> int:
        done, reported, space_checked = start, start, start
        head = b""
        for block in answer.blocks(self.max_bytes - start):
            if len(head) < HEAD and not start:
                head += block[: HEAD - len(head)]
                if len(head) == HEAD:
                    _check_audio(head, answer)
            file.write(block)
            done += len(block)
            if done - space_checked >= SPACE_CHECK_BYTES:
                check_space(self.part.parent, self.min_free_bytes)
                space_checked = done
            if done - reported >= PROGRESS_BYTES:
                self.on_progress(done, total or self.expected_bytes)
                reported = done
        if len(head) < HEAD and not start:
            _check_audio(head, answer)
        self.on_progress(done, total or done)
        return done

    def _finish(self, answer: Answer, size: int) -> Downloaded:
        with disk_errors(self.part.parent):
            sync(self.part)
        with self.part.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        notes_of(self.part).unlink(missing_ok=True)
        return Downloaded(size, sha256, answer.content_type if answer.status != 416 else "", answer.url)


def _check_audio(head: bytes, answer: Answer) -> None:
    if not head:
        raise DownloadFailed(f"{shown(answer.url)} sent an empty file. Nothing was kept.")
    check_head(head, name=f"What {shown(answer.url)} sent")


def _validator(answer: Answer) -> str:
    """What If-Range may carry for this version of the file: never a weak ETag, and nothing for a compressed body."""
    etag = answer.headers.get("etag", "")
    strong = etag if etag.startswith('"') else ""
    return "" if answer.encoded else strong or answer.headers.get("last-modified", "")


def _content_range(answer: Answer) -> re.Match[str] | None:
    return re.fullmatch(r"bytes\s+(?:(\d+)-(\d+)|\*)/(\d+|\*)", answer.headers.get("content-range", "").strip())


def _starts_at(answer: Answer) -> int | None:
    found = _content_range(answer)
    return int(found[1]) if found and found[1] and not answer.encoded else None


def _total_of(answer: Answer) -> int | None:
    found = _content_range(answer)
    return int(found[3]) if found and found[3] != "*" else None


def _refused(answer: Answer) -> Exception:
    where, status = shown(answer.url), answer.status
    if status in (404, 410):
        return EnclosureGone(
            f"The publisher's server has no {where} (status {status}), not yet or not any more. The episode is kept.",
            status=status,
        )
    return DownloadFailed(f"{where} answers with status {status}. What arrived is kept.", status=status)
