"""The head of an episode's page: the contents of its component, and the dialogs that its menu asks for."""

from __future__ import annotations

import pytest
import streamlit as st

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from pages.episode import episode_head
from tests.pages.conftest import given, open_page

PAGE = "episode/page.py"


def test_the_head_says_what_the_reader_needs(castmind: CastMind, talks: list[int]) -> None:
    castmind.bulk_actions.star(OWNER, talks[:1])
    castmind.bulk_actions.tag(OWNER, talks[:1], "work")
    castmind.bulk_actions.create_tag(OWNER, "rest")
    given_head = given(open_page(PAGE, id=str(talks[0])), "castmind_episode_head")
    row = given_head["row"]
    assert (row["show"], row["starred"], row["unread"], row["tags"]) == ({"name": "F", "href": "/?feed=1"}, True, True, ["work"])
    assert (row["initial"], row["cover"], row["deleted"], given_head["known"]) == ("F", None, False, ["rest", "work"])


@pytest.mark.parametrize("asked", [None, [], ["purge", 1], [1], "again"])
def test_only_a_dialog_of_the_menu_can_be_asked_for(monkeypatch: pytest.MonkeyPatch, asked: object) -> None:
    session: dict[str, object] = {episode_head.KEY: {"asked": asked}}
    monkeypatch.setattr(st, "session_state", session)
    episode_head._asked(7)
    assert "dialogs.asked" not in session
    session[episode_head.KEY] = {"asked": ["again", 1.0]}
    episode_head._asked(7)
    assert session["dialogs.asked"][0] == "again.7"  # type: ignore[index]
