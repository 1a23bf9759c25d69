"""A recording is kept only on request, under the reader's title; one that is refused stays to be tried again."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.app import CastMind
from core.domain.accounts.actor import OWNER

SOUND = (Path(__file__).resolve().parents[4] / "demo" / "samples" / "en_short.wav").read_bytes()


def _page() -> None:
    from pages.library.adding import recorder
    from pages.shared import actions

    recorder.draw(lambda: actions.say("It was kept."))
    actions.tell()


def recorded(sound: bytes) -> AppTest:
    page = AppTest.from_function(_page, default_timeout=60).run()
    page.get("audio_input")[0].upload("recording.wav", sound)
    page.run()
    assert not page.exception
    return page


def titles(castmind: CastMind) -> list[str]:
    return [item.episode.title for item in castmind.library.listing(OWNER).items]


@pytest.mark.parametrize("title", ["My thought", ""])
def test_it_is_kept_under_its_title_and_the_next_one_begins_empty(resting: CastMind, title: str) -> None:
    page = recorded(SOUND)
    page.text_input(key="recorder.title.0").set_value(title)
    page.button(key="recorder.keep").click().run()
    assert not page.exception
    (kept,) = titles(resting)
    assert kept == title or (not title and kept.startswith("Recording, "))
    assert page.get("audio_input")[0].value is None and not page.button
    assert "It was kept." in [toast.value for toast in page.toast]


def test_one_that_is_discarded_leaves_nothing(resting: CastMind) -> None:
    page = recorded(SOUND)
    page.button(key="recorder.discard").click().run()
    assert titles(resting) == [] and page.get("audio_input")[0].value is None


def test_one_that_is_no_audio_is_refused_and_stays(resting: CastMind) -> None:
    page = recorded(b"not a sound")
    page.button(key="recorder.keep").click().run()
    assert titles(resting) == [] and page.toast and page.button(key="recorder.keep")
    assert [path for path in (resting.data / "uploads").rglob("*") if path.is_file()] == []
