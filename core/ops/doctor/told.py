"""Findings in words: for a terminal, as JSON, and their exit status.

0  nothing to do      1  warnings: it works, something is missing      2  faults: something does not work
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from core.ops import sentences
from core.ops.doctor.examinations import GROUP_OF, GROUPS
from core.ops.doctor.finding import Finding
from core.ops.health import Status

EXIT_STATUS: dict[Status, int] = {"pass": 0, "warn": 1, "fail": 2}
MARKS: dict[Status, str] = {"pass": "✓", "warn": "!", "fail": "✗"}
COLOURS: dict[Status, str] = {"pass": "\x1b[32m", "warn": "\x1b[33m", "fail": "\x1b[31m"}
_BOLD, _FAINT, _END = "\x1b[1m", "\x1b[2m", "\x1b[0m"


def exit_status(findings: Sequence[Finding]) -> int:
    return max((EXIT_STATUS[each.status] for each in findings), default=0)


def said(finding: Finding, language: str) -> str:
    """Return what was found."""
    return sentences.sentence(finding.key, finding.params, language)


def remedy(finding: Finding, language: str) -> str:
    """Return what to do; "" for a pass, and where the sentence itself says it."""
    key = f"{finding.key}.remedy"
    if finding.status == "pass" or not sentences.has(key):
        return ""
    return sentences.sentence(key, finding.params, language)


def as_json(findings: Sequence[Finding], language: str) -> list[dict[str, Any]]:
    """Return the findings with their sentences in one language."""
    return [
        finding.to_dict()
        | {"group": GROUP_OF.get(finding.examination, ""), "said": said(finding, language), "remedy": remedy(finding, language)}
        for finding in findings
    ]


def lines(findings: Sequence[Finding], language: str, *, colours: bool) -> Iterator[str]:
    """Yield the lines for a terminal, grouped, with a summary at the end."""
    fixable = sentences.sentence("doctor.fixable", {}, language)
    for group in GROUPS:
        rows = [each for each in findings if GROUP_OF.get(each.examination) == group]
        if not rows:
            continue
        yield _painted(sentences.sentence(f"doctor.group.{group}", {}, language), _BOLD, colours=colours)
        for row in rows:
            yield f"  {_painted(MARKS[row.status], COLOURS[row.status], colours=colours)} {said(row, language)}"
            if what_to_do := remedy(row, language):
                yield f"    → {what_to_do}"
            if row.fix:
                yield _painted(f"    → {fixable}", _FAINT, colours=colours)
        yield ""
    yield summary(findings, language)


def summary(findings: Sequence[Finding], language: str) -> str:
    count = {status: sum(each.status == status for each in findings) for status in EXIT_STATUS}
    key = "doctor.summary" if count["warn"] or count["fail"] else "doctor.summary.fine"
    return sentences.sentence(key, {"warnings": count["warn"], "faults": count["fail"], "passed": count["pass"]}, language)


def _painted(text: str, colour: str, *, colours: bool) -> str:
    return f"{colour}{text}{_END}" if colours else text
