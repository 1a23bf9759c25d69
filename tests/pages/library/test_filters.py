"""The library's filters, in the address."""

from __future__ import annotations

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.episodes.episode import Filter, Sort
from pages.library import episodes, filters
from tests.pages.conftest import Open


def test_every_filter_stands_in_the_address(
    castmind: CastMind, seven: list[int], opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = castmind.bulk_actions.create_tag(OWNER, "work").id
    seen: list[filters.LibraryChoice] = []
    monkeypatch.setattr(episodes, "listing", seen.append)
    page = opened(q="talk", state="done", tag=str(tag), unread="1", sort="longest", language="xx")
    assert seen[-1].wanted == Filter(state="done", tag=tag, unread=True, text="talk")  # type: ignore[arg-type]
    assert seen[-1].sort is Sort.LONGEST
    assert list(seen[-1].holding or ()) == ["q", "state", "tag", "unread"]
    page.button(key="library.drop.tag").click().run()
    page.toggle(key="library.unread").set_value(False).run()
    page.toggle(key="library.starred").set_value(True).run()
    assert seen[-1].wanted == Filter(state="done", starred=True, text="talk")  # type: ignore[arg-type]
    assert {"tag", "unread"}.isdisjoint(page.query_params) and page.query_params["starred"] == "1"


def test_an_empty_result_says_how_to_get_out_of_it(seven: list[int], opened: Open) -> None:
    page = opened(starred="1")
    assert page.info
    assert any("star" in line.value for line in page.markdown)
