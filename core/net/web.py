"""The only HTTP client for podcast hosts.

    Fetcher.open(url) ─▶ check_url ─▶ connect to a checked address ─▶ answer
                 ▲                                                      │ 301 302 303 307 308
                 └───────────────────────── Location ◀──────────────────┘
                                                                        └─▶ Answer.blocks(): decoded, capped, timed

Redirects are followed here, not by the library, so that each hop is checked. The computer's proxies and credentials are not
used; cookies live for the redirects of one request. The credentials of a private feed are sent to the hosts that
they cover, and never again after a hop to another host.
"""

from __future__ import annotations

import email.utils
import math
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx

from core.domain.feeds.feed_address import shown
from core.domain.feeds.feed_credentials import CredentialsKind, FeedCredentials, origin_of, without_user
from core.errors import (
    AccessRefused,
    AskedToWait,
    BadAddress,
    DownloadFailed,
    RedirectsInCircle,
    ServerBusy,
    TooLarge,
    TooManyRedirects,
)
from core.net import causes
from core.net.addresses import AllowedHosts, GuardedBackend, Resolve, Watch, check_url, resolve, watch
from core.net.client import ERRORS, Client, Reply
from core.net.codings import named, undone
from core.net.cookies import Cookies

USER_AGENT = "CastMind/0.1 (podcast client)"
REDIRECTS = 8
# Cap of a Retry-After, in seconds.
LONGEST_WAIT = 7 * 86400.0
# Statuses of a permanent redirect.
PERMANENT = (301, 308)

deadline: ContextVar[float] = ContextVar("deadline", default=float("inf"))
"""The deadline of all fetches in this context, in time.monotonic() seconds."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Timeouts in seconds: to connect, for each read, and for the whole request including its redirects."""

    connect: float = 10.0
    read: float = 20.0
    whole: float = 60.0


def _nothing() -> None:
    return None


class HttpAnswer:
    """A response whose body has not been read yet. `url` is the final URL, after all redirects."""

    def __init__(self, response: Reply, url: str, moved_to: str | None) -> None:
        self._response = response
        self.url = url
        self.moved_to = moved_to
        """The URL after the leading unbroken run of permanent redirects (301, 308); None without one."""
        self.status: int = response.status
        self.headers: Mapping[str, str] = response.headers
        self._codings = named(self.headers.get("content-encoding", ""))

    @property
    def encoded(self) -> bool:
        """Whether the body is compressed, so that lengths and ranges do not count decoded bytes."""
        return bool(self._codings)

    @property
    def length(self) -> int | None:
        """The Content-Length in bytes; None if missing or if the body is compressed."""
        text = self.headers.get("content-length", "").strip()
        return int(text) if text.isdecimal() and not self.encoded else None

    @property
    def content_type(self) -> str:
        """The MIME type of the header, lower case, without parameters; "" if missing."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def blocks(self, max_bytes: int) -> Iterator[bytes]:
        """Yield the decoded body in blocks. Raises TooLarge past `max_bytes` decoded bytes, DownloadFailed on an early end."""
        if (self.length or 0) > max_bytes:
            raise _too_large(self.url, max_bytes)
        total = 0
        for block in self._decoded():
            total += len(block)
            if total > max_bytes:
                raise _too_large(self.url, max_bytes)
            yield block

    def read(self, max_bytes: int) -> bytes:
        return b"".join(self.blocks(max_bytes))

    def _decoded(self) -> Iterator[bytes]:
        # Pass blocks on as they arrive: if they were gathered into larger ones, a broken connection would lose the last.
        raw = _translated(self._response.blocks(), self.url)
        return undone(raw, self._codings, self.url)


class Fetcher:
    """A thread-safe client for the public internet and `allowed_private_hosts()`, which is called at each connection.

    `resolve` looks a host name up; the default is the operating system's resolver.
    """

    def __init__(self, allowed_private_hosts: AllowedHosts = tuple, *, resolve: Resolve = resolve) -> None:
        self.backend = GuardedBackend(allowed_private_hosts, resolve)
        """The guarded backend, for callers that make their own connections under the same rules."""
        self._client = Client(self.backend, {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"})

    def close(self) -> None:
        self._client.close()

    @contextmanager
    def open(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        patience: Patience | None = None,
        check: Callable[[], None] = _nothing,
        credentials: FeedCredentials | None = None,
    ) -> Iterator[HttpAnswer]:
        """Send a GET and yield the response, of any status. `check` is called at least twice a second; it raises to cancel.

        Raises BadAddress, NetworkUnreachable (name or connection), DownloadFailed (all later failures).
        """
        patience = patience or Patience()
        token = watch.set(Watch(min(time.monotonic() + patience.whole, deadline.get()), check))
        try:
            response, at, moved_to = self._follow(url, dict(headers or {}), patience, credentials)
            try:
                yield HttpAnswer(response, at, moved_to)
            finally:
                response.close()
        finally:
            watch.reset(token)

    def _follow(
        self, url: str, headers: dict[str, str], patience: Patience, credentials: FeedCredentials | None
    ) -> tuple[Reply, str, str | None]:
        moved_to, unbroken, passed, cookies = None, True, [url], Cookies()
        url, credentials = _own_user(url, credentials)
        if credentials and credentials.user_agent:
            headers["User-Agent"] = credentials.user_agent
        for _ in range(REDIRECTS + 1):
            check_url(url)
            credentials = credentials if credentials and credentials.covers(url) else None
            own = credentials.headers_for(url) if credentials else {}
            response = self._send(url, headers | cookies.headers_for(url) | own, patience)
            target = response.headers.get("location")
            if response.status not in (301, 302, 303, 307, 308) or not target:
                return response, url, moved_to
            cookies.take(url, response.headers.get_list("set-cookie"))
            unbroken = unbroken and response.status in PERMANENT
            response.close()
            url = _sent_on(url, target)
            moved_to = url if unbroken else moved_to
            passed.append(url)
        raise _redirected(passed)

    def _send(self, url: str, headers: dict[str, str], patience: Patience) -> Reply:
        try:
            with _translating(url):
                return self._client.get(url, headers, connect=patience.connect, read=patience.read)
        except (httpx.InvalidURL, UnicodeError) as error:
            raise BadAddress(
                f"{shown(url)!r} is not a usable address ({error}).", case="no_host", said=shown(url)[:80]
            ) from error


def _sent_on(url: str, location: str) -> str:
    """Return the absolute URL of a Location header, without a user: a server may not set credentials for the next one."""
    try:
        return without_user(urljoin(url, location))[0]
    except ValueError as error:
        raise BadAddress(
            f"{shown(url)} sends on to what is no address ({error}). Nothing was fetched.", case="sends_on", said=shown(url)[:80]
        ) from error


def _own_user(url: str, credentials: FeedCredentials | None) -> tuple[str, FeedCredentials | None]:
    """Return the URL without user and password, and `credentials`, or those made from them for the URL's own host."""
    check_url(url)
    bare, user, password = without_user(url.strip())
    if not (user or password):
        return bare, credentials
    return bare, credentials or FeedCredentials(origin_of(bare), user=user, password=password)


