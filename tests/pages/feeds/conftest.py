"""A host of podcasts, and whether the work on feeds has ended."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from tests.fakes.podcast_host import PodcastHost
from tests.pages.conftest import given


@pytest.fixture
def host() -> Iterator[PodcastHost]:
    with PodcastHost() as running:
        yield running


def idle(castmind: CastMind) -> bool:
    return all(task.finished for task in castmind.tasks.listing(OWNER, "import", "refresh"))


def titles(page: AppTest) -> list[str]:
    """Return the titles of the podcasts in the grid."""
    return [tile["title"] for folder in given(page, "castmind_feed_grid")["folders"] for tile in folder["tiles"]]
