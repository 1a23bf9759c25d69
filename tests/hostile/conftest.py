from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.net.addresses import resolve
from core.net.web import Fetcher
from tests.fakes.podcast_host import PodcastHost
from tests.pipeline.conftest import host, rig, store

__all__ = ["host", "rig", "store"]

OUTSIDE = "pods.example"


@pytest.fixture
def outside(host: PodcastHost) -> Iterator[Fetcher]:
    """One to whom the fake host is pods.example, the only one on this computer that it may call."""
    made = Fetcher(lambda: (OUTSIDE,), resolve=lambda name, port: ["127.0.0.1"] if name == OUTSIDE else resolve(name, port))
    yield made
    made.close()