def _redirected(passed: list[str]) -> DownloadFailed:
    here, host = shown(passed[0]), urlsplit(passed[0]).hostname or ""
    if len(set(passed)) < len(passed):
        return RedirectsInCircle(
            f"{here} is passed on in a circle, as some servers do to programs that keep no cookies. Nothing was fetched; check "
            "the address.",
            host=host,
        )
    return TooManyRedirects(
        f"{here} is passed on more than {REDIRECTS} times, last to {shown(passed[-1])}. Nothing was fetched; check the address.",
        host=host,
    )


def check_status(answer: HttpAnswer, now: float) -> None:
    """Raise ServerBusy for a 429, and for a 503 with Retry-After; the caller judges other statuses."""
    wait = retry_after(answer.headers, now)
    if answer.status != 429 and (answer.status != 503 or wait is None):
        return
    where, status = shown(answer.url), answer.status
    if wait is None:
        raise ServerBusy(f"{where} asks to come back later (status {status}). What arrived is kept.", status=status)
    minutes = math.ceil(wait / 60.0)
    busy = AskedToWait(
        f"{where} asks to come back in {_span(minutes)} (status {status}). What arrived is kept.", status=status, minutes=minutes
    )
    busy.retry_after = wait
    raise busy


def _span(minutes: int) -> str:
    if minutes < 120:
        return "a minute" if minutes <= 1 else f"{minutes} minutes"
    return f"{round(minutes / 60)} hours" if minutes < 2880 else f"{round(minutes / 1440)} days"


def check_credentials(answer: HttpAnswer, credentials: FeedCredentials | None) -> None:
    """Raise AccessRefused for a 401, and for a 403 if the feed has credentials."""
    secret = credentials is not None and credentials.kind is not CredentialsKind.AGENT
    if answer.status == 401 or (answer.status == 403 and secret):
        said = credentials is not None and secret and credentials.covers(answer.url)
        why = "does not take the credentials of this feed" if said else "asks for credentials, and none are meant for it"
        raise AccessRefused(
            f"{shown(answer.url)} {why} (status {answer.status}). What was there is kept; "
            "enter them with the feed, and name this host there if it is another than the feed's.",
            status=answer.status,
            case="rejected" if said else "asked",
        )


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return Retry-After, a number or a date, in seconds from `now` (Unix seconds), at most a week; None if missing."""
    text = headers.get("retry-after", "").strip()
    if text.isdecimal():
        return min(float(text), LONGEST_WAIT)
    try:
        then = email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(then - now, 0.0), LONGEST_WAIT)


def max_age(headers: Mapping[str, str]) -> float | None:
    """Return the max-age of Cache-Control in seconds; None if missing."""
    found = re.search(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})", headers.get("cache-control", ""), re.IGNORECASE)
    return float(found[1]) if found else None


@contextmanager
def _translating(url: str) -> Iterator[None]:
    try:
        yield
    except ERRORS as error:
        raise causes.of_transfer(error, shown(url), urlsplit(url).hostname or "") from error


def _translated(blocks: Iterator[bytes], url: str) -> Iterator[bytes]:
    with _translating(url):
        yield from blocks


def _too_large(url: str, max_bytes: int) -> TooLarge:
    return TooLarge(
        f"{shown(url)} is larger than {max_bytes / 1e6:.0f} MB. Nothing was kept.",
        limit=max_bytes,
        case="web",
        most=round(max_bytes / 1e6),
    )
