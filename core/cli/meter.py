"""Progress on stderr: one line that changes on a terminal, else a line every tenth of the way."""

from __future__ import annotations

import sys
from typing import Self


class Meter:
    """`what`: the noun of what is counted."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._live = sys.stderr.isatty()
        self._tenth = -1

    def show(self, done: int, total: int) -> None:
        tenth = 10 * done // max(total, 1)
        if self._live:
            print(f"\r\x1b[K{done} of {total} {self._what}", end="", file=sys.stderr, flush=True)
        elif tenth != self._tenth:
            print(f"{done} of {total} {self._what}", file=sys.stderr, flush=True)
        self._tenth = tenth

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._live and self._tenth >= 0:
            print(file=sys.stderr)
