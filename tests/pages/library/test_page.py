"""The library page: what its list can do with the filters that are set."""

from __future__ import annotations

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from tests.pages.conftest import Open, given


@pytest.mark.parametrize("state", ["failed", "queued"])
def test_a_list_of_failed_episodes_offers_to_try_all_of_them_again(
    castmind: CastMind, seven: list[int], opened: Open, state: str
) -> None:
    castmind.queue.pause(OWNER)
    castmind.bulk_actions.transcribe(OWNER, seven)
    castmind.library._store.write(lambda db: db.execute("UPDATE jobs SET state = 'failed' WHERE episode_id < 5"))
    data = given(opened(state=state), "castmind_episodes")
    assert (data["failed"], data["count"], data["filter"]["state"]) == (
        state == "failed",
        {"failed": 4, "queued": 3}[state],
        state,
    )
    assert data["text"]["retry_failed"] == "Retry all failed ({n})"
