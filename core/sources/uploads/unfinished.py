"""Find a folder's unfinished uploads from its file names alone.

    names ─▶ a part with its note? ─▶ unfinished        metadata of a note ─▶ read once, because it never changes

A folder of a thousand uploads is listed at each new one: known notes are not opened again, and only a check of age calls stat.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from core.files.partial_files import PART

NOTE = f"{PART}.json"


class Unfinished:
    """The unfinished uploads of a folder. `words_of` reads the metadata of one from its note.

    It raises FileNotFoundError or ValueError if the note is missing or unreadable.
    """

    def __init__(self, folder: Path, words_of: Callable[[str], Mapping[str, str]]) -> None:
        self._folder = folder
        self._words_of = words_of
        self._prints: dict[str, str] = {}

    def ids(self) -> set[str]:
        """Return the ids of unfinished uploads."""
        names = self._names()
        return {name.removesuffix(PART) for name in names if name.endswith(PART) and f"{name}.json" in names}

    def noted(self) -> set[str]:
        """Return the ids of all uploads with a note: the unfinished ones, and finished ones, whose notes stay for a while."""
        return {name.removesuffix(NOTE) for name in self._names() if name.endswith(NOTE)}

    def called(self, fingerprint: str) -> list[str]:
        """Return the unfinished uploads with this fingerprint, by which their sender recognises them."""
        waiting = self.ids()
        self._prints = {each: print_ for each, print_ in self._prints.items() if each in waiting}
        return [each for each in waiting if self._print_of(each) == fingerprint]

    def remember(self, upload_id: str, words: Mapping[str, str]) -> None:
        self._prints[upload_id] = words.get("fingerprint", "")

    def untouched(self, before: float) -> Iterator[str]:
        """Yield the ids of `noted` whose files have not changed since `before`, in Unix seconds."""
        for each in self.noted():
            if self._touched(each) < before:
                yield each

    def _touched(self, upload_id: str) -> float:
        found = [path.stat().st_mtime for path in (self._folder / f"{upload_id}{end}" for end in (PART, NOTE)) if path.exists()]
        return max(found, default=0.0)

    def _print_of(self, upload_id: str) -> str:
        if upload_id not in self._prints:
            try:
                self.remember(upload_id, self._words_of(upload_id))
            except (FileNotFoundError, ValueError):
                return ""  # it was deleted after the listing, or its note is unreadable
        return self._prints[upload_id]

    def _names(self) -> set[str]:
        try:
            with os.scandir(self._folder) as entries:
                return {entry.name for entry in entries}
        except FileNotFoundError:
            return set()
