"""The data of the navigation: its places in the reader's language, and the queue's numbers."""

from __future__ import annotations

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.store.db.sqlite import Database
from core.store.jobs import jobs
from core.store.library import episodes
from tests.pages.conftest import given, open_page


def shown(page: str = "library/page.py", **query: str) -> dict[str, object]:
    found: dict[str, object] = given(open_page(page, **query), "castmind_navigation")
    return found


def test_places_are_named_in_the_readers_language(castmind: CastMind) -> None:
    castmind.settings.save(OWNER, "language", "zh")
    data = shown("queue/page.py")
    assert data["page"] == "queue" and data["language"] == "zh-CN"
    assert data["places"][1] == {"name": "feeds", "title": "播客", "href": "/feeds"}  # type: ignore[index]
    assert data["foot"][0] == {"name": "settings", "title": "设置", "href": "/settings"}  # type: ignore[index]
    assert data["crumbs"] == []


def test_episodes_under_way_and_failed_ones_are_counted(resting: CastMind) -> None:
    def fill(db: Database) -> None:
        for n in range(4):
            episode_id = episodes.add(db, {"title": f"Talk {n}", "source": "upload"}, now=1.0)
            jobs.enqueue(db, episode_id, priority=0, now=1.0)
        db.execute("UPDATE jobs SET state = 'failed' WHERE episode_id = 1 AND stage = 'fetch'")  # type: ignore[attr-defined]

    resting.library._store.write(fill)
    assert resting.queue.episodes_at_work(OWNER) == {"busy": 3, "failed": 1}
