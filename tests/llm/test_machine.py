from __future__ import annotations

from pathlib import Path

import pytest

from core.llm import machine

ROUTES = "Iface\tDestination\tGateway\tFlags\neth0\t00000000\t010011AC\t0003\n"


@pytest.mark.parametrize(
    ("address", "container", "where"),
    [
        ("http://127.0.0.1:11434", False, "here"),
        ("http://127.8.9.1:1", True, "here"),
        ("http://LOCALHOST.:11434", False, "here"),
        ("http://[::1]:11434", False, "here"),
        ("http://ollama:11434", True, "here"),
        ("http://ollama:11434", False, "elsewhere"),
        ("http://host.docker.internal:11434", True, "host"),
        ("http://172.17.0.1:11434", True, "host"),
        ("http://172.17.0.1:11434", False, "elsewhere"),
        ("http://192.168.1.5:11434", True, "elsewhere"),
        ("http://localhost.evil.example:11434", False, "elsewhere"),
        ("https://127.0.0.1.example.org", False, "elsewhere"),
    ],
)
def test_where_a_server_runs_is_told_by_its_address(tmp_path: Path, address: str, container: bool, where: str) -> None:
    routes = tmp_path / "route"
    routes.write_text(ROUTES)
    assert machine.place(address, container=container, routes=routes) == where


def test_free_memory_is_what_programs_can_take(tmp_path: Path) -> None:
    told = tmp_path / "meminfo"
    told.write_text("MemTotal:       16000000 kB\nMemFree:  100 kB\nMemAvailable:    6291456 kB\n")
    assert machine.free_memory(told) == 6 << 30
    told.write_text("MemTotal: 16000000 kB\n")
    assert machine.free_memory(told) is None
    assert machine.free_memory(tmp_path / "none") is None
    assert (machine.free_memory() or 0) > 0


def test_a_real_core_is_left_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(16)))
    told = tmp_path / "cpuinfo"
    rows = [f"processor\t: {n}\nphysical id\t: {n % 2}\nsiblings\t: 8\ncore id\t\t: {n // 4}\n\n" for n in range(16)]
    told.write_text("".join(rows))
    assert machine.spare_threads(told) == 7
    told.write_text("processor : 0\nmodel name : an ARM without cores\n")
    assert machine.spare_threads(told) == 15
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
    assert machine.spare_threads(told) == 1
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {3})
    assert machine.spare_threads(tmp_path / "none") == 1
