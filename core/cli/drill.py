"""`drill`: restore the replica of the database into a temporary folder, time it, and compare it with the library.

Nothing of CastMind's is changed, and a server may run. Exit status 0: whole, and less than a minute old.
"""

from __future__ import annotations

import argparse
import tempfile
from functools import partial
from pathlib import Path

from core import settings
from core.ops.replica import drill
from core.ops.replica.drill import DrillResult


def run(options: argparse.Namespace) -> int:
    database = settings.load().values.data / "castmind.db"
    if options.restored:
        result = drill.drill(database, options.restored, None)
    else:
        with tempfile.TemporaryDirectory(prefix="castmind-drill-") as folder:
            copy = Path(folder) / database.name
            result = drill.drill(database, copy, partial(drill.restore, options.replica, copy))
    for line in lines(result):
        print(line)
    return 0 if result.passed else 1


def lines(result: DrillResult) -> list[str]:
    """Return the report."""
    if result.fault:
        return [
            f"The copy is damaged: {result.fault}",
            "It cannot be used. Look into Litestream's log, and keep the nightly backups.",
        ]
    said = ["table                  library    copy"]
    rows = {} if result.library is None else result.library.rows
    for table in sorted(rows.keys() | result.copy.rows.keys()):
        here, there = rows.get(table), result.copy.rows.get(table, 0)
        if here or there:
            said.append(
                f"{table:<22} {'-' if here is None else here:>7} {there:>7}{'' if here in (None, there) else '  differs'}"
            )
    said.append("The copy is whole: pages and references were checked.")
    said.append(_rpo(result.rpo))
    if result.rto is None:
        said.append(f"RTO: the check took {result.checking:.1f} s; the restore was not timed here.")
    else:
        said.append(f"RTO: {result.rto:.1f} s ({result.restoring:.1f} s to restore, {result.checking:.1f} s to check)")
    return said


def _rpo(seconds: float | None) -> str:
    if seconds is None:
        return "RPO: not known, because the library could not be read."
    return f"RPO: {seconds:.1f} s (the last change that the copy has is older by this than the library's last one)"
