"""The safe fixes: each does nothing the second time, and none deletes what a user made.

findings ─▶ their fixes, each once ─▶ what would be done (dry) │ what was done, one line each
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from core.ops.doctor import folders
from core.ops.doctor.finding import Finding, Patient

OWNER_ONLY = 0o600
OWNER_ONLY_READ = 0o400


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that a fix did, or would do: the text key `doctor.fix.<code>`, and what it was done to."""

    code: str
    what: str


Fix = Callable[[Patient, bool], list[Deed]]


def secret_modes(patient: Patient, dry: bool) -> list[Deed]:
    """Take the rights of group and others off files with secrets that belong to this user."""
    done = []
    for path in folders.secret_files(patient):
        status = path.stat()
        mode = stat.S_IMODE(status.st_mode)
        if not mode & folders.READABLE_BY_OTHERS or status.st_uid != os.getuid():
            continue
        if not dry:
            path.chmod(OWNER_ONLY if mode & stat.S_IWUSR else OWNER_ONLY_READ)
        done.append(Deed("secret_modes", str(path)))
    return done


def make_folders(patient: Patient, dry: bool) -> list[Deed]:
    """Create the missing folders of the data folder."""
    done = []
    for name in folders.FOLDERS:
        folder = patient.data / name
        if folder.exists() or not patient.data.is_dir():
            continue
        if not dry:
            folder.mkdir()
        done.append(Deed("folders", str(folder)))
    return done


def remove_parts(patient: Patient, dry: bool) -> list[Deed]:
    """Delete partial files that nobody has written to for a day."""
    done = []
    for path in folders.stale_parts(patient):
        if not dry:
            path.unlink(missing_ok=True)
        done.append(Deed("parts", str(path)))
    return done


def fixes(rebuild_index: Callable[[], None]) -> Mapping[str, Fix]:
    """Return the fixes by name. `rebuild_index` begins or does the rebuilding of the search index."""

    def index(patient: Patient, dry: bool) -> list[Deed]:
        if not dry:
            rebuild_index()
        return [Deed("index", patient.database.name)]

    return {"secret_modes": secret_modes, "folders": make_folders, "parts": remove_parts, "index": index}


def apply(
    findings: Iterable[Finding], patient: Patient, rebuild_index: Callable[[], None], *, dry: bool = False, only: str = ""
) -> list[Deed]:
    """Apply the fixes of the findings, each once; `only` the one of that name. Raises KeyError for an unknown name."""
    known = fixes(rebuild_index)
    names = dict.fromkeys(each.fix for each in findings if each.fix and only in ("", each.fix))
    return [deed for name in names for deed in known[name](patient, dry)]
