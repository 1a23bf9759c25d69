from __future__ import annotations

from typing import Any

from core.services.notify.watch import StateWatch
from tests.services.notify.conftest import NotifyRig


def report(status: str = "healthy", disk: str = "pass", code: str = "enough", **failing: str) -> dict[str, Any]:
    checks = {"disk": {"status": disk, "code": code, "params": {"free_gb": "0.5", "least_gb": "1"}}}
    return {"status": status, "checks": checks | {name: {"status": each, "code": "x"} for name, each in failing.items()}}


def watched(rig: NotifyRig, *reports: dict[str, Any]) -> list[tuple[str, Any]]:
    """The messages after looks with these reports, an hour apart."""
    waiting = iter(reports)
    watch = StateWatch(rig.outbox, lambda: next(waiting))
    for _ in reports:
        watch.step()
        rig.step(3600.0)
    return [(message.kind, message.items[0]) for _, message in rig.dispatch.sent]


def test_a_disk_that_is_low_is_told_once_until_it_has_room(rig: NotifyRig) -> None:
    rig.channel("A", "disk.low")
    low = report("degraded", "warn", "low")
    assert watched(rig, report(), low, low, low) == [("disk.low", {"free_gb": "0.5", "least_gb": "1"})]
    assert len(watched(rig, report(), low)) == 2


def test_illness_and_recovery_are_told_when_two_looks_agree(rig: NotifyRig) -> None:
    rig.channel("A", "health.unhealthy", "health.recovered")
    ill, well = report("unhealthy", database="fail", speech="warn"), report("degraded", speech="warn")
    assert watched(rig, well, ill, well, ill, ill, ill, well, ill, well, well) == [
        ("health.unhealthy", {"checks": ["database"]}),
        ("health.recovered", {}),
    ]


def test_nothing_is_looked_at_for_nobody(rig: NotifyRig) -> None:
    rig.channel("A", "notes.ready")

    def fail() -> dict[str, Any]:
        raise AssertionError("looked")

    StateWatch(rig.outbox, fail).step()
