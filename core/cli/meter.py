"""Progress on stderr: a line that is redrawn on a terminal; elsewhere a new line for each step reached."""

from __future__ import annotations

import sys
from typing import Self


class ProgressLine:
    """A progress line, ended when the `with` block is left."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._step: object = None

    def say(self, live: str, plain: str, *, step: object = None) -> None:
        """Show `live` on a terminal; elsewhere print `plain`, once per `step` (default: the text itself)."""
        step = plain if step is None else step
        if self._live:
            print(f"\r\x1b[K{live}", end="", file=sys.stderr, flush=True)
        elif step != self._step:
            print(plain, file=sys.stderr, flush=True)
        self._step = step

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._live and self._step is not None:
            print(file=sys.stderr)


class Meter(ProgressLine):
    """A counter of items; `what` is their plural noun, and a step is a tenth of the total."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self._what = what

    def show(self, done: int, total: int) -> None:
        text = f"{done} of {total} {self._what}"
        self.say(text, text, step=10 * done // max(total, 1))
