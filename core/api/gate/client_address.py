"""Find the client of a request: the peer of the connection, or, behind proxies that the settings trust, whom they name.

peer ─┬─ not a trusted proxy ─▶ the client, whatever X-Forwarded-For says
      └─ one ─▶ X-Forwarded-For from the right ─▶ the first address that is no trusted proxy
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.types import Scope

from core.domain.exposure import is_loopback

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
# Any of these says that a proxy passed the request on.
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")


def networks(trusted: Iterable[str]) -> tuple[Network, ...]:
    """Convert the setting `trusted_proxies`. Raises ValueError."""
    return tuple(ipaddress.ip_network(each, strict=False) for each in trusted)


def address_of(scope: Scope, trusted: tuple[Network, ...]) -> str:
    """Return the address of the client; "" for a connection without one, such as a Unix socket."""
    peer = (scope.get("client") or ("",))[0]
    if not trusted or not _is_in(peer, trusted):
        return peer
    said = [part.strip() for value in Headers(scope=scope).getlist("x-forwarded-for") for part in value.split(",")]
    for each in reversed(said):
        if not _is_address(each):
            return peer
        if not _is_in(each, trusted):
            return each
    return peer


def is_near(scope: Scope, *, container: bool, names: frozenset[str], host: str) -> bool:
    """Return whether the request comes from this computer itself: over its loopback, by its own name, through no proxy.

    In a container the loopback is that of the container, so the port's address on the host decides (core/domain/exposure.py).
    """
    headers = Headers(scope=scope)
    if host not in names or any(name in headers for name in FORWARDED):
        return False
    ends = ((scope.get("client") or ("",))[0], (scope.get("server") or ("",))[0])
    return container or all(is_loopback(each) for each in ends)


def _is_in(address: str, trusted: tuple[Network, ...]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    plain = getattr(found, "ipv4_mapped", None) or found
    return any(plain in network for network in trusted if network.version == plain.version)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
