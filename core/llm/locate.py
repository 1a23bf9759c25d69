"""Find Ollama: probe the usual addresses in parallel, and report for each one why it did not work.

the configured address → this computer → in a container: its host, by name and as the default gateway; the first that answers wins

Whole transcripts are sent to the server that is found, so an address that may belong to somebody else is never probed. Outside a
container (and WSL2, whose gateway is Windows) the gateway is the router of the current network, and the host's name resolves
to whatever that network's name server says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import httpx

from core.files.mounts import KERNEL
from core.message import Message
from core.net.tls import tls_context
from core.settings import in_container

PORT = 11434
ROUTES = Path("/proc/net/route")
# The address range that Windows uses for its WSL2 network.
WINDOWS = IPv4Network("172.16.0.0/12")


@dataclass(frozen=True, slots=True)
class TriedAddress:
    """A probed address and, as a Message, the reason why it is not Ollama; `reason` is empty if it is."""

    host: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FoundServer:
    """`host` is the first address that answers as Ollama, None if none does; `tried` lists all probed addresses, in order."""

    host: str | None
    version: str
    tried: tuple[TriedAddress, ...]


NOT_OLLAMA = Message("something answers, but it is not Ollama", "ollama.other")


def listed(tried: Iterable[tuple[str, str]]) -> Message:
    """Return the probed addresses as part of a sentence: `host: reason; host: reason`."""
    each = [Message(f"{host}: {reason}", "ollama.tried", host=host, reason=reason) for host, reason in tried]
    return reduce(lambda a, b: Message(f"{a}; {b}", "ollama.tried_more", first=a, more=b), each) if each else Message("-")


def candidates(
    configured: str, routes: Path = ROUTES, *, container: bool | None = None, kernel: Path = Path(KERNEL)
) -> tuple[str, ...]:
    """Return the addresses to probe, the configured one first, without duplicates."""
    places = [configured.rstrip("/"), f"http://127.0.0.1:{PORT}"]
    inside = in_container() if container is None else container
    if inside:
        places.append(f"http://host.docker.internal:{PORT}")
    gateway = default_gateway(routes)
    if gateway and (_holds_container(gateway, routes) if inside else _is_windows(gateway, kernel)):
        places.append(f"http://{gateway}:{PORT}")
    return tuple(dict.fromkeys(p for p in places if p))


def _is_windows(gateway: str, kernel: Path) -> bool:
    """Return whether this is WSL2 on its own NAT network; otherwise its gateway is the router of Windows."""
    here = kernel.read_text(encoding="ascii", errors="replace").lower() if kernel.is_file() else ""
    return "microsoft" in here and IPv4Address(gateway) in WINDOWS


def _holds_container(gateway: str, routes: Path) -> bool:
    """Return whether the gateway is the computer that runs this container.

    With host networking, a container sees the other devices of its host's network, so the gateway is not its host.
    """
    seen = (line.split()[0] for line in _rows(routes) if line.strip())
    return IPv4Address(gateway).is_private and all(name.startswith(("eth", "tap")) for name in seen)


def _rows(routes: Path) -> list[str]:
    return routes.read_text(encoding="ascii", errors="replace").splitlines()[1:] if routes.is_file() else []


def default_gateway(routes: Path = ROUTES) -> str | None:
    """Return the IPv4 address of the default route from the kernel's table; None if there is no route, or no Linux."""
    for line in _rows(routes):
        fields = line.split()
        if len(fields) > 2 and fields[1] == "00000000" and fields[2] != "00000000":
            return str(IPv4Address(int.from_bytes(bytes.fromhex(fields[2]), "little")))
    return None


def find(places: str | Sequence[str], *, timeout: float = 2.0) -> FoundServer:
    """Probe the given addresses, or the usual `candidates` for a single configured one; takes at most about `timeout` seconds.

    Call it from an ordinary thread, not from inside a running event loop.
    """
    hosts = candidates(places) if isinstance(places, str) else tuple(places)
    loop = asyncio.new_event_loop()
    try:
        answers = loop.run_until_complete(_ask_all(hosts, timeout))
    finally:
        loop.close()
    tried = tuple(TriedAddress(host, reason) for host, (_, reason) in zip(hosts, answers, strict=True))
    for host, (version, reason) in zip(hosts, answers, strict=True):
        if not reason:
            return FoundServer(host, version, tried)
    return FoundServer(None, "", tried)


async def _ask_all(hosts: Sequence[str], timeout: float) -> list[tuple[str, str]]:
    return await asyncio.gather(*(_ask(host, timeout) for host in hosts))


async def _ask(host: str, timeout: float) -> tuple[str, str]:
    """Return `(version, "")` for an Ollama server, otherwise `("", reason)`."""
    try:
        async with asyncio.timeout(timeout), httpx.AsyncClient(verify=tls_context(), trust_env=False, timeout=timeout) as http:
            reply = await http.get(f"{host}/api/version")
            version = reply.json().get("version") if reply.status_code == 200 else None
    except (TimeoutError, httpx.TimeoutException):
        return "", Message(f"no answer within {timeout:.0f} s", "ollama.no_answer", seconds=f"{timeout:.0f}")
    except httpx.ConnectError as error:
        return "", Message(f"no connection ({error})", "ollama.no_connection", error=str(error))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        why = str(error) or type(error).__name__
        return "", Message(f"not reachable ({why})", "ollama.unreachable", error=why)
    except (ValueError, AttributeError):
        version = None
    return (str(version), "") if version else ("", NOT_OLLAMA)
