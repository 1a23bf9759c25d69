"""Where a request comes from."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Visit:
    """`address`: of the client, behind trusted proxies too; `agent`: its User-Agent."""

    address: str = ""
    agent: str = ""


def household(address: str) -> str:
    """Return the name under which an address is counted: itself, or for IPv6 its /64, which one client has to itself."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
