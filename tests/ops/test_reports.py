"""Reports, as they are kept."""

from __future__ import annotations

import json
from pathlib import Path

from core.ops.reports import Report


def test_a_table_cell_cannot_break_the_table() -> None:
    report = Report("x", {"a": "b\nc"}, [{"e": "1 | 2\n3", "n": None}])
    assert "| 1 \\| 2 3 |  |" in report.markdown() and "- a: b c" in report.markdown()


def test_both_files_say_the_same_and_the_evidence_is_in_one(tmp_path: Path) -> None:
    report = Report("speech", {"model": "demo"}, [{"name": "a", "factor": 0.12345}], {"a": "every word"})
    path = report.keep(tmp_path / "reports")
    assert path.name.startswith("speech-") and "| a | 0.123 |" in path.read_text(encoding="utf-8")
    kept = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert (kept["facts"], kept["runs"][0]["factor"], kept["evidence"]) == ({"model": "demo"}, 0.12345, {"a": "every word"})
    assert "every word" not in path.read_text(encoding="utf-8")


def test_a_report_passes_with_runs_of_which_none_failed() -> None:
    assert Report("speech", {}, [{"name": "a"}]).passed
    assert not Report("speech", {}, []).passed
    assert not Report("speech", {}, [{"name": "a"}, {"name": "b", "error": "It broke."}]).passed
