"""The `trends` table: the history of the status page, ever coarser and bounded. Queries about it belong here.

minutes of a day ─▶ hours of a month ─▶ days of two years
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.domain.trends import TrendPoint
from core.store.db.sqlite import Database

MINUTE, HOUR, DAY = 60, 3600, 86_400
# How long the rows of a step are kept, in seconds.
KEPT: Mapping[int, int] = {MINUTE: DAY, HOUR: 31 * DAY, DAY: 731 * DAY}


def add(db: Database, samples: Iterable[tuple[str, float, float]], *, now: float) -> None:
    """Add samples (series, Unix seconds, value) as minutes, make the coarser steps of them, and delete what is too old."""
    db.conn.executemany(
        "INSERT OR REPLACE INTO trends (series, step, at, value) VALUES (?, 60, ?, ?)",
        [(series, int(at) // MINUTE * MINUTE, value) for series, at, value in samples],
    )
    for finer, coarser in ((MINUTE, HOUR), (HOUR, DAY)):
        # The last two: the one under way, and one that may have ended since the last time.
        db.execute(
            "INSERT OR REPLACE INTO trends (series, step, at, value) "
            "SELECT series, :coarser, at / :coarser * :coarser, avg(value) FROM trends WHERE step = :finer AND at >= :since "
            "GROUP BY series, at / :coarser",
            {"coarser": coarser, "finer": finer, "since": int(now) // coarser * coarser - coarser},
        )
    for step, seconds in KEPT.items():
        # Later than now: the clock was set back.
        db.execute("DELETE FROM trends WHERE step = ? AND (at < ? OR at > ?)", [step, now - seconds, now + step])


def of(db: Database, series: str, step: int) -> list[TrendPoint]:
    """Return the history of a series, oldest first."""
    rows = db.execute("SELECT at, value FROM trends WHERE series = ? AND step = ? ORDER BY at", [series, step])
    return [TrendPoint(row[0], row[1]) for row in rows]
