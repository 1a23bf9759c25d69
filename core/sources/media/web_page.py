"""Fetch the audio of a web page, such as those of YouTube or Bilibili, with the optional extra yt-dlp.

    is_page(error of a download) ─▶ installed()? ─▶ ProxyGuard ═ connections ═▶ core.sources.media.web_page_worker
                                                                                │ metadata ─▶ sanitized ─▶ About
    .part ◀─ moved ◀─ a folder of its own ◀─ the best audio ◀───────────────────┘ refused ─▶ an error in our words

The child's output is as untrusted as the page. Its time, memory, output size and disk space are limited; a cancel kills it.
Downloads are not resumed: the formats that a site offers change between two attempts.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from core.domain.episodes.publisher_extras import SuppliedChapter
from core.domain.feeds.feed_address import shown
from core.errors import (
    AccessRefused,
    CastMindError,
    DownloadFailed,
    NotAudio,
    PageExtraMissing,
    PageIsLive,
    PageIsPlaylist,
    PageRefused,
    TooLarge,
)
from core.files import partial_files
from core.net.addresses import GuardedBackend
from core.net.proxy_guard import ProxyGuard
from core.sandbox import Ended, follow
from core.sources.sanitize import clean_html, clean_line, web_url

log = logging.getLogger(__name__)

PACKAGE = "yt_dlp"
MAX_BYTES = 20_000_000_000
WHOLE_SECONDS = 4 * 3600.0
SPACE_SECONDS = 1.0
FILE = "audio"
_ADDRESS = re.compile(r"https?://[^\s'\"<>]+")
# Statuses of sites that refuse programs before they look at the request.
TURNED_AWAY = (401, 403, 406, 412)

OnProgress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class About:
    """The page's metadata of its recording. `published_at`: Unix seconds; `description`: sanitized HTML."""

    title: str
    description: str = ""
    published_at: float | None = None
    link: str | None = None
    image_url: str | None = None
    chapters: tuple[SuppliedChapter, ...] = ()


@cache
def installed() -> bool:
    """Return whether yt-dlp is installed, without importing it into the server's process."""
    return importlib.util.find_spec(PACKAGE) is not None


def is_page(error: CastMindError) -> bool:
    """Return whether the error of a download points to a web page, or to an HLS stream, which yt-dlp reads too."""
    if isinstance(error, NotAudio):
        kind = error.params.get("kind")
        return kind == "text/html" or (installed() and kind == "application/vnd.apple.mpegurl")
    return installed() and isinstance(error, DownloadFailed | AccessRefused) and error.params.get("status") in TURNED_AWAY


def fetch(
    url: str,
    part: Path,
    *,
    backend: GuardedBackend,
    on_progress: OnProgress,
    check: Callable[[], None],
    min_free_bytes: int,
    max_bytes: int = MAX_BYTES,
    seconds: float = WHOLE_SECONDS,
) -> About:
    """Fetch the page's only recording into `part`; blocks. The folder must exist. `seconds` bounds the whole.

    Raises PageExtraMissing, PageIsLive, PageIsPlaylist, PageRefused, BadAddress, TooLarge, DiskFull, NetworkUnreachable,
    DownloadFailed, and the exception of `check`; no file is left then.
    """
    if not installed():
        raise PageExtraMissing(
            f"{shown(url)} is a web page, not an audio file. Nothing was fetched. CastMind reads such pages with yt-dlp, "
            "an extra that is not installed; DEPLOY.md and README.md say how to switch it on."
        )
    folder = part.with_name(f"page-{part.name}")
    partial_files.discard(folder)
    folder.mkdir()
    try:
        run = _Run(url, folder / FILE, on_progress, min_free_bytes, max_bytes)
        about = run.run(backend, check, seconds)
        with partial_files.disk_errors(part.parent):
            run.output.replace(part)
        return about
    finally:
        partial_files.discard(folder)


