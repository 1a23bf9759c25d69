"""The queue's page: its views, and what is done to all of it or to one episode."""

from __future__ import annotations

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import State
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


def queued(castmind: CastMind) -> list[int]:
    return [item.episode.id for item in castmind.queue.work(OWNER, "open")]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_empty_view_says_so_and_offers_nothing(resting: CastMind, language: str) -> None:
    resting.settings.save(OWNER, "language", language)
    page = open_page(PAGE)
    for view in VIEWS:
        page.segmented_control(key="show").set_value(view).run()
        assert [info.value for info in page.info] == [texts(language)[f"queue.empty.{view}"]]
    assert not page.button


def test_a_paused_queue_says_so_until_it_goes_on(resting: CastMind) -> None:
    fill(resting, 1)
    page = open_page(PAGE)
    page.button(key="queue.pause").click().run()
    assert resting.queue.paused(OWNER) and [each.value for each in page.warning] == [texts("en")["queue.paused"]]
    page.button(key="queue.resume").click().run()
    assert not resting.queue.paused(OWNER) and not page.warning and page.button(key="queue.pause")


def test_a_cancel_of_all_is_undone_with_one_button(resting: CastMind) -> None:
    ids = fill(resting, 3)
    page = open_page(PAGE)
    page.button(key="queue.cancel_all").click().run()
    assert resting.queue.episode_counts(OWNER) == {State.CANCELLED: 3} and page.info
    undo = page.button(key="queue.undo")
    assert undo.label == "Undo cancelling (3)"
    undo.click().run()
    assert sorted(queued(resting)) == ids and "queue.undo" not in [button.key for button in page.button]


def test_all_that_failed_is_tried_again(resting: CastMind) -> None:
    ids = fill(resting, 3)
    resting._store.write(lambda db: db.execute("UPDATE jobs SET state = 'failed' WHERE episode_id < ?", [ids[2]]))
    page = open_page(PAGE, show="failed")
    assert len(given(page, "castmind_queue")["cards"]) == 2
    button = page.button(key="queue.retry_all")
    assert button.label == "Retry all failed (2)"
    button.click().run()
    assert resting.queue.episode_counts(OWNER) == {State.QUEUED: 3}
    assert [info.value for info in page.info] == [texts("en")["queue.empty.failed"]]


def test_the_first_hundred_are_shown_and_more_on_request(resting: CastMind) -> None:
    fill(resting, 102)
    page = open_page(PAGE)
    assert len(given(page, "castmind_queue")["cards"]) == 100
    page.button(key="queue.more").click().run()
    assert len(given(page, "castmind_queue")["cards"]) == 102 and "queue.more" not in [button.key for button in page.button]
