"""The guard of outgoing connections: http and https only, to public addresses and to hosts that the settings allow.

The host name in a URL proves nothing: its owner chooses the address, and may change it between two look-ups (DNS rebinding).
So `check_url` checks only the form of the URL, and `GuardedBackend` checks the address that it connects to: at each redirect,
for each spelling (decimal, mapped, NAT64), whatever a later look-up returns.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
import typing
from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

import httpcore

from core.domain import web_address
from core.errors import BadAddress
from core.net import causes

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
SocketOption = typing.Any  # httpcore's own type for setsockopt's arguments is private

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Protocol assignments: `is_global` of some Python versions accepts single addresses of this network.
_SPECIAL = ipaddress.ip_network("192.0.0.0/24")
# Seconds. A blocking read is cut into slices of this length, so that a cancel is noticed on a silent connection.
SLICE = 0.5
# Seconds that a read may take before it counts as a wait; hosts of this computer or its network answer within them.
GRACE = 0.002


def check_url(url: str) -> None:
    """Raise BadAddress unless the URL is http or https with a host."""
    web_address.check(url)


def is_public(address: IPAddress) -> bool:
    """Return whether the address is on the public internet; an IPv4 address embedded in an IPv6 one is judged as IPv4."""
    if isinstance(address, ipaddress.IPv6Address):
        embedded = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _NAT64:
            embedded.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        inner = [a for a in embedded if a is not None]
        if inner:
            return all(is_public(a) for a in inner)
        if address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address in _SPECIAL)


def resolve(host: str, port: int) -> list[str]:
    """Return all addresses of a host, in the operating system's order of preference. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


def allows(entry: str, host: str, port: int) -> bool:
    """Return whether an entry of allowed_private_hosts (`nas`, `nas:8080`, `[fd00::7]:8080`, `fd00::7`) covers host and port.

    An entry without a port covers all ports; an unreadable one covers none.
    """
    return any_allows((entry,), host, port)


def any_allows(entries: Collection[str], host: str, port: int) -> bool:
    name, all_meant = _named(host), _all_meant(tuple(entries))
    return (name, None) in all_meant or (name, port) in all_meant


@lru_cache(maxsize=16)
def _all_meant(entries: tuple[str, ...]) -> frozenset[tuple[IPAddress | str, int | None]]:
    return frozenset(meant for each in entries if (meant := _meant(each)))


def _meant(entry: str) -> tuple[IPAddress | str, int | None] | None:
    """Return the host and port of an entry; None for an unreadable one."""
    text = entry.strip()
    bare_v6 = text.count(":") > 1 and not text.startswith("[")
    try:
        parts = urlsplit(f"//[{text}]" if bare_v6 else f"//{text}")
        name, only = parts.hostname, parts.port
    except ValueError:
        return None
    if not name or parts.path or parts.query or parts.fragment or "@" in text or (text.endswith(":") and not bare_v6):
        return None
    return _named(name), only


@lru_cache(maxsize=4096)
def _named(host: str) -> IPAddress | str:
    """Return a literal address as a value, so that its spelling does not matter; a name in lower case."""
    bare = host.strip("[]")
    try:
        return ipaddress.ip_address(bare)
    except ValueError:
        return bare.lower().rstrip(".")


Resolve = Callable[[str, int], list[str]]
AllowedHosts = Callable[[], Collection[str]]


@dataclass(frozen=True, slots=True)
class Watch:
    """The limits of the request in this context. `deadline`: time.monotonic() seconds; `check` raises to cancel."""

    deadline: float
    check: Callable[[], None]


watch: ContextVar[Watch | None] = ContextVar("watch", default=None)
pause: ContextVar[Callable[[], AbstractContextManager[None]] | None] = ContextVar("pause", default=None)
"""A context manager to enter while this context waits for the network; None to enter nothing."""


class GuardedBackend(httpcore.NetworkBackend):
    """A network backend that resolves the host, refuses addresses that are not public, and connects to the address it checked."""

    def __init__(self, allowed_private_hosts: AllowedHosts, resolve: Resolve = resolve) -> None:
        self._allowed = allowed_private_hosts
        self._resolve = resolve
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first allowed address that accepts.

        Raises BadAddress if no address of the host is allowed, NetworkUnreachable if none accepts.
        """
        failure: Exception | None = None
        for address in self._addresses(host, port):
            try:
                with _paused(is_public(ipaddress.ip_address(address))):
                    stream = self._inner.connect_tcp(address, port, _patience(timeout), local_address, socket_options)
                return _WatchedStream(stream)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise causes.of_connecting(failure or OSError("it has no address"), host, port) from failure

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            with _paused(isinstance(_named(host), str)):
                found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise causes.of_resolving(error, host) from error
        if any_allows(self._allowed(), host, port):
            return found
        public = [a for a in found if is_public(ipaddress.ip_address(a))]
        if not public:
            raise BadAddress(
                f"{host} is an address inside a private network, and such addresses are not fetched. "
                "If it is your own server, name it in the setting allowed_private_hosts.",
                case="private",
                host=host,
            )
        return public


def _patience(timeout: float | None) -> float | None:
    """Return the seconds left of the timeout and of the watched request's deadline; call `check`, which may raise.

    Raises httpcore.ReadTimeout past the deadline.
    """
    current = watch.get()
    if current is None:
        return timeout
    current.check()
    left = current.deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the whole request took too long")
    return left if timeout is None else min(timeout, left)


def _slice(until: float, longest: float) -> float:
    left = min(_patience(None) or longest, max(until - time.monotonic(), 0.001))
    return min(left, longest)


def _paused(long: bool = True) -> AbstractContextManager[None]:
    """Return the context to enter while waiting. `long`: whether the step can take long enough to count as a wait."""
    enter = pause.get()
    return enter() if enter and long else nullcontext()


class _WatchedStream(httpcore.NetworkStream):
    """A connection whose reads and writes end at the request's deadline, even if bytes keep trickling in."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        until = time.monotonic() + (_patience(timeout) or float("inf"))
        if pause.get() is not None:
            try:
                return self._inner.read(max_bytes, _slice(until, GRACE))
            except httpcore.ReadTimeout:
                pass  # slower than GRACE: read on, as a wait
        with _paused():
            return self._read_by_slices(max_bytes, until)

    def _read_by_slices(self, max_bytes: int, until: float) -> bytes:
        while True:
            try:
                return self._inner.read(max_bytes, _slice(until, SLICE))
            except httpcore.ReadTimeout:
                if time.monotonic() >= until:
                    raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _patience(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        with _paused():
            return _WatchedStream(self._inner.start_tls(ssl_context, server_hostname, _patience(timeout)))

    def get_extra_info(self, info: str) -> typing.Any:
        return self._inner.get_extra_info(info)
