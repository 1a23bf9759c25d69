from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.sources.web import Fetcher
from core.store.db import Store
from tests.fakes.podcast_host import PodcastHost
from tests.pipeline.rig import Rig

OUTSIDE = "pods.example"


@pytest.fixture
def host() -> Iterator[PodcastHost]:
    with PodcastHost() as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "castmind.db")
    made.open()
    yield made
    made.close()


@pytest.fixture
def rig(store: Store, tmp_path: Path) -> Iterator[Rig]:
    made = Rig(store, tmp_path)
    yield made
    made.fetcher.close()


@pytest.fixture
def outside(host: PodcastHost) -> Iterator[Fetcher]:
    """One to whom the fake host is pods.example, the only one on this computer that it may call."""
    from core.sources.addresses import resolve

    made = Fetcher(lambda: (OUTSIDE,), resolve=lambda name, port: ["127.0.0.1"] if name == OUTSIDE else resolve(name, port))
    yield made
    made.close()
