"""The library page: its rows, its filters, and requests from the browser's list."""

from __future__ import annotations

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Filter
from core.domain.jobs.job import State
from tests.pages.conftest import Open


def test_all_that_failed_is_tried_again_with_one_button(castmind: CastMind, seven: list[int], opened: Open) -> None:
    castmind.queue.pause(OWNER)
    castmind.bulk_actions.transcribe(OWNER, seven)
    castmind.library._store.write(lambda db: db.execute("UPDATE jobs SET state = 'failed' WHERE episode_id < 5"))
    page = opened(state="failed")
    button = page.button(key="library.retry_failed")
    assert button.label == "Retry all failed (4)"
    button.click().run()
    assert castmind.library.count(OWNER, Filter(state=State.FAILED)) == 0
