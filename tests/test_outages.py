"""Nothing is lost in a siege: kills, full disks, locked and wrong databases and restores at random, then the inventory.

CASTMIND_TEST_KILLS (20) and CASTMIND_TEST_OUTAGES (12) say how many rounds, CASTMIND_TEST_SEED which; the counts are printed
(`make test-long ARGS="tests/test_outages.py -s"`). Full disks need the right to mount a small file system.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.fakes.ollama import FakeOllama
from tests.fakes.podcast_host import PodcastHost
from tests.outages import Siege, settings, small_disk
from tests.running import RunningApp


def wanted(name: str, default: int) -> int:
    return int(os.environ.get(f"CASTMIND_TEST_{name}", default))


@pytest.mark.long
def test_a_siege_loses_nothing(tmp_path: Path) -> None:
    room = tmp_path / "room"
    room.mkdir()
    kills, outages = wanted("KILLS", 20), wanted("OUTAGES", 12)
    with small_disk(room, 1500) as small, FakeOllama() as ollama, PodcastHost() as host:
        if not small:
            print("No small file system can be mounted here: no disk is filled.")
        app = RunningApp(room / "data", **settings(ollama.url))
        app.log = tmp_path / "castmind.log"
        with app:
            counts = Siege(room, app, host, seed=wanted("SEED", 20261129), small=small).run(kills, outages)
    assert counts["kills"] >= kills
    assert counts["lost"] == 0
