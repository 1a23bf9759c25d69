from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Rows = Callable[..., list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def quiet_afterwards() -> Iterator[None]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    root.setLevel(logging.INFO)
    yield
    for handler in [h for h in root.handlers if h not in before]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


@pytest.fixture
def rows(tmp_path: Path) -> Rows:
    """The lines of a file in tmp_path/logs."""

    def read(kind: str = "application") -> list[dict[str, Any]]:
        text = (tmp_path / "logs" / f"{kind}.log").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.split("\n")[:-1]]

    return read
