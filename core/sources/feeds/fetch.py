"""Fetch a feed with a conditional GET.

url, etag, last_modified ─▶ 304 ─▶ NotModified
                        └─▶ 200 ─▶ FetchedFeed (body and its hash: an unchanged body needs no parsing)
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from core.domain.feeds.feed_address import shown
from core.domain.feeds.feed_credentials import FeedCredentials
from core.errors import FeedForbidden, FeedGone, FeedMissing, FeedTooLarge, FeedUnavailable, TooLarge
from core.net.web import Fetcher, HttpAnswer, Patience, check_credentials, check_status, max_age

MAX_BYTES = 50_000_000
PATIENCE = Patience(connect=10.0, read=20.0, whole=90.0)
# Statuses with which servers refuse programs rather than people: 406 and 418 come from firewalls.
TURNED_AWAY = (403, 406, 418, 451)
_ACCEPT = "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.5"


@dataclass(frozen=True, slots=True)
class NotModified:
    """The feed is unchanged. `max_age`: seconds, from Cache-Control; `moved_to`: the URL of a permanent redirect."""

    max_age: float | None = None
    moved_to: str | None = None


@dataclass(frozen=True, slots=True)
class FetchedFeed:
    """A feed's body. `url`: the final URL; `body_hash`: SHA-256, hexadecimal; `content_type`: with its parameters.

    `max_age` and `moved_to` as in NotModified.
    """

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
    credentials: FeedCredentials | None = None,
) -> NotModified | FetchedFeed:
    """Fetch the feed unless it is unchanged since `etag` and `last_modified`; blocks.

    Raises BadAddress, NetworkUnreachable, ServerBusy (with its `retry_after`), AccessRefused, FeedUnavailable (any other
    status, `status` in its params; 410 means that the feed is gone), TooLarge, DownloadFailed.
    """
    headers = {"Accept": _ACCEPT, "Accept-Encoding": "gzip"}
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    with fetcher.open(url, headers, patience=patience, check=check, credentials=credentials) as answer:
        if answer.status == 304:
            return NotModified(max_age(answer.headers), answer.moved_to)
        check_status(answer, time.time())
        check_credentials(answer, credentials)
        if answer.status != 200:
            raise _unavailable(answer)
        body = _read(answer, max_bytes)
        return FetchedFeed(
            body,
            hashlib.sha256(body).hexdigest(),
            answer.url,
            answer.headers.get("etag"),
            answer.headers.get("last-modified"),
            answer.headers.get("content-type", ""),
            max_age(answer.headers),
            answer.moved_to,
        )


def _read(answer: HttpAnswer, max_bytes: int) -> bytes:
    try:
        return answer.read(max_bytes)
    except TooLarge as error:
        raise FeedTooLarge(
            f"{shown(answer.url)} is larger than {max_bytes / 1e6:.0f} MB, more than is read of a feed. Its episodes are "
            "kept, and it is asked again later.",
            limit=max_bytes,
        ) from error


def _unavailable(answer: HttpAnswer) -> FeedUnavailable:
    where, status = shown(answer.url), answer.status
    if status == 410:
        return FeedGone(
            f"{where} says that the feed is gone for good (status 410). Its episodes are kept, and it is asked "
            "again, once a day at last. Look for a new address on the podcast's page, or unsubscribe.",
            status=status,
        )
    if status == 404:
        return FeedMissing(
            f"{where} has no feed (status 404). Its episodes are kept, and it is asked again later. If it stays so, look for a "
            "new address on the podcast's page, and put it in under Options.",
            status=status,
        )
    if status in TURNED_AWAY:
        return FeedForbidden(
            f"{where} does not give the feed to this program (status {status}). Its episodes are kept, and it is asked again "
            "later. Some servers judge by the name that a program gives itself: try another user agent.",
            status=status,
        )
    if status >= 500:
        return FeedUnavailable(
            f"{where} is out of order (status {status}). Its episodes are kept, and it is asked again later.",
            status=status,
            case="status",
        )
    return FeedUnavailable(
        f"{where} does not give the feed out (status {status}). Its episodes are kept, and it is asked again later.",
        status=status,
        case="status",
    )
