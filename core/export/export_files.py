"""Write exported files to disk: safe names, whole or not at all, and none left over from an earlier title.

contents ─► .<name>.<suffix>.tmp ─► fsync ─► rename ─► earlier names of the same episode removed

A file belongs to an episode when its name is `<id>-….<suffix>` with a suffix that CastMind writes.
"""

from __future__ import annotations

import errno
import os
import re
import unicodedata
from collections.abc import Container, Iterator, Mapping
from pathlib import Path

from core.errors import DiskFull

NAME_BYTES = 120
SUFFIXES = ("md", "vtt", "srt", "txt", "json")


def file_name(episode_id: int, title: str) -> str:
    """Return `<id>-<slug>` without a suffix, at most 120 bytes: letters and digits of any script, the rest dashes."""
    normal = unicodedata.normalize("NFC", title)
    kept = "".join(c if unicodedata.category(c)[0] in "LNM" and c.isprintable() else "-" for c in normal)
    slug = re.sub("-+", "-", kept).strip("-")
    head = f"{episode_id}-"
    room = NAME_BYTES - len(head)
    # Cut between characters, never within one.
    short = slug.encode("utf-8")[:room].decode("utf-8", "ignore").rstrip("-")
    return head + (short or "episode")


def write(folder: Path, name: str, contents: Mapping[str, str]) -> tuple[str, ...]:
    """Write `<name>.<suffix>` for each of `contents` and remove the episode's files of other names.

    `name` is from `file_name`, a suffix one of SUFFIXES. Returns the names of the files. Raises DiskFull; then every file is
    either the old or the new one, whole.
    """
    episode_id, dash, _ = name.partition("-")
    if not (dash and episode_id.isdecimal()) or "/" in name or "\0" in name or not set(contents) <= set(SUFFIXES):
        raise ValueError(f"not a name that file_name() made, or a suffix that is not written: {name!r}, {sorted(contents)}")
    names = tuple(f"{name}.{suffix}" for suffix in contents)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in zip(names, contents.values(), strict=True):
            _replace(folder / file, text)
        for path in list(_belonging(folder, int(episode_id))):
            if path.name not in names:
                path.unlink(missing_ok=True)
        _sync_folder(folder)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise DiskFull(
            f"The disk of {folder} is full. The earlier files are kept; make room, and it is written automatically."
        ) from error
    return names


def remove(folder: Path, episode_id: int) -> None:
    """Remove every exported file of the episode, and the temporary files of an interrupted write."""
    remove_all(folder, {episode_id})


def remove_all(folder: Path, episode_ids: Container[int]) -> None:
    """Do the same for many episodes, with one look at the folder."""
    pattern = re.compile(rf"(\d+)-.*\.({'|'.join(SUFFIXES)})|\.(\d+)-.*\.({'|'.join(SUFFIXES)})\.tmp", re.DOTALL)
    for path in list(folder.glob("*")):
        found = pattern.fullmatch(path.name)
        if found and int(found[1] or found[3]) in episode_ids and (path.is_file() or path.is_symlink()):
            path.unlink(missing_ok=True)


def sweep(folder: Path) -> int:
    """Remove the temporary files of crashed writes, of all episodes; return their number. Call it while nothing writes."""
    pattern = re.compile(rf"\.\d+-.*\.({'|'.join(SUFFIXES)})\.tmp", re.DOTALL)
    stale = [path for path in folder.glob(".*.tmp") if pattern.fullmatch(path.name) and path.is_file()]
    for path in stale:
        path.unlink(missing_ok=True)
    return len(stale)


def _belonging(folder: Path, episode_id: int) -> Iterator[Path]:
    endings = "|".join(SUFFIXES)
    pattern = re.compile(rf"{episode_id}-.*\.({endings})|\.{episode_id}-.*\.({endings})\.tmp", re.DOTALL)
    return (p for p in folder.glob("*") if pattern.fullmatch(p.name) and (p.is_file() or p.is_symlink()))


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with temporary.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    """Make the renames themselves last through a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
