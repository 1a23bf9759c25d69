"""The page of one show: its episodes alone, its options, and shows that are not there."""

from __future__ import annotations

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from core.store.library import episodes
from tests.pages.conftest import Open, given


@pytest.fixture
def show(castmind: CastMind) -> int:
    """A show of two episodes, beside an upload."""

    def fill(db: Database) -> int:
        number = feeds.add(db, {"url": "https://f/", "title": "Night *Flight*", "next_poll_at": 4e9}, now=1.0)
        for n in (1, 2):
            row = {"title": f"Talk {n}", "source": "feed", "feed_id": number, "guid": str(n), "published_at": float(n)}
            episodes.add(db, row, now=1.0)
        episodes.add(db, {"title": "Mine", "source": "upload"}, now=1.0)
        return number

    return castmind.library._store.write(fill)


def test_a_show_lists_its_own_episodes_and_changes_its_options(castmind: CastMind, opened: Open, show: int) -> None:
    page = opened("show/page.py", id=str(show))
    assert given(page, "castmind_show_head")["title"] == "Night *Flight*"
    assert [row["title"] for row in given(page, "castmind_episodes")["rows"]] == ["Talk 2", "Talk 1"]
    assert any("2 episodes" in caption.value for caption in page.caption)
    page.session_state[f"feed.unfolded.{show}"] = True
    page.run()
    page.text_input(key=f"feed.title.{show}").set_value("Day Flight")
    page.button(key=f"feed.save.{show}").click().run()
    assert castmind.subscriptions.get(OWNER, show).feed.title == "Day Flight"
    assert given(page, "castmind_show_head")["title"] == "Day Flight"


@pytest.mark.parametrize("asked", ["77", "x", ""])
def test_a_show_that_is_not_there_leads_to_the_podcasts(castmind: CastMind, opened: Open, asked: str) -> None:
    page = opened("show/page.py", id=asked)
    assert page.title[0].value == "Podcast not found"
    assert "castmind_show_head" not in [each.proto.component_name for each in page.get("bidi_component")]
