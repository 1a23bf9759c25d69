"""What of this computer a language model shares with us: whether its server runs here, and how much memory is free.

loopback ─▶ "here"     a container's way to its host ─▶ "host": our cores, maybe not our memory     else ─▶ "elsewhere"
"""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from core.llm.locate import ROUTES, default_gateway
from core.settings import in_container

Place = Literal["here", "host", "elsewhere"]
MEMINFO = Path("/proc/meminfo")
CPUINFO = Path("/proc/cpuinfo")
# The name of the service that the compose file starts beside us.
SERVICE = "ollama"


def place(address: str, *, container: bool | None = None, routes: Path = ROUTES) -> Place:
    """Where the server at this address runs, as far as the address tells."""
    name = (urlsplit(address).hostname or "").rstrip(".").lower()
    if name == "localhost" or _loopback(name):
        return "here"
    inside = in_container() if container is None else container
    if inside and name == SERVICE:
        return "here"
    if name == "host.docker.internal" or (inside and name == default_gateway(routes)):
        return "host"
    return "elsewhere"


def _loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def free_memory(meminfo: Path = MEMINFO) -> int | None:
    """Bytes that programs can take without swapping; None where the kernel does not say."""
    try:
        text = meminfo.read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    found = re.search(r"^MemAvailable:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def spare_threads(cpuinfo: Path = CPUINFO) -> int:
    """Threads for a model on the processor: its real cores but one, which pages and transfers keep; 1 at least."""
    try:
        text = cpuinfo.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    ids = re.findall(r"^physical id\s*:\s*(\d+)$.*?^core id\s*:\s*(\d+)$", text, re.MULTILINE | re.DOTALL)
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(len(set(ids)) or usable, usable) - 1)
