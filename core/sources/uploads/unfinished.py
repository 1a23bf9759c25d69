"""Which uploads of a folder wait for the rest of their file, told by the folder's names alone.

    names ─▶ a part with its note? ─▶ waits        words of a note ─▶ read once, for they never change

A folder of a thousand is asked at each new upload: nothing is opened for what is known, and a file is looked at only where its
age decides.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from core.files.partial_files import PART

NOTE = f"{PART}.json"


class Unfinished:
    """`words_of` reads the words of one from its note; it raises FileNotFoundError or ValueError where there are none."""

    def __init__(self, folder: Path, words_of: Callable[[str], Mapping[str, str]]) -> None:
        self._folder = folder
        self._words_of = words_of
        self._prints: dict[str, str] = {}

    def ids(self) -> set[str]:
        """Of those that wait."""
        names = self._names()
        return {name.removesuffix(PART) for name in names if name.endswith(PART) and f"{name}.json" in names}

    def noted(self) -> set[str]:
        """Of these and of those that are settled, whose notes stay for a while."""
        return {name.removesuffix(NOTE) for name in self._names() if name.endswith(NOTE)}

    def called(self, fingerprint: str) -> list[str]:
        """Those whose sender knows them by it."""
        waiting = self.ids()
        self._prints = {each: print_ for each, print_ in self._prints.items() if each in waiting}
        return [each for each in waiting if self._print_of(each) == fingerprint]

    def remember(self, upload_id: str, words: Mapping[str, str]) -> None:
        self._prints[upload_id] = words.get("fingerprint", "")

    def untouched(self, before: float) -> Iterator[str]:
        """Those of `noted` of which nothing changed since `before`, in Unix seconds."""
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
                return ""  # it went between the listing and the look, or never had a note that can be read
        return self._prints[upload_id]

    def _names(self) -> set[str]:
        try:
            with os.scandir(self._folder) as entries:
                return {entry.name for entry in entries}
        except FileNotFoundError:
            return set()
