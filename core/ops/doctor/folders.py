"""The data folder and the files beside it: mounts, owners, modes of secrets, room, logs."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from core.files import partial_files
from core.files.mounts import MOUNTINFO
from core.ops import health
from core.ops.doctor.finding import Finding, Patient, bad, fine, odd, text_of
from core.settings import PROJECT, Settings, environment_name

FOLDERS = ("uploads", "media", "inbox", "exports", "models", "backups", "logs", "reports")
# Docker's own secrets are readable by everyone inside their container, and cannot be changed there.
GIVEN = Path("/run/secrets")
READABLE_BY_OTHERS = stat.S_IRGRP | stat.S_IWGRP | stat.S_IROTH | stat.S_IWOTH
MOST_FILES = 20_000
MOST_LOG_MB = 1000
MEGABYTE = 1_000_000


def mounts(patient: Patient) -> Iterator[Finding]:
    mountinfo = text_of(Path(MOUNTINFO)) if patient.proc == Path("/proc") else text_of(patient.proc / "self/mountinfo")
    yield Finding.of("data_folder", health.mount(nearest(patient.data), mountinfo))
    for folder in (patient.data, *(patient.data / name for name in FOLDERS)):
        if folder.is_dir() and os.statvfs(folder).f_flag & os.ST_RDONLY:
            yield bad("mounts.read_only", folder=str(folder))


def permissions(patient: Patient) -> Iterator[Finding]:
    """Try the folders, and look for files of other users."""
    if not patient.data.is_dir():
        yield fine("permissions.no_folder", folder=str(patient.data))
        return
    missing = [name for name in FOLDERS if not (patient.data / name).exists()]
    if missing and patient.database.exists():
        yield odd("permissions.missing", fix="folders", folders=", ".join(missing))
    here = [patient.data, *(patient.data / name for name in FOLDERS if (patient.data / name).is_dir())]
    closed = [folder for folder in here if not os.access(folder, os.R_OK | os.W_OK | os.X_OK)]
    for folder in closed:
        yield bad("permissions.closed", folder=str(folder), uid=os.getuid(), owner=folder.stat().st_uid)
    others = [path for path in _files(here) if path.lstat().st_uid != os.getuid()]
    if others and os.getuid() != 0:
        yield odd("permissions.others", count=len(others), example=str(others[0]), uid=os.getuid(), owner=others[0].stat().st_uid)
    if not closed and not (others and os.getuid() != 0):
        yield fine("permissions.right", uid=os.getuid(), gid=os.getgid(), umask=f"{_umask(patient):04o}")


def _files(folders: list[Path]) -> Iterator[Path]:
    """Yield the files of the folders themselves, as many as are looked at quickly."""
    count = 0
    for folder in folders:
        if not os.access(folder, os.R_OK | os.X_OK):
            continue
        for entry in os.scandir(folder):
            count += 1
            if count > MOST_FILES:
                return
            yield Path(entry.path)


def _umask(patient: Patient) -> int:
    line = next((row for row in text_of(patient.proc / "self/status").splitlines() if row.startswith("Umask:")), "Umask: 0")
    return int(line.split()[1], 8)


# --- secrets --------------------------------------------------------------------------------------------


def secrets(patient: Patient) -> Iterator[Finding]:
    """Check that files with secrets are readable by their owner alone."""
    files = secret_files(patient)
    opened = [path for path in files if stat.S_IMODE(path.stat().st_mode) & READABLE_BY_OTHERS]
    for path in opened:
        mine = path.stat().st_uid == os.getuid()
        mode = f"{stat.S_IMODE(path.stat().st_mode):04o}"
        yield odd("secrets.open", fix="secret_modes" if mine else "", path=str(path), mode=mode)
    if not opened:
        yield fine("secrets.closed", count=len(files))


def secret_files(patient: Patient) -> list[Path]:
    """Return the files with secrets that exist: keys, .env, a local configuration, and those that *_FILE variables name."""
    named = [patient.environ.get(f"{environment_name(name)}_FILE") for name in Settings.model_fields]
    candidates = [
        *patient.data.glob("secret.key*"),
        *patient.data.glob("secret.new"),
        PROJECT / ".env",
        PROJECT / "config" / "local.toml",
        *(Path(name) for name in named if name),
    ]
    return [path for path in candidates if path.is_file() and GIVEN not in path.parents]


# --- room ---------------------------------------------------------------------------------------------


def logs(patient: Patient) -> Iterator[Finding]:
    folder = patient.data / "logs"
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0
    megabytes = round(size / MEGABYTE)
    yield odd("logs.large", megabytes=megabytes) if megabytes > MOST_LOG_MB else fine("logs.small", megabytes=megabytes)


def nearest(folder: Path) -> Path:
    """Return the folder; if it does not exist yet, the nearest existing parent."""
    return next(place for place in (folder, *folder.absolute().parents) if place.is_dir())


# --- leftovers ------------------------------------------------------------------------------------------


LEAST_AGE = 24 * 3600.0


def leftovers(patient: Patient) -> Iterator[Finding]:
    """Look for partial files that nobody has written to for a day."""
    found = stale_parts(patient)
    if found:
        megabytes = round(sum(path.stat().st_size for path in found) / MEGABYTE)
        yield odd("leftovers.parts", fix="parts", count=len(found), megabytes=megabytes)
    else:
        yield fine("leftovers.none")


def stale_parts(patient: Patient) -> list[Path]:
    """Return partial files of exports, backups and models that are older than a day.

    Those of downloads and uploads are left out: they continue from there.
    """
    folders = [patient.data / name for name in ("exports", "backups", "models")]
    found = (path for folder in folders for path in folder.rglob(f"*{partial_files.PART}") if path.is_file())
    return sorted(path for path in found if path.stat().st_mtime < patient.now - LEAST_AGE)
