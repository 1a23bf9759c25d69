"""Send through Apprise, in a child process that gets its connections from the guard of core/net.

address ─▶ ProxyGuard ═ connections ═▶ core.notify.apprise_worker ─▶ ok, status, what the other side said ─▶ Outcome
             │ an address that is refused, a name that is unknown, a server that does not answer: the guard knows why
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from core.domain.notify.masking import redacted
from core.domain.notify.message import SAID, Outcome, OutgoingMessage, failure_of
from core.domain.notify.schemes import module_of
from core.errors import CastMindError, NotifyAddressInvalid, NotifyFailed, NotifyRefused, NotifyTooLarge, TimedOut
from core.net.addresses import AllowedHosts, GuardedBackend, Resolve, resolve
from core.net.proxy_guard import ProxyGuard
from core.net.web import retry_after
from core.sandbox import follow

WORKER = "core.notify.apprise_worker"
WHOLE_SECONDS = 45.0
# A service answers a few lines.
MOST_RECEIVED = 4 << 20


class AppriseSender:
    """Thread-safe. `check` raises to cancel."""

    def __init__(self, allowed_private_hosts: AllowedHosts, *, seconds: float = WHOLE_SECONDS, lookup: Resolve = resolve) -> None:
        self._backend = GuardedBackend(allowed_private_hosts, lookup)
        self._seconds = seconds

    def understood(self, url: str) -> None:
        """Raise NotifyAddressInvalid unless Apprise understands the address. Nothing is sent."""
        answer, _, _ = self._ask({"url": url, "only_check": True}, lambda: None)
        if not answer.get("ok"):
            raise NotifyAddressInvalid("The service does not understand this address. Check its parts.", case="parts")

    def send(self, url: str, message: OutgoingMessage, *, warning: bool, now: float, check: Callable[[], None]) -> Outcome:
        """Send once. Never raises for what the other side does; `check`'s exception passes."""
        began = time.monotonic()
        order = {"url": url, "title": message.title, "text": message.text, "warning": warning}
        answer, guard, late = self._ask(order, check)
        status = answer.get("status")
        # Where there was no answer, the guard knows better than Apprise why.
        said = "" if answer.get("ok") or guard.refused else redacted(str(answer.get("said") or ""), url)[:SAID]
        wait = retry_after({"retry-after": str(answer["retry_after"])}, now) if answer.get("retry_after") else None
        failure = None if answer.get("ok") else _why(answer, guard, late)
        return Outcome(failure, status if isinstance(status, int) else None, said, time.monotonic() - began, wait)

    def _ask(self, order: dict[str, Any], check: Callable[[], None]) -> tuple[dict[str, Any], ProxyGuard, bool]:
        """Run the child; return its answer ({} if it gave none), the guard, and whether its time ran out."""
        heard: list[bytes] = []
        order["module"] = module_of(str(order["url"]))

        def look() -> None:
            check()
            if guard.received > MOST_RECEIVED:
                raise NotifyTooLarge()

        with ProxyGuard(self._backend) as guard:
            guard.say(json.dumps(order).encode())
            began = time.monotonic()
            try:
                follow(WORKER, channel=guard.channel.fileno(), heard=heard.append, timeout=self._seconds, check=look)
            except NotifyTooLarge:
                return {"too_large": True}, guard, False
            late = time.monotonic() - began >= self._seconds
        try:
            found = json.loads(heard[-1]) if heard else {}
        except ValueError:
            found = {}
        return (found if isinstance(found, dict) else {}), guard, late


def _why(answer: dict[str, Any], guard: ProxyGuard, late: bool) -> CastMindError:
    """Return the error of a message that was not delivered."""
    if answer.get("too_large"):
        return NotifyTooLarge()
    if answer.get("understood") is False:
        return NotifyAddressInvalid("The service does not understand this address. Check its parts.", case="parts")
    if guard.refused:
        return guard.refused[-1]
    if late:
        return TimedOut("The service stopped answering, or took too long. It is tried again later.")
    status = answer.get("status")
    if isinstance(status, int):
        # A service that answers a failure within a success has read the message, and does not want it.
        return failure_of(status) or NotifyRefused(status=status)
    return NotifyFailed()
