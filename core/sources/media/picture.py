"""Convert untrusted pictures to small squares that a page may show.

of_address(url)  guarded fetch, at most 8 MB ─┐
of_file(path)    the audio's own picture ─────┴─▶ confined: core.sources.media.picture_worker ─▶ WebP, or None
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from core.domain.feeds.feed_credentials import FeedCredentials
from core.net.web import Fetcher, Patience
from core.sandbox import run

log = logging.getLogger(__name__)

LARGEST = 8_000_000
PATIENCE = Patience(connect=5.0, read=10.0, whole=20.0)
TIMEOUT = 30.0


def of_address(fetcher: Fetcher, url: str, credentials: FeedCredentials | None = None) -> bytes | None:
    """Fetch a picture and return it as WebP; None if there is none. Raises the errors of `Fetcher.open` and `HttpAnswer.read`."""
    with fetcher.open(url, patience=PATIENCE, credentials=credentials) as answer:
        if answer.status != 200:
            return None
        raw = answer.read(LARGEST)
    return _made([], raw)


def of_file(path: Path) -> bytes | None:
    """Return a file's embedded picture as WebP; None if it has none."""
    return _made([os.fspath(path.absolute())], b"")


def _made(arguments: list[str], raw: bytes) -> bytes | None:
    ended = run("core.sources.media.picture_worker", *arguments, given=(raw,), timeout=TIMEOUT)
    if ended.late:
        log.info("a picture took too long to be made small; there is none")
        return None
    if ended.code:
        log.info("no picture (%d): %s", ended.code, ended.said)
        return None
    return ended.output or None
