"""The words of the demo samples, and how many of them a transcript has wrong: the demo's own scoring."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from typing import Any

DEMO = Path(__file__).resolve().parent.parent / "demo"


@cache
def grammar() -> Any:
    """demo/grammar.py, which is a script and not part of a package."""
    spec = importlib.util.spec_from_file_location("demo_grammar", DEMO / "grammar.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)

    sys.modules["demo_grammar"] = module  # its dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


def error_rate(reference: str, heard: str) -> tuple[int, int]:
    """(words or Chinese characters wrong, how many there are)."""
    wrong, total = grammar().error_rate(reference, heard)
    return int(wrong), int(total)


def words_of(sample: Path) -> str:
    lines = sample.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    return " ".join(line.split("\t")[2] for line in lines if line)
