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
    opened(q="talk", state="done", tag=str(tag), unread="1", sort="longest", language="xx")
    assert seen[-1].wanted == Filter(state="done", tag=tag, unread=True, text="talk")  # type: ignore[arg-type]
    assert seen[-1].sort is Sort.LONGEST
    assert list(seen[-1].holding or ()) == ["q", "tag", "state", "unread"]
    opened(starred="1", started="1", inbox="1", unread="no", sort="unknown", feed="99")
    assert seen[-1].wanted == Filter(starred=True, started=True, inbox=True)
    assert seen[-1].sort is Sort.NEWEST


def test_the_way_out_of_the_trash_leads_to_all(seven: list[int], opened: Open) -> None:
    page = opened(trash="1")
    page.button(key="library.from_trash").click().run()
    assert "trash" not in page.query_params


def test_an_empty_result_says_how_to_get_out_of_it(seven: list[int], opened: Open) -> None:
    page = opened(starred="1")
    assert page.info
    assert any("star" in line.value for line in page.markdown)
