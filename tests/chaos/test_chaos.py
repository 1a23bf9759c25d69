"""Each fault in turn, under load: told, alerted, healed without a hand, and nothing is lost. The table is printed with `-s`.

Alerts are those of Debian's real Prometheus, where it is installed. Full disks need the right to mount a small file system.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.chaos.faults import Chaos, DistantHost, Endured, Subject
from tests.fakes.frail_line import FrailLine
from tests.fakes.ollama import FakeOllama
from tests.monitoring.real_monitoring import TOKEN, Monitoring, installed, needs_programs
from tests.outages import Siege, settings, small_disk
from tests.running import wait_for


def table(endured: list[Endured]) -> str:
    def said(seconds: float | None) -> str:
        return "-" if seconds is None else f"{seconds:.1f}"

    head = "| fault | /health tells (s) | alert fires (s) | well again (s) |\n| --- | --- | --- | --- |\n"
    return head + "\n".join(f"| {e.name} | {e.told:.1f} | {said(e.alerted)} | {e.recovered:.1f} |" for e in endured)


def run(folder: Path, *, seconds: int | None = None) -> list[Endured]:
    """`seconds`: see Monitoring."""
    room = folder / "room"
    room.mkdir()
    with ExitStack() as stack:
        small = stack.enter_context(small_disk(room, 1500))
        ollama = stack.enter_context(FakeOllama())
        line = stack.enter_context(FrailLine(int(ollama.url.rpartition(":")[2])))
        host = stack.enter_context(DistantHost())
        stack.enter_context(host.line)
        options = settings(line.url) | {"CASTMIND_MIN_FREE_GB": "0.1", "CASTMIND_METRICS_TOKEN": TOKEN}
        app = Subject(room / "data", folder / "orders", **options)
        app.log = folder / "castmind.log"
        stack.enter_context(app)
        monitoring = None
        if installed():
            monitoring = Monitoring(folder, app.port, seconds=seconds)
            stack.enter_context(monitoring.serving())
            wait_for(lambda: monitoring.asked("castmind_check_status"), patience=120.0)
        siege = Siege(room, app, host, seed=20261201, small=small)
        siege.subscribe()
        chaos = Chaos(siege, app, line, host, monitoring)
        endured = [chaos.endure(fault) for fault in chaos.faults()]
        siege.settle()
    print(table(endured))
    return endured


def test_each_fault_is_told_and_heals_and_nothing_is_lost(tmp_path: Path) -> None:
    """Prometheus looks often here, to save time; the rules are the true ones."""
    endured = run(tmp_path, seconds=3)
    assert len(endured) >= 8
    assert all((each.alerted is not None) == installed() for each in endured)


@needs_programs
@pytest.mark.long
def test_an_alert_fires_for_each_fault_at_the_true_intervals(tmp_path: Path) -> None:
    assert all(each.alerted is not None for each in run(tmp_path))
