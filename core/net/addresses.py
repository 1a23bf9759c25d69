"""Which addresses may be called: http and https, and only hosts of the public internet unless one is named as allowed.

The name in a URL proves nothing, because its owner decides what it resolves to, and may decide anew for each look-up. So the
URL is checked for its form only (`check_url`), and the address when a connection is made to exactly that address
(`GuardedBackend`): on every hop, for every spelling (decimal, mapped, NAT64), whatever the name servers say a moment later.
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

from core.domain.feeds.feed_address import shown
from core.errors import BadAddress
from core.net import causes

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
SocketOption = typing.Any  # httpcore's own type for setsockopt's arguments is private

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Protocol assignments: `is_global` of some Python versions lets single addresses of it pass.
_SPECIAL = ipaddress.ip_network("192.0.0.0/24")
# A blocking read is cut into slices of this many seconds, so that a cancel is noticed on a silent connection.
SLICE = 0.5
# Seconds that an answer may take without its being called a wait: one of this computer or its network is there by then.
GRACE = 0.002


def check_url(url: str) -> None:
    """Raises BadAddress unless the URL is http or https with a host."""
    try:
        parts = urlsplit(url.strip())
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise BadAddress(f"Only http and https addresses can be fetched, not {shown(url)!r}. Check the address and try again.")


def is_public(address: IPAddress) -> bool:
    """Whether the address belongs to the public internet; an IPv4 address inside an IPv6 one is judged by itself."""
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
    """All addresses of a host, in the order of preference of the operating system. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


def allows(entry: str, host: str, port: int) -> bool:
    """Whether an entry of allowed_private_hosts (`nas`, `nas:8080`, `[fd00::7]:8080`, `fd00::7`) means this host and port.

    An entry without a port means all of them; one that cannot be read means none.
    """
    return any_allows((entry,), host, port)


def any_allows(entries: Collection[str], host: str, port: int) -> bool:
    name, all_meant = _named(host), _all_meant(tuple(entries))
    return (name, None) in all_meant or (name, port) in all_meant


@lru_cache(maxsize=16)
def _all_meant(entries: tuple[str, ...]) -> frozenset[tuple[IPAddress | str, int | None]]:
    return frozenset(meant for each in entries if (meant := _meant(each)))


def _meant(entry: str) -> tuple[IPAddress | str, int | None] | None:
    """The host and port of an entry; None for one that cannot be read."""
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
    """An address by its value, however it is spelt; a name in small letters."""
    bare = host.strip("[]")
    try:
        return ipaddress.ip_address(bare)
    except ValueError:
        return bare.lower().rstrip(".")


Resolve = Callable[[str, int], list[str]]
AllowedHosts = Callable[[], Collection[str]]


@dataclass(frozen=True, slots=True)
class Watch:
    """What bounds the request that runs in this context. `deadline`: time.monotonic(); `check` raises to end it."""

    deadline: float
    check: Callable[[], None]


watch: ContextVar[Watch | None] = ContextVar("watch", default=None)
pause: ContextVar[Callable[[], AbstractContextManager[None]] | None] = ContextVar("pause", default=None)
"""What this context enters while it waits for the network. None: nobody wants to know."""


class GuardedBackend(httpcore.NetworkBackend):
    """Resolves, refuses what is not public, connects to the checked address itself."""

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
        """Raises BadAddress when no address of the host may be called, NetworkUnreachable when none can be."""
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
                "If it is your own server, name it in the setting allowed_private_hosts."
            )
        return public


def _patience(timeout: float | None) -> float | None:
    """What is left of the timeout and of the watched request's deadline, in seconds; raises what `check` raises."""
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
    """`long`: whether it will take long enough to be called a wait."""
    enter = pause.get()
    return enter() if enter and long else nullcontext()


class _WatchedStream(httpcore.NetworkStream):
    """A connection whose reads and writes end with the request's deadline, even when bytes keep dripping in."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        until = time.monotonic() + (_patience(timeout) or float("inf"))
        if pause.get() is not None:
            try:
                return self._inner.read(max_bytes, _slice(until, GRACE))
            except httpcore.ReadTimeout:
                pass  # it is a wait
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
