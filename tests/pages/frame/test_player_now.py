"""The bar at the foot of every page: its words, and the episode whose own page hides it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from pages.frame import player_now
from pages.text import texts
from tests.pages.conftest import given


def drawn(path: str, asked: str) -> AppTest:
    def page(path: str) -> None:
        from pages.frame import player_now

        player_now.draw(path)

    test = AppTest.from_function(page, args=(path,))
    test.query_params["id"] = asked
    test.run()
    assert not test.exception
    return test


@pytest.mark.parametrize(
    ("path", "asked", "here"), [("episode", "7", 7), ("library", "7", None), ("episode", "-7", None), ("episode", "", None)]
)
def test_only_an_episodes_own_page_hides_the_bar(resting: CastMind, path: str, asked: str, here: int | None) -> None:
    assert given(drawn(path, asked), "castmind_now_playing")["here"] == here


def test_its_words_are_in_the_readers_language(resting: CastMind) -> None:
    resting.settings.save(OWNER, "language", "zh")
    words = given(drawn("library", ""), "castmind_now_playing")["text"]
    assert words == {name: texts("zh")[f"player.{name}"] for name in player_now.LABELS}
    assert words["sleep_minutes"] == "{n} 分钟"
