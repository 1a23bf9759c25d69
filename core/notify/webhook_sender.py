"""Post a signed webhook through the guard of core/net. A redirect is not followed: it would lead the signature elsewhere.

message ─▶ body ─▶ signed at this moment ─▶ POST ─▶ status, the beginning of the answer ─▶ Outcome
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

import httpx

from core.domain.notify.masking import masked, redacted
from core.domain.notify.message import SAID, Outcome, OutgoingMessage, failure_of
from core.errors import CastMindError
from core.net import causes
from core.net.addresses import AllowedHosts, GuardedBackend, Resolve, Watch, resolve, watch
from core.net.client import ERRORS, Client
from core.net.web import retry_after
from core.notify import standard_webhooks

USER_AGENT = "CastMind/0.1 (webhooks)"
WHOLE_SECONDS = 15.0


class WebhookSender:
    """Thread-safe. `check` raises to cancel."""

    def __init__(self, allowed_private_hosts: AllowedHosts, *, seconds: float = WHOLE_SECONDS, lookup: Resolve = resolve) -> None:
        self._client = Client(GuardedBackend(allowed_private_hosts, lookup), {"User-Agent": USER_AGENT})
        self._seconds = seconds

    def close(self) -> None:
        self._client.close()

    def send(
        self, url: str, secrets: Sequence[str], message: OutgoingMessage, *, now: float, check: Callable[[], None]
    ) -> Outcome:
        """Send once. Never raises for what the other side does; `check`'s exception passes."""
        body = standard_webhooks.body_of(message)
        headers = {"Content-Type": "application/json", **standard_webhooks.signed_headers(message.uid, body, secrets, now)}
        began = time.monotonic()
        token = watch.set(Watch(began + self._seconds, check))
        try:
            status, said, wait = self._post(url, headers, body, now)
            return Outcome(failure_of(status), status, redacted(said, url), time.monotonic() - began, wait)
        except ERRORS as error:
            failure = causes.of_transfer(error, masked(url), urlsplit(url).hostname or "")
            return Outcome(failure, seconds=time.monotonic() - began)
        except (CastMindError, httpx.InvalidURL, UnicodeError) as error:
            check()
            failure = error if isinstance(error, CastMindError) else causes.of_resolving(error, urlsplit(url).hostname or "")
            return Outcome(failure, seconds=time.monotonic() - began)
        finally:
            watch.reset(token)

    def _post(self, url: str, headers: dict[str, str], body: bytes, now: float) -> tuple[int, str, float | None]:
        reply = self._client.send("POST", url, headers, body, connect=self._seconds, read=self._seconds)
        try:
            # The status counts; of the body no more is read than is shown.
            said = next(iter(reply.blocks()), b"")[:SAID] if reply.status >= 300 else b""
            return reply.status, said.decode("utf-8", "replace").strip(), retry_after(reply.headers, now)
        finally:
            reply.close()
