"""Dialogs about a whole episode: what is chosen in them counts, and a cleared choice leaves it to the settings."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.store.text import transcripts
from pages.shared import downloads
from tests.pages.conftest import Open, given


def ask(page: AppTest, name: str, episode_id: int) -> None:
    """Open a dialog as the menu of the head does."""
    page.session_state["dialogs.asked"] = (f"{name}.{episode_id}", None, 1)
    page.run()
    assert not page.exception


def test_what_was_chosen_in_it_stays_and_counts(castmind: CastMind, opened: Open, two: list[int]) -> None:
    castmind.queue.pause(OWNER)
    made = Transcript("en", 1.0, (Segment(0, 0.0, 1.0, "hello"),), SpeechEngine("demo"))
    castmind.library._store.write(lambda db: transcripts.save(db, two[0], made, now=1.0))
    page = opened("episode/page.py", id=str(two[0]))
    ask(page, "again", two[0])
    page.selectbox(key="again-language").set_value("zh").run()
    page.run()
    assert page.selectbox(key="again-language").value == "zh"
    page.button(key="again-transcribe").click().run()
    assert not page.exception and castmind.library.episode(OWNER, two[0]).episode.language == "zh"


def test_a_cleared_choice_leaves_it_to_the_settings(castmind: CastMind, opened: Open, talks: list[int]) -> None:
    castmind.queue.pause(OWNER)
    castmind.library.update(OWNER, talks[0], language="zh", model="tiny")
    page = opened("episode/page.py", id=str(talks[0]))
    ask(page, "again", talks[0])
    assert (page.selectbox(key="again-language").value, page.selectbox(key="again-model").value) == ("zh", "tiny")
    page.selectbox(key="again-language").set_value("").run()
    page.button(key="again-transcribe").click().run()
    episode = castmind.library.episode(OWNER, talks[0]).episode
    assert not page.exception and (episode.language, episode.model) == (None, "tiny")


@pytest.mark.parametrize("transcribed", [True, False])
def test_only_a_transcribed_episode_can_be_transcribed_again_and_saved(
    castmind: CastMind, opened: Open, talks: list[int], two: list[int], transcribed: bool
) -> None:
    page = opened("episode/page.py", id=str(talks[0] if transcribed else two[0]))
    assert given(page, "castmind_episode_head")["menu"] == (["downloads", "again"] if transcribed else [])


def test_the_downloads_are_links_and_no_publishers_text_is_asked_about(opened: Open, talks: list[int]) -> None:
    page = opened("episode/page.py", id=str(talks[0]))
    ask(page, "downloads", talks[0])
    assert len(page.get("link_button")) == len(downloads.NAMES)
    ask(page, "again", talks[0])
    assert "again-publisher" not in {radio.key for radio in page.radio}
