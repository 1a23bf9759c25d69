from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.speech.client import SpeechClient
from core.store.db import Store
from tests.pipeline.house import House
from tests.pipeline.rig import Rig
from tests.sources.conftest import host
from tests.store.conftest import plans_of_statements, store

__all__ = ["host", "plans_of_statements", "store"]


@pytest.fixture
def rig(store: Store, tmp_path: Path) -> Iterator[Rig]:
    made = Rig(store, tmp_path)
    yield made
    made.fetcher.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="session")
def speech() -> Iterator[SpeechClient]:
    """One worker, warm from the first test on; nothing runs until something is asked of it."""
    client = SpeechClient()
    yield client
    client.stop()
