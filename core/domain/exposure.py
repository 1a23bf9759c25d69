"""Judge who can reach the port, by the address that it listens at.

listens on this computer only ──────────────────────────▶ local
in a container, which publishes on this computer only ──▶ local
a container that does not say where it is published ────▶ unknown
all else ───────────────────────────────────────────────▶ network
"""

from __future__ import annotations

import ipaddress
from typing import Literal

Exposure = Literal["local", "unknown", "network"]


def exposure(host: str, *, published: str, container: bool) -> Exposure:
    """Return the exposure. `published`: on which address of the host the port of a container is published; "" if unknown."""
    if is_loopback(host) or (container and is_loopback(published)):
        return "local"
    return "unknown" if container and not published.strip() else "network"


def is_loopback(host: str) -> bool:
    """Return whether it is `localhost`, in 127.0.0.0/8, or `::1`, mapped too. Any other name may lead anywhere."""
    name = host.strip().lower().strip("[]").rstrip(".")
    if name == "localhost":
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
