"""Inspect this computer: usable cores and memory, and the NVIDIA card, as its driver reports it.

The driver's own library reports exactly the devices that CUDA will use (CUDA_VISIBLE_DEVICES, WSL2 and containers included),
without any toolkit installed.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.message import Message
from core.speech import device_messages

MAJOR, MINOR = 75, 76  # CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_*
NO_DEVICE = 100  # CUDA_ERROR_NO_DEVICE


@dataclass(frozen=True, slots=True)
class GraphicsCard:
    """`total` and `free` are bytes of its memory; `capability` is (7, 5) for a Turing card."""

    name: str
    total: int
    free: int
    capability: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Hardware:
    """`memory` is bytes. `card_error` says why no card can be used, "" when there is one or none was looked for.

    `card_expected` is true where there should be one: a driver is there, and its error is not that it has no card.
    """

    cores: int
    memory: int
    cpu_name: str
    card: GraphicsCard | None = None
    card_error: str = ""
    card_expected: bool = False


def look(*, at_card: bool = True) -> Hardware:
    """Read the machine. Looking at the card takes some of its memory for as long as this process lives."""
    here = Hardware(cores=_cores(), memory=_memory(), cpu_name=_cpu_name())
    if not at_card:
        return here
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return replace(here, card_error=device_messages.NO_DRIVER)
    try:
        return replace(here, card=ask(driver), card_expected=True)
    except DriverError as error:
        return replace(here, card_error=error.reason, card_expected=error.code != NO_DEVICE)


def _cores() -> int:
    """Return the cores that this process may use: a container's quota counts."""
    allowed = len(os.sched_getaffinity(0))
    quota, _, period = _read("/sys/fs/cgroup/cpu.max").partition(" ")
    return max(1, min(allowed, int(quota) // int(period))) if quota.isdigit() and period.strip().isdigit() else allowed


def _memory() -> int:
    total = next((int(line.split()[1]) * 1024 for line in _read("/proc/meminfo").splitlines() if line.startswith("MemTotal")), 0)
    limit = _read("/sys/fs/cgroup/memory.max").strip()
    return min(total, int(limit)) if limit.isdigit() else total


def _cpu_name() -> str:
    names = (line.partition(":")[2].strip() for line in _read("/proc/cpuinfo").splitlines() if line.startswith("model name"))
    return next(names, "CPU")


def _read(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""


class DriverError(Exception):
    """The driver refused with this code, 0 when it lacks the function; the text is its own."""

    def __init__(self, reason: Message, code: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


def ask(driver: Any) -> GraphicsCard:
    """Return the first card, as the driver's library reports it. Raises DriverError."""
    _call(driver, "cuInit", 0)
    device = ctypes.c_int()
    _call(driver, "cuDeviceGet", ctypes.byref(device), 0)
    return _describe(driver, device)


def _describe(driver: Any, device: ctypes.c_int) -> GraphicsCard:
    name = ctypes.create_string_buffer(100)
    _call(driver, "cuDeviceGetName", name, len(name), device)
    parts = []
    for attribute in (MAJOR, MINOR):
        value = ctypes.c_int()
        _call(driver, "cuDeviceGetAttribute", ctypes.byref(value), attribute, device)
        parts.append(value.value)
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    with _context(driver, device):
        _call(driver, "cuMemGetInfo_v2", ctypes.byref(free), ctypes.byref(total))
    return GraphicsCard(name.value.decode(errors="replace"), total.value, free.value, (parts[0], parts[1]))


@contextmanager
def _context(driver: Any, device: ctypes.c_int) -> Iterator[None]:
    """Hold the device's primary context, which CUDA libraries in this process share."""
    context = ctypes.c_void_p()
    _call(driver, "cuDevicePrimaryCtxRetain", ctypes.byref(context), device)
    try:
        _call(driver, "cuCtxPushCurrent_v2", context)
        try:
            yield
        finally:
            _call(driver, "cuCtxPopCurrent_v2", ctypes.byref(context))
    finally:
        _call(driver, "cuDevicePrimaryCtxRelease_v2", device)


def _call(driver: Any, function: str, *arguments: Any) -> None:
    try:
        code = getattr(driver, function)(*arguments)
    except AttributeError:
        raise DriverError(device_messages.driver_too_old(function), 0) from None
    if code:
        text = ctypes.c_char_p()
        driver.cuGetErrorString(code, ctypes.byref(text))
        raise DriverError(device_messages.driver_says((text.value or b"error").decode(), function, code), code)
