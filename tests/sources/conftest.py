from collections.abc import Iterator

import pytest

from core.net.web import Fetcher
from tests.fakes.podcast_host import PodcastHost


@pytest.fixture
def host() -> Iterator[PodcastHost]:
    with PodcastHost() as running:
        yield running


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    """One that may call this computer, where the fake host lives."""
    made = Fetcher(lambda: ("127.0.0.1",))
    yield made
    made.close()
