from __future__ import annotations

from core.background.host_slots import HostSlots


def test_only_so_many_of_a_host_run_and_the_others_wait_in_line() -> None:
    turns: HostSlots[str] = HostSlots(2)
    assert [turns.add("a", task) for task in ("1", "2", "3", "4")] == ["1", "2", None, None]
    assert turns.add("b", "5") == "5", "another host does not wait"
    assert [turns.end("a") for _ in range(4)] == ["3", "4", None, None]
    assert turns.add("a", "6") == "6"


def test_nothing_is_kept_of_hosts_that_were_served() -> None:
    turns: HostSlots[int] = HostSlots(1)
    for number in range(100):
        turns.add(f"host {number}", number)
        turns.end(f"host {number}")
    assert not turns._running and not turns._lines
