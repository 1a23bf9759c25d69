"""Resolve a stored name to a file of the data folder, or to None.

    name ─▶ uploads/… or media/…, spelt plainly? ─▶ symlinks resolved, still below that folder? ─▶ Path
                     └────────── no ──────────────────────────┴─▶ None

Rows can come from a backup that somebody else made, so a name in them is untrusted input. All code that opens, sends, copies or
deletes a file by its stored name resolves it here. The two folders may be symlinks to another disk; links in them may not lead
out.
"""

from __future__ import annotations

from pathlib import Path

FOLDERS = ("uploads", "media")
NAME_BYTES = 255


def inside(data: Path, name: str | None) -> Path | None:
    """Return the path of a stored name, which need not exist; None for a name outside uploads/ and media/."""
    if not isinstance(name, str) or not is_plain(name):
        return None
    top, _, rest = name.partition("/")
    folder = data / top
    try:
        home = folder.resolve()
        leads_to = (folder / rest).resolve()
    except (OSError, RuntimeError, ValueError):
        return None  # a loop of symlinks, or a name that this file system cannot hold
    return folder / rest if home in leads_to.parents else None


def is_there(data: Path, name: str | None) -> bool:
    """Return whether a stored name leads to a file."""
    path = inside(data, name)
    return path is not None and path.is_file()


def remove(data: Path, name: str | None) -> bool:
    """Delete the file of a stored name, if it lies in the data folder; never a folder. Return whether a file was there."""
    path = inside(data, name)
    if path is None or not path.is_file():
        return False
    path.unlink(missing_ok=True)
    return True


def is_plain(name: str) -> bool:
    """Return whether a name has the form that CastMind writes: `uploads/…` or `media/…`, printable, without `..` or backslash."""
    parts = name.split("/")
    try:
        fits = all(0 < len(part.encode()) <= NAME_BYTES for part in parts)
    except UnicodeEncodeError:
        return False
    plain = all(part not in (".", "..") and part.isprintable() and "\\" not in part for part in parts)
    return fits and plain and len(parts) > 1 and parts[0] in FOLDERS
