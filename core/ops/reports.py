"""A report that a user can read, keep and send: JSON and Markdown under data/reports, without private data.

facts ─► {kind, created, version, facts, runs} ─┬► <kind>-<time>.json
                                                └► <kind>-<time>.md   the same as a list and a table
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Report:
    """`facts` describe the setup; each of `runs` is one measurement, with `error` set if it failed.

    `evidence` (by run name) is the output of the run: in the JSON only.
    """

    kind: str
    facts: Mapping[str, Any]
    runs: Sequence[Mapping[str, Any]]
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        return bool(self.runs) and not any(run.get("error") for run in self.runs)

    def markdown(self) -> str:
        """Return a list of the facts, and a table of the runs if there are any."""
        facts = "\n".join(f"- {name}: {_cell(value)}" for name, value in self.facts.items())
        head = f"# CastMind doctor: {self.kind}\n\n{facts}\n"
        if not self.runs:
            return head
        columns = list(dict.fromkeys(key for run in self.runs for key in run))
        table = [columns, ["---"] * len(columns), *([_cell(run.get(c)) for c in columns] for run in self.runs)]
        rows = "\n".join(f"| {' | '.join(row)} |" for row in table)
        return f"{head}\n{rows}\n"

    def keep(self, folder: Path) -> Path:
        """Write both files; return the Markdown one."""
        folder.mkdir(parents=True, exist_ok=True)
        now = datetime.now(UTC)
        path = folder / f"{self.kind}-{now:%Y%m%d-%H%M%S}.md"
        body = {"kind": self.kind, "created": now.isoformat(timespec="seconds"), "facts": dict(self.facts), "runs": self.runs}
        text = json.dumps(body | {"evidence": dict(self.evidence)}, ensure_ascii=False, indent=1)
        path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
        path.write_text(self.markdown(), encoding="utf-8")
        return path


def _cell(value: Any) -> str:
    text = "" if value is None else f"{value:.3g}" if isinstance(value, float) else str(value)
    return " ".join(text.replace("|", "\\|").split())
