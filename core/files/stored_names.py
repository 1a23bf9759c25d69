"""Where a stored name leads: to a file of the data folder, or nowhere.

    name ─▶ uploads/… or media/…, spelt plainly? ─▶ links followed, still below that folder? ─▶ Path
                     └────────── no ──────────────────────────┴─▶ None

Rows can come from a backup that somebody else made, so a name in them is input. Whoever opens, sends, copies or deletes a file by
a stored name asks here. The two folders may themselves be links, to another disk; what lies in them may not lead out.
"""

from __future__ import annotations

from pathlib import Path

FOLDERS = ("uploads", "media")
NAME_BYTES = 255


def inside(data: Path, name: str | None) -> Path | None:
    """The path of a stored name, which need not be there; None for a name that is no file of uploads/ or media/."""
    if not isinstance(name, str) or not is_plain(name):
        return None
    top, _, rest = name.partition("/")
    folder = data / top
    try:
        home = folder.resolve()
        leads_to = (folder / rest).resolve()
    except (OSError, RuntimeError, ValueError):
        return None  # links in a circle, or a name that this file system cannot hold
    return folder / rest if home in leads_to.parents else None


def is_there(data: Path, name: str | None) -> bool:
    """Whether a stored name leads to a file."""
    path = inside(data, name)
    return path is not None and path.is_file()


def remove(data: Path, name: str | None) -> bool:
    """Deletes the file of a stored name, if it is one of the data folder; a folder stays. Says whether there was one."""
    path = inside(data, name)
    if path is None or not path.is_file():
        return False
    path.unlink(missing_ok=True)
    return True


def is_plain(name: str) -> bool:
    """Whether a name is spelt in the one way that CastMind writes: `uploads/…` or `media/…`, without anything odd."""
    parts = name.split("/")
    try:
        fits = all(0 < len(part.encode()) <= NAME_BYTES for part in parts)
    except UnicodeEncodeError:
        return False
    plain = all(part not in (".", "..") and part.isprintable() and "\\" not in part for part in parts)
    return fits and plain and len(parts) > 1 and parts[0] in FOLDERS
