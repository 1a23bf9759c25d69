"""Download an episode's audio into a `.part`, and resume a broken download.

    part and note? ─▶ Range, If-Range ─▶ 206 from the part's end ─▶ append ┐
                 └─────────────────────▶ 200 ─▶ from the start ────────────┴─▶ length right? ─▶ fsync ─▶ Downloaded

Beside the part lies `<part>.json` with the version (ETag or Last-Modified) that its bytes belong to; without it a download starts
again. A failure keeps both files for a retry; a cancel and a file that is no audio delete them. Text in place of the audio is no
new version: networks with a sign-in page and broken hosts answer with it, so the part stays.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from core.domain.feeds.feed_address import shown
from core.domain.feeds.feed_credentials import FeedCredentials
from core.errors import Cancelled, CastMindError, DownloadFailed, EnclosureGone, NotAudio, TextInPlace, TooLarge
from core.files.partial_files import check_space, discard, disk_errors, notes_of, sync
from core.net.web import Fetcher, HttpAnswer, Patience, check_credentials, check_status
from core.sources.media.sniff import HEAD, check_head, sniff

MAX_BYTES = 20_000_000_000
PATIENCE = Patience(connect=15.0, read=60.0, whole=12 * 3600.0)
SPACE_CHECK_BYTES = 16 << 20
PROGRESS_BYTES = 1 << 20
# Types of the pages that a server, or a network in between, sends in place of the file.
TEXT = frozenset(("text/html", "text/plain", "application/xml"))

OnProgress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A complete file in the part. `content_type`: as the server stated ("" if it did not); `sha256`: hexadecimal."""

    bytes: int
    sha256: str
    content_type: str
    final_url: str


@dataclass(frozen=True, slots=True)
class _Version:
    """The version of the file that a part's bytes belong to. `validator`: a strong ETag or a Last-Modified."""

    url: str
    validator: str


def part_name(episode_id: int) -> str:
    """Return the part's file name, the same for all retries of an episode, so that a broken download is found again."""
    return f"episode-{episode_id}.part"


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
    credentials: FeedCredentials | None = None,
) -> Downloaded:
    """Fetch `url` into `part`; blocks. The folder must exist.

    `on_progress(bytes, total or None)` is called about every megabyte. `expected_bytes`, the feed's claim, serves as the total
    if the server states none; a file of another size is accepted. `check` is called at least twice a second and raises a
    Stopped to end the download: on Cancelled the part is deleted, on others it stays.

    Raises BadAddress, EnclosureGone (404, 410), AccessRefused, NotAudio, TextInPlace (a page, JSON, XML or plain text; the part
    stays), TooLarge, DiskFull, NetworkUnreachable, ServerBusy, DownloadFailed.
    """
    try:
        return _Download(
            url, part, fetcher, on_progress, check, min_free_bytes, expected_bytes, max_bytes, patience, credentials
        ).run()
    except TextInPlace:
        raise
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
    credentials: FeedCredentials | None

    def run(self) -> Downloaded:
        start, validator = self._resumable()
        headers = {"Range": f"bytes={start}-", "If-Range": validator} if start else {}
        with self.fetcher.open(
            self.url, headers, patience=self.patience, check=self.check, credentials=self.credentials
        ) as answer:
            check_status(answer, time.time())
            check_credentials(answer, self.credentials)
            if answer.status == 416 and start:
                if _total_of(answer) == start:
                    return self._finish(answer, start)
            elif answer.status == 206 and start and _starts_at(answer) == start:
                return self._take(answer, start)
            elif answer.status == 200:
                return self._take(answer, 0)
            elif answer.status != 206:
                raise _refused(answer)
        # The server cannot resume at the part's end: start again. Without a part this happens only once.
        discard(self.part)
        if not start:
            raise DownloadFailed(f"{shown(self.url)} answers with a piece that was not asked for. Nothing was kept.")
        return self.run()

    def _resumable(self) -> tuple[int, str]:
        """Return (bytes already in the part, their validator); (0, "") to start from the beginning."""
        try:
            version = _Version(**json.loads(notes_of(self.part).read_text(encoding="utf-8")))
            size = self.part.stat().st_size
        except (FileNotFoundError, ValueError, TypeError):
            return 0, ""
        return (size, version.validator) if version.url == self.url and size else (0, "")

    def _take(self, answer: HttpAnswer, start: int) -> Downloaded:
        remaining = answer.length
        total = None if remaining is None else start + remaining
        check_space(self.part.parent, self.min_free_bytes, remaining or 0)
        blocks = answer.blocks(self.max_bytes - start)
        if not start:
            # Check the new head before the old part is deleted: that may hold more than this response.
            blocks = _begun(blocks, answer)
            discard(self.part)
        validator = _validator(answer)
        with disk_errors(self.part.parent):
            if validator:
                notes_of(self.part).write_text(json.dumps(asdict(_Version(self.url, validator))), encoding="utf-8")
            with self.part.open("r+b" if start else "wb") as file:
                file.seek(start)
                size = self._write(blocks, file, start, total)
        stated = _total_of(answer) if start else total
        if stated is not None and size != stated:
            raise DownloadFailed(f"{shown(self.url)} ended after {size} of {stated} bytes. What arrived is kept and resumed.")
        return self._finish(answer, size)

    def _write(self, blocks: Iterator[bytes], file: BinaryIO, start: int, total: int | None) -> int:
        done, reported, space_checked = start, start, start
        for block in blocks:
            file.write(block)
            done += len(block)
            if done - space_checked >= SPACE_CHECK_BYTES:
                check_space(self.part.parent, self.min_free_bytes)
                space_checked = done
            if done - reported >= PROGRESS_BYTES:
                self.on_progress(done, total or self.expected_bytes)
                reported = done
        self.on_progress(done, total or done)
        return done

    def _finish(self, answer: HttpAnswer, size: int) -> Downloaded:
        with disk_errors(self.part.parent):
            sync(self.part)
        with self.part.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        notes_of(self.part).unlink(missing_ok=True)
        return Downloaded(size, sha256, answer.content_type if answer.status != 416 else "", answer.url)


