"""A host of podcasts, and whether the work on feeds has ended."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from tests.fakes.podcast_host import PodcastHost


@pytest.fixture
def host() -> Iterator[PodcastHost]:
    with PodcastHost() as running:
        yield running


def idle(castmind: CastMind) -> bool:
    return all(task.finished for task in castmind.tasks.listing(OWNER, "import", "refresh"))
