"""Debian's real promtool; tests that need it are skipped, with a message, where it is not installed."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.running import PROJECT

MONITORING = PROJECT / "deploy" / "monitoring"
RULES = sorted((MONITORING / "rules").glob("*.yml"))

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (Debian: apt install prometheus)"
)


def promtool(*arguments: str) -> str:
    """Return what it says. Fails the test if it refuses."""
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_rules(folder: Path, case: dict[str, Any]) -> str:
    """Run a unit test of the rules. JSON is YAML too."""
    file = folder / "cases.yml"
    body = {"rule_files": [str(path) for path in RULES], "evaluation_interval": case["interval"], "tests": [case]}
    file.write_text(json.dumps(body), encoding="utf-8")
    return promtool("test", "rules", str(file))


test_rules.__test__ = False  # type: ignore[attr-defined]
