"""Detect the resources that a language model shares with CastMind: whether its server runs here, and how much memory is free.

loopback ─▶ "here"     a container's host ─▶ "host": the same cores, maybe other memory     else ─▶ "elsewhere"
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
# The name of the compose service that runs beside CastMind.
SERVICE = "ollama"


def place(address: str, *, container: bool | None = None, routes: Path = ROUTES) -> Place:
    """Return where the server at this address runs, as far as the address shows."""
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
    """Return the bytes that programs can allocate without swapping; None if the kernel does not report them."""
    try:
        text = meminfo.read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    found = re.search(r"^MemAvailable:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def spare_threads(cpuinfo: Path = CPUINFO) -> int:
    """Return the threads for a model on the processor: its physical cores minus one for pages and transfers; at least 1."""
    try:
        text = cpuinfo.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    ids = re.findall(r"^physical id\s*:\s*(\d+)$.*?^core id\s*:\s*(\d+)$", text, re.MULTILINE | re.DOTALL)
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(len(set(ids)) or usable, usable) - 1)
