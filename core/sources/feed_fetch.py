"""One poll of a feed: a conditional GET.

url, etag, last_modified ─▶ 304 ─▶ NotModified
                        └─▶ 200 ─▶ Fetched (body and its hash: an unchanged body needs no parsing)
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from core.domain.access import Access
from core.errors import FeedGone, FeedUnavailable
from core.sources.addresses import shown
from core.sources.web import Answer, Fetcher, Patience, check_access, check_status, max_age

MAX_BYTES = 50_000_000
PATIENCE = Patience(connect=10.0, read=20.0, whole=90.0)
_ACCEPT = "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.5"


@dataclass(frozen=True, slots=True)
class NotModified:
    """Nothing new. `max_age` is seconds from Cache-Control, `moved_to` where the feed has moved for good."""

    max_age: float | None = None
    moved_to: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A feed's body. `url` is where it came from in the end, `body_hash` hexadecimal, `content_type` with its parameters."""

    body: bytes
    body_hash: str
    url: str
    etag: str | None = None
    last_modified: str | None = None
    content_type: str = ""
    max_age: float | None = None
    moved_to: str | None = None


def fetch(
    url: str,
    etag: str | None,
    last_modified: str | None,
    fetcher: Fetcher,
    *,
    max_bytes: int = MAX_BYTES,
    patience: Patience = PATIENCE,
    check: Callable[[], None] = lambda: None,
    access: Access | None = None,
) -> NotModified | Fetched:
    """Asks for what changed since `etag` and `last_modified`; blocks.

    Raises BadAddress, NetworkUnreachable, ServerBusy (with its `retry_after`), AccessRefused, FeedUnavailable (any other
    status, `status` in its params: 410 says that the feed is gone), TooLarge, DownloadFailed.
    """
    headers = {"Accept": _ACCEPT, "Accept-Encoding": "gzip"}
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    with fetcher.open(url, headers, patience=patience, check=check, access=access) as answer:
        if answer.status == 304:
            return NotModified(max_age(answer.headers), answer.moved_to)
        check_status(answer, time.time())
        check_access(answer, access)
        if answer.status != 200:
            raise _unavailable(answer)
        body = answer.read(max_bytes)
        return Fetched(
            body,
            hashlib.sha256(body).hexdigest(),
            answer.url,
            answer.headers.get("etag"),
            answer.headers.get("last-modified"),
            answer.headers.get("content-type", ""),
            max_age(answer.headers),
            answer.moved_to,
        )


def _unavailable(answer: Answer) -> FeedUnavailable:
    if answer.status == 410:
        return FeedGone(
            f"{shown(answer.url)} says that the feed is gone for good (status 410). Its episodes are kept, and it is asked "
            "again, once a day at last. Look for a new address on the podcast's page, or unsubscribe.",
            status=410,
        )
    return FeedUnavailable(
        f"{shown(answer.url)} does not give the feed out (status {answer.status}). Its episodes are kept, and it is asked "
        "again later.",
        status=answer.status,
    )
