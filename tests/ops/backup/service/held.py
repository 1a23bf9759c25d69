"""A backup that waits before the bytes of its first file, until it is let go."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import IO

import pytest

from core.ops.backup.archive import Writer


class Held:
    """`reached` is set at the first file of the next backup, which then waits for `go_on`."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()
        blocks = Writer._blocks

        def held(it: Writer, file: IO[bytes]) -> Iterator[bytes]:
            self.reached.set()
            assert self.go_on.wait(60)
            return blocks(it, file)

        patch.setattr(Writer, "_blocks", held)
