"""Every page opens, in both languages, over an empty library and over one with an episode in it."""

from __future__ import annotations

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import OPEN
from pages.text import texts
from tests.pages.conftest import Open, given
from tests.running import wait_for

PAGES = ["library", "search", "highlights", "queue", "feeds", "settings", "status"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_opens(castmind: CastMind, opened: Open, language: str) -> None:
    castmind.settings.save(OWNER, "language", language)
    for page in PAGES:
        assert opened(f"{page}/page.py").title[0].value == texts(language)[f"nav.{page}"]


@pytest.mark.long
def test_the_empty_library_offers_the_sample_which_then_is_listed(castmind: CastMind, opened: Open) -> None:
    page = opened()
    page.button(key="library.sample").click().run()
    assert castmind.library.count(OWNER) == 1
    wait_for(lambda: not castmind.queue.jobs(OWNER, OPEN))
    page.run()
    assert not page.exception
    assert "library.sample" not in [b.key for b in page.button]
    for name in PAGES:
        opened(f"{name}/page.py")
    opened("queue/page.py", show="done")


def test_a_link_chooses_what_the_library_shows(castmind: CastMind, opened: Open) -> None:
    castmind.ingest.add_sample(OWNER)
    page = opened(state="failed", q="nothing of that name", feed="99")
    chips = {chip["name"]: chip["value"] for chip in given(page, "castmind_filter_chips")["chips"]}
    assert (chips["state"], chips["feed"]) == ("failed", "")
    assert given(page, "castmind_filter_field")["words"] == "nothing of that name"
    assert page.info
    page.query_params.pop("state")
    page.query_params["q"] = "sample"
    page.run()
    assert dict(page.query_params) == {"q": "sample", "feed": "99"}
    assert not page.info
