"""The queue's page: its views, and what is done to all of it or to one episode."""

from __future__ import annotations

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.services.jobs.queue import VIEWS
from core.store.db.sqlite import Database
from core.store.jobs import jobs
from core.store.library import episodes
from pages.text import texts
from tests.pages.conftest import given, open_page

PAGE = "queue/page.py"


def fill(castmind: CastMind, count: int) -> list[int]:
    """Return episodes with all their jobs in the queue, the first of it first."""

    def add(db: Database) -> list[int]:
        ids = [episodes.add(db, {"title": f"Talk {n}", "source": "upload"}, now=1000.0 + n) for n in range(count)]
        for n, number in enumerate(ids):
            jobs.enqueue(db, number, priority=0, now=1000.0 + n)
        return ids

    return castmind._store.write(add)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_empty_view_says_so_and_offers_nothing(resting: CastMind, language: str) -> None:
    resting.settings.save(OWNER, "language", language)
    page = open_page(PAGE)
    for view in VIEWS:
        page.segmented_control(key="show").set_value(view).run()
        data = given(page, "castmind_queue")
        assert (data["cards"], data["empty"]) == ([], texts(language)[f"queue.empty.{view}"])
        assert data["queue"] == {"paused": False, "busy": 0, "queued": 0, "failed": 0}
    assert not page.button


def test_the_page_tells_what_can_be_done_to_the_whole_queue(resting: CastMind) -> None:
    ids = fill(resting, 4)
    resting._store.write(lambda db: db.execute("UPDATE jobs SET state = 'failed' WHERE episode_id = ?", [ids[0]]))
    resting.queue.pause(OWNER)
    data = given(open_page(PAGE), "castmind_queue")
    assert data["queue"] == {"paused": True, "busy": 3, "queued": 3, "failed": 1}
    assert data["empty"] == ""


def test_the_first_hundred_are_shown_and_more_on_request(resting: CastMind) -> None:
    fill(resting, 102)
    page = open_page(PAGE)
    assert len(given(page, "castmind_queue")["cards"]) == 100
    page.button(key="queue.more").click().run()
    assert len(given(page, "castmind_queue")["cards"]) == 102 and "queue.more" not in [button.key for button in page.button]