def _begun(blocks: Iterator[bytes], answer: HttpAnswer) -> Iterator[bytes]:
    """Return the same blocks after a check of the first ones. Raises DownloadFailed for an empty body, NotAudio, TextInPlace."""
    first: list[bytes] = []
    size, ended = 0, None
    while ended is None and size < HEAD and (block := _next(blocks)) is not None:
        ended = block if isinstance(block, CastMindError) else None
        if isinstance(block, bytes):
            first.append(block)
            size += len(block)
    head = b"".join(first)[:HEAD]
    if ended is not None and size < HEAD and not (sniff(head) or "").startswith(("audio/", "video/")):
        raise ended  # too little to tell
    _check_audio(head, answer)
    return _then(first, blocks, ended)


def _next(blocks: Iterator[bytes]) -> bytes | CastMindError | None:
    try:
        return next(blocks, None)
    except CastMindError as error:
        return error


def _then(first: list[bytes], blocks: Iterator[bytes], ended: CastMindError | None) -> Iterator[bytes]:
    """Yield the first blocks, then raise `ended` or yield the rest, so that blocks before an error are kept."""
    yield from first
    if ended is not None:
        raise ended
    yield from blocks


def _check_audio(head: bytes, answer: HttpAnswer) -> None:
    if not head.strip():
        what = "nothing but white space" if head else "an empty file"
        raise DownloadFailed(f"{shown(answer.url)} sent {what}. What was there is kept.")
    try:
        check_head(head, name=f"What {shown(answer.url)} sent")
    except NotAudio as error:
        kind = str(error.params.get("kind"))
        if kind not in TEXT:
            raise
        what = {"text/html": "a web page", "application/xml": "an XML document"}.get(kind, "text")
        raise TextInPlace(
            f"{urlsplit(answer.url).hostname} answered with {what} in the place of the audio, as networks do that ask to sign "
            "in, and hosts that are out of order. Nothing of it was kept.",
            kind=kind,
            host=urlsplit(answer.url).hostname or "",
        ) from error


def _validator(answer: HttpAnswer) -> str:
    """Return the value for If-Range: a strong ETag or Last-Modified, never a weak ETag; "" for a compressed body."""
    etag = answer.headers.get("etag", "")
    strong = etag if etag.startswith('"') else ""
    return "" if answer.encoded else strong or answer.headers.get("last-modified", "")


def _content_range(answer: HttpAnswer) -> re.Match[str] | None:
    return re.fullmatch(r"bytes\s+(?:(\d+)-(\d+)|\*)/(\d+|\*)", answer.headers.get("content-range", "").strip())


def _starts_at(answer: HttpAnswer) -> int | None:
    found = _content_range(answer)
    return int(found[1]) if found and found[1] and not answer.encoded else None


def _total_of(answer: HttpAnswer) -> int | None:
    found = _content_range(answer)
    return int(found[3]) if found and found[3] != "*" else None


def _refused(answer: HttpAnswer) -> Exception:
    where, status = shown(answer.url), answer.status
    if status in (404, 410):
        return EnclosureGone(
            f"The publisher's server has no {where} (status {status}), not yet or not any more. The episode is kept.",
            status=status,
        )
    return DownloadFailed(f"{where} answers with status {status}. What arrived is kept.", status=status, case="status")
