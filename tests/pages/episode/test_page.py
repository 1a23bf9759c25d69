"""The page of one episode: its head, the second and the part that a link asks for, and an episode that is not there."""

from __future__ import annotations

from functools import partial

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.store.library import episodes
from core.store.text import transcripts
from pages.text import texts
from tests.pages.conftest import TALK, given, open_page

PAGE = "episode/page.py"


def add(castmind: CastMind, **more: object) -> int:
    values = {"title": "A *talk*", "source": "upload", "duration": 100.0, **more}
    return castmind._store.write(partial(episodes.add, values=values, now=1e9))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_episode_that_is_not_there_leads_to_the_library(resting: CastMind, language: str) -> None:
    resting.settings.save(OWNER, "language", language)
    page = open_page(PAGE)
    for asked in ("", "x", "99"):
        page.query_params["id"] = asked
        page.run()
        assert page.title[0].value == texts(language)["episode.missing"] and not page.error
        assert [link.proto.label for link in page.get("page_link")] == [texts(language)["episode.to_library"]]


STARTS = {"83": 83.0, "1.5": 1.5, "0": 0.0, "-1": None, "nan": None, "inf": None, "x": None, "": None}


def test_a_link_starts_only_at_a_second_that_can_be(resting: CastMind) -> None:
    page = open_page(PAGE, id=str(add(resting)), part="about")
    assert given(page, "castmind_player")["part"] == "about"
    for asked, start in STARTS.items():
        page.query_params["t"] = asked
        assert given(page.run(), "castmind_player")["start"] == start


def test_an_episode_without_audio_or_text_offers_what_it_can(resting: CastMind) -> None:
    page = open_page(PAGE, id=str(add(resting)))
    head = given(page, "castmind_episode_head")["row"]
    assert (head["title"], head["show"]) == ("A *talk*", {"name": "Uploaded", "href": None})
    assert [fact["said"] for fact in head["facts"]] == ["9 Sep 2001", "1:40"]
    reading = given(page, "castmind_player")
    assert (reading["audio"], reading["transcript"], reading["start"]) == (None, None, None)
    assert given(page, "castmind_episode_head")["menu"] == []
    assert given(page, "castmind_stage_acts")["acts"] == ["transcribe"]


def test_a_transcribed_one_can_be_heard_read_and_saved(resting: CastMind) -> None:
    number = add(resting, media_path="media/1.mp3")
    (resting.data / "media" / "1.mp3").write_bytes(b"0123456789")
    resting._store.write(partial(transcripts.save, episode_id=number, transcript=TALK, now=1e9))
    page = open_page(PAGE, id=str(number))
    reading = given(page, "castmind_player")
    assert reading["audio"] == f"/api/v1/episodes/{number}/audio" and reading["transcript"]
    assert given(page, "castmind_episode_head")["menu"] == ["downloads", "again"]
    assert "castmind_stage_acts" not in [each.proto.component_name for each in page.get("bidi_component")]
