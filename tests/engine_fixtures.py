"""A runner over a real store (`rig`), subscriptions (`house`), and one speech worker a folder of tests (`speech`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.speech.client.client import SpeechClient
from core.store.db.database import Store
from tests.runner_fixture import Rig
from tests.sources.conftest import host
from tests.store.conftest import plans_of_statements, store
from tests.subscriptions_fixture import House

__all__ = ["host", "house", "plans_of_statements", "rig", "speech", "store"]


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