class _Run:
    """One child process: its order and its messages."""

    def __init__(self, url: str, output: Path, on_progress: OnProgress, min_free_bytes: int, max_bytes: int) -> None:
        self.url = url
        self.output = output
        self._on_progress = on_progress
        self._min_free_bytes = min_free_bytes
        self._max_bytes = max_bytes
        self._space_checked = 0.0
        self._about: About | None = None
        self._end: dict[str, Any] = {}

    def run(self, backend: GuardedBackend, check: Callable[[], None], seconds: float) -> About:
        def look() -> None:
            check()
            self._check_bounds(guard)

        with ProxyGuard(backend) as guard:
            order = {"url": self.url, "output": str(self.output.absolute()), "most": self._max_bytes}
            guard.say(json.dumps(order).encode())
            ended = follow(
                "core.sources.media.web_page_worker",
                channel=guard.channel.fileno(),
                heard=self._hear,
                timeout=seconds,
                check=look,
            )
        if self._about and self._end.get("kept"):
            return self._about
        raise self._why(ended, guard)

    def _hear(self, line: bytes) -> None:
        said = json.loads(line)
        if "about" in said:
            self._about = understood(said["about"], self.url)
        elif "done" in said:
            self._on_progress(int(said["done"]), int(said["total"]) or None)
        else:
            self._end = said

    def _check_bounds(self, guard: ProxyGuard) -> None:
        if guard.received > self._max_bytes:
            raise _too_large(self.url, self._max_bytes)
        if time.monotonic() - self._space_checked > SPACE_SECONDS:
            partial_files.check_space(self.output.parent, self._min_free_bytes)
            self._space_checked = time.monotonic()

    def _why(self, ended: Ended, guard: ProxyGuard) -> CastMindError:
        where, refused = shown(self.url), self._end.get("refused")
        if refused == "live":
            return PageIsLive(f"{where} shows what is live, or has not begun yet. Nothing was kept; come back when it is over.")
        if refused == "playlist":
            return PageIsPlaylist(
                f"{where} holds a list of recordings, not one. Nothing was kept; give the address of a single one."
            )
        if refused == "large":
            return _too_large(self.url, self._max_bytes)
        if guard.refused:
            return guard.refused[-1]
        # A failure after the recording was found is worth a retry; yt-dlp does not know its cause by then.
        if refused in ("nothing", "error") or (refused == "unknown" and not self._about):
            return _nothing_at(where, in_short(str(self._end.get("said", ""))))
        log.warning("reading a page ended with %d: %s", ended.code, in_short(ended.said))
        if ended.crashed:
            return _nothing_at(where, "what it sent could not be read")
        why = "took too long" if ended.late else "broke off"
        return DownloadFailed(f"The transfer from {where} {why}. Nothing was kept.")


def in_short(said: str) -> str:
    """Return yt-dlp's reason, safe to show: without its bug-report URL, and without secrets in other URLs."""
    reason = said.removeprefix("ERROR: ").partition("; please report")[0]
    return clean_line(_ADDRESS.sub(lambda found: shown(found[0]), reason), 300)


# --- a page's metadata ------------------------------------------------------------------------------


def understood(said: Any, url: str) -> About:
    """Return the child's metadata sanitized; invalid values are dropped."""
    return About(
        title=clean_line(str(said.get("title") or "")),
        description=_paragraphs(said.get("description")),
        published_at=_moment(said.get("timestamp"), said.get("upload_date")),
        link=web_url(said.get("webpage_url"), url) or web_url(url),
        image_url=web_url(said.get("thumbnail"), url),
        chapters=tuple(sorted((c for row in said.get("chapters") or () if (c := _chapter(row))), key=lambda c: c.start)),
    )


def _paragraphs(text: Any) -> str:
    """Return plain text as HTML that keeps its line breaks."""
    return clean_html("<br>".join(text.splitlines())) if isinstance(text, str) else ""


def _moment(timestamp: Any, day: Any) -> float | None:
    if isinstance(timestamp, int | float) and math.isfinite(timestamp) and 0 < timestamp < 1e11:
        return float(timestamp)
    try:
        return datetime.strptime(str(day), "%Y%m%d").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _chapter(row: Any) -> SuppliedChapter | None:
    title, start = clean_line(str(row.get("title") or ""), 300), row.get("start")
    good = isinstance(start, int | float) and math.isfinite(start) and start >= 0
    return SuppliedChapter(title, round(float(start), 3)) if title and good else None


def _nothing_at(where: str, said: str) -> PageRefused:
    said = said.rstrip(".") or "no reason was given"
    return PageRefused(
        f"No recording that can be fetched was found at {where} ({said}). Nothing was kept; check the address.", said=said
    )


def _too_large(url: str, most: int) -> TooLarge:
    return TooLarge(
        f"What {shown(url)} plays is larger than {most / 1e6:.0f} MB. Nothing was kept.",
        limit=most,
        case="web",
        most=round(most / 1e6),
    )
