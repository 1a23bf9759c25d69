"""The computer under CastMind: system, versions, memory, disk, limits, clock, port."""

from __future__ import annotations

import errno
import os
import platform
import re
import resource
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from core.ops import health
from core.ops.doctor import folders
from core.ops.doctor.finding import Finding, Patient, bad, fine, odd, text_of
from core.settings import VERSION
from core.sources.media import web_page
from core.speech.models.catalogue import BY_NAME
from core.speech.models.model_choice import ALIASES
from core.store.examine import census

GIB = 1024**3
PACKAGES = ("streamlit", "faster-whisper", "ctranslate2")
# SQLite's race between several connections that write and checkpoint ended with this version.
RACE_FIXED = (3, 51, 3)
LEAST_INODES = 10_000
LEAST_FILES = 1024
LEAST_WATCHES = 8192
# A clock before this is not set; rows later than now by more than this are of a clock that jumped back.
BUILT = 1_750_000_000.0
JUMP = 300.0
# A model in memory needs about twice its download, and the rest of CastMind about this much.
BESIDE_MODEL = GIB
LOOK_SECONDS = 5


def environment(patient: Patient) -> Iterator[Finding]:
    kernel = text_of(patient.proc / "sys/kernel/osrelease").strip() or platform.release()
    known = {"python": platform.python_version(), "kernel": kernel, "machine": platform.machine()}
    if "microsoft" in kernel.lower() and "wsl2" not in kernel.lower():
        yield bad("environment.wsl1", kernel=kernel)
    elif "microsoft" in kernel.lower():
        yield fine("environment.wsl2", **known)
    elif patient.container:
        yield fine("environment.container", **known)
    else:
        yield fine("environment.plain", **known)


def versions(_patient: Patient) -> Iterator[Finding]:
    yield fine("versions.castmind", version=VERSION)
    for package in PACKAGES:
        try:
            yield fine("versions.package", name=package, version=metadata.version(package))
        except metadata.PackageNotFoundError:
            yield bad("versions.package_missing", name=package)
    sqlite = census.version()
    number = tuple(int(part) for part in sqlite.split("."))
    yield fine("versions.sqlite" if number >= RACE_FIXED else "versions.sqlite_race", version=sqlite)
    yield _ffmpeg()
    if web_page.installed():
        yield fine("versions.package", name=web_page.PACKAGE.replace("_", "-"), version=metadata.version(web_page.PACKAGE))
    else:
        yield fine("versions.no_ytdlp")


def _ffmpeg() -> Finding:
    missing = [name for name in ("ffmpeg", "ffprobe") if shutil.which(name) is None]
    if missing:
        return odd("versions.no_ffmpeg", missing=", ".join(missing))
    said = subprocess.run(["ffmpeg", "-version"], capture_output=True, text=True, check=False, timeout=LOOK_SECONDS).stdout
    found = re.match(r"ffmpeg version (\S+)", said)
    return fine("versions.package", name="ffmpeg", version=found[1] if found else "?")


def memory(patient: Patient) -> Iterator[Finding]:
    """Compare the memory with what the chosen speech model needs on the processor."""
    whole = total_memory(patient)
    probe = patient.probe()
    listed = BY_NAME.get(ALIASES.get(probe.model, probe.model))
    gigabytes = f"{whole / GIB:.1f}"
    if listed and probe.device == "cpu" and whole and 2 * listed.size + BESIDE_MODEL > whole:
        need = f"{(2 * listed.size + BESIDE_MODEL) / GIB:.1f}"
        yield odd("memory.small", memory=gigabytes, model=probe.model, need=need)
    else:
        yield fine("memory.enough", memory=gigabytes, model=probe.model)


def total_memory(patient: Patient) -> int:
    """Return the memory that this process may use, in bytes; a container's limit counts. 0 if it is unknown."""
    found = re.search(r"^MemTotal:\s+(\d+) kB", text_of(patient.proc / "meminfo"), re.MULTILINE)
    whole = int(found[1]) * 1024 if found else 0
    limit = text_of(patient.sys / "fs/cgroup/memory.max").strip()
    return min(whole, int(limit)) if limit.isdigit() and whole else whole


def disk(patient: Patient) -> Iterator[Finding]:
    place = folders.nearest(patient.data)
    yield Finding.of("disk", health.disk(place, patient.settings.min_free_gb))
    room = os.statvfs(place)
    if room.f_files and room.f_favail < LEAST_INODES:
        yield odd("disk.inodes", free=room.f_favail)


def limits(patient: Patient) -> Iterator[Finding]:
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    unlimited = files == resource.RLIM_INFINITY
    if not unlimited and files < LEAST_FILES:
        yield odd("limits.files", files=files, least=LEAST_FILES)
    watches = text_of(patient.proc / "sys/fs/inotify/max_user_watches").strip()
    if watches.isdigit() and int(watches) < LEAST_WATCHES:
        yield odd("limits.watches", watches=int(watches), least=LEAST_WATCHES)
    if (unlimited or files >= LEAST_FILES) and (not watches.isdigit() or int(watches) >= LEAST_WATCHES):
        yield fine("limits.enough", files="∞" if unlimited else files, watches=watches or "?")


def clock(patient: Patient) -> Iterator[Finding]:
    """Compare the clock with the newest row: one that jumped back makes schedules wait."""
    shown = time.strftime("%Y-%m-%d %H:%M", time.localtime(patient.now))
    if patient.now < BUILT:
        yield bad("clock.unset", time=shown)
        return
    newest = census.newest(patient.database) if patient.database.is_file() else None
    if newest is not None and newest > patient.now + JUMP:
        yield odd("clock.behind", time=shown, minutes=round((newest - patient.now) / 60))
        return
    yield fine("clock.right", time=shown, zone=time.strftime("%Z %z", time.localtime(patient.now)))


def port(patient: Patient) -> Iterator[Finding]:
    """Say who listens at CastMind's port."""
    number = patient.settings.port
    if patient.serving:
        yield fine("port.ours", port=number)
        return
    family = socket.AF_INET6 if ":" in patient.settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((patient.settings.host, number))
        except OSError as error:
            yield _not_bound(patient, error)
            return
    yield fine("port.free", port=number)


def _not_bound(patient: Patient, error: OSError) -> Finding:
    number, host = patient.settings.port, patient.settings.host
    if error.errno == errno.EADDRINUSE:
        holder = _holder(patient.proc, number)
        if holder is not None and holder[1] == _server(patient):
            return fine("port.server", port=number)
        return bad("port.taken", port=number, by=f"{holder[0]} ({holder[1]})" if holder else "?")
    return bad("port.refused", port=number, host=host, error=os.strerror(error.errno or 0))


def _server(patient: Patient) -> int | None:
    """Return the process that the lock of the data folder names."""
    said = text_of(patient.data / ".lock").strip()
    return int(said) if said.isdecimal() else None


def _holder(proc: Path, number: int) -> tuple[str, int] | None:
    """Return name and id of the process that listens at a port, if this user may see it."""
    rows = (line.split() for name in ("tcp", "tcp6") for line in text_of(proc / "net" / name).splitlines()[1:])
    sockets = {f"socket:[{row[9]}]" for row in rows if row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == number}
    for folder in proc.glob("[0-9]*"):
        try:
            if any(str(link.readlink()) in sockets for link in (folder / "fd").iterdir()):
                return text_of(folder / "comm").strip(), int(folder.name)
        except OSError:
            continue  # it has ended, or is of another user
    return None
