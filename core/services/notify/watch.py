"""States that no event tells of, looked at by the clock: the disk, and the health of the whole.

report of /health ─▶ disk ─▶ disk.low while it warns            unhealthy twice in a row ─▶ health.unhealthy
                                                                well twice in a row ─▶ health.recovered
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.domain.notify.kinds import BY_NAME
from core.services.notify.outbox import Outbox

DISK = "disk"
HEALTH = "health"
KINDS = tuple(BY_NAME[name] for name in ("disk.low", "health.unhealthy", "health.recovered"))
# Looks in a row that have to agree: one look may fall into a restart or a moment under load.
AGREE = 2


class StateWatch:
    """A `step` looks once. `report` gives the body of GET /health."""

    def __init__(self, outbox: Outbox, report: Callable[[], Mapping[str, Any]]) -> None:
        self._outbox = outbox
        self._report = report
        self._in_a_row = 0
        self._last: bool | None = None

    def step(self) -> None:
        if not self._outbox.wanted(*KINDS):
            return
        report = self._report()
        self._look_at_disk(report["checks"].get("disk", {}))
        self._look_at_health(report)

    def _look_at_disk(self, check: Mapping[str, Any]) -> None:
        if check.get("status") in ("warn", "fail") and str(check.get("code", "")).startswith("low"):
            self._outbox.tell(BY_NAME["disk.low"], DISK, dict(check.get("params", {})))
        elif check.get("status") == "pass":
            self._outbox.over(BY_NAME["disk.low"], DISK)

    def _look_at_health(self, report: Mapping[str, Any]) -> None:
        ill = report["status"] == "unhealthy"
        self._in_a_row = self._in_a_row + 1 if ill == self._last else 1
        self._last = ill
        if self._in_a_row < AGREE:
            return
        if ill:
            failing = [name for name, check in report["checks"].items() if check["status"] == "fail"]
            self._outbox.tell(BY_NAME["health.unhealthy"], HEALTH, {"checks": failing})
        else:
            self._outbox.over(BY_NAME["health.unhealthy"], HEALTH, BY_NAME["health.recovered"])
