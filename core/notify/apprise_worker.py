"""The child process that speaks to notification services: Apprise, without a socket of its own.

channel (stdin) ─▶ the order: address, module, title, text ─▶ limits ─▶ one plug-in of Apprise ─▶ {ok, status, said, retry_after}
                     ▲
                     └── every connection comes from core/net/proxy_guard, which checks the address that it connects to

The kernel refuses it sockets, programs and files, so that whatever a plug-in or an address asks for, nothing of this computer is
reached. One line of JSON on stdout is its answer. The status of the last answer and its beginning are noted as they pass.
"""

from __future__ import annotations

import json
import logging
import socket
import sys
from importlib import import_module
from typing import Any, TextIO

import apprise
import requests
import urllib3.util.connection

from core.net.proxy_line import CERTIFICATES, ProxyChannel
from core.sandbox.child import enter

MEMORY_LIMIT = 1 << 30
CPU_SECONDS = 60
SAID = 2000
# Servers at home may think for a while; Apprise itself gives them four seconds.
READ_SECONDS = 20.0
HOST_NAME = "castmind.local"


class Heard(logging.Handler):
    """Keeps the last answer, and the last lines that Apprise logs: they hold the reason of a failure."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.status: int | None = None
        self.body = ""
        self.retry_after: str | None = None
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        # What a mail server said, for one, is told at the lowest level.
        if record.levelno >= logging.WARNING or "Exception" in record.getMessage():
            self.lines = [*self.lines[-3:], record.getMessage()]

    def note(self, answer: requests.Response) -> None:
        self.status, self.retry_after = answer.status_code, answer.headers.get("Retry-After")
        self.body = answer.text[:SAID]

    def told(self, ok: bool) -> dict[str, Any]:
        said = self.body if self.status is not None and self.body else "\n".join(self.lines)
        return {"ok": ok, "status": self.status, "said": said[:SAID], "retry_after": self.retry_after}


def plugin(order: dict[str, Any]) -> apprise.NotifyBase | None:
    """Return the plug-in for the order's address, from its one module; None if it does not understand the address."""
    module = import_module(f"apprise.plugins.{order['module']}")
    scheme = order["url"].partition("://")[0].lower()
    for found in vars(module).values():
        if isinstance(found, type) and issubclass(found, apprise.NotifyBase) and scheme in schemes(found):
            return _made(found, order["url"])
    return None


def schemes(plugged: type[apprise.NotifyBase]) -> set[str]:
    """Return all schemes of a plug-in."""
    named: tuple[Any, ...] = (plugged.protocol, plugged.secure_protocol)
    return {each for one in named if one for each in ([one] if isinstance(one, str) else one)}


def _made(plugged: type[apprise.NotifyBase], url: str) -> apprise.NotifyBase | None:
    found = plugged.parse_url(url)
    if not found:
        return None
    given = {"overflow": "truncate", **found}
    given["asset"] = apprise.AppriseAsset(
        app_id="CastMind", app_desc="CastMind", app_url="", image_url_mask="", image_url_logo="", image_path_mask=""
    )
    try:
        made = plugged(**given)
    except (TypeError, ValueError):
        return None
    made.socket_read_timeout = max(float(made.socket_read_timeout or 0), READ_SECONDS)
    return made


def send(order: dict[str, Any], heard: Heard) -> dict[str, Any]:
    """Send the order's message; with `only_check`, only look whether its address is understood."""
    made = plugin(order)
    if made is None:
        return {"ok": False, "understood": False}
    if order.get("only_check"):
        return {"ok": True}
    kind = apprise.NotifyType.WARNING if order.get("warning") else apprise.NotifyType.INFO
    done = made.notify(body=order["text"], title=order["title"], notify_type=kind, body_format=apprise.NotifyFormat.TEXT)
    return heard.told(bool(done))


def listen(heard: Heard) -> None:
    """Have `heard` note each answer of an HTTP service."""
    sent = requests.Session.send

    def noting(self: requests.Session, *arguments: Any, **named: Any) -> requests.Response:
        answer: requests.Response = sent(self, *arguments, **named)
        heard.note(answer)
        return answer

    requests.Session.send = noting  # type: ignore[method-assign]
    log = logging.getLogger("apprise")
    log.addHandler(heard)
    log.setLevel(logging.DEBUG)
    log.propagate = False


def main(out: TextIO) -> None:
    channel = ProxyChannel(0)
    order = channel.order()
    socket.create_connection = channel.tunnel  # type: ignore[assignment]
    urllib3.util.connection.create_connection = channel.tunnel
    socket.getfqdn = lambda name="": name or HOST_NAME
    heard = Heard()
    listen(heard)
    # The one module alone: to load all 150 takes seconds. What it imports has to be loaded before the limits.
    import_module(f"apprise.plugins.{order['module']}")
    enter(memory=MEMORY_LIMIT, cpu_seconds=CPU_SECONDS, reads=CERTIFICATES, speaks=True, nice=10)
    answer = send(order, heard)
    out.write(json.dumps(answer) + "\n")
    out.flush()


if __name__ == "__main__":
    # `print` in any library must not reach the parent.
    sys.stdout, _out = sys.stderr, sys.stdout
    main(_out)
