"""Speech without words: its amount, playback, and transcription again by the queue."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.domain.transcripts.transcript import Segment
from core.store.db.database import Store
from core.store.text import transcripts
from tests.browser.axe import complaints
from tests.browser.conftest import PHONE, SAMPLES, Shot, Visit
from tests.browser.room import Room
from tests.running import RunningApp, wait_for
from tests.unheard import without

pytestmark = [pytest.mark.browser, pytest.mark.long]


def forget(data: Path, episode_id: int, *ids: int) -> list[Segment]:
    """While no server runs, turn these sentences into speech without words; return the removed sentences."""
    store = Store(data / "castmind.db")
    store.open()
    try:
        found = transcripts.find(store.read(), episode_id)
        assert found
        left, lost = without(found, *ids)
        store.write(lambda db: transcripts.save(db, episode_id, left, now=time.time()))
    finally:
        store.close()
    return lost


class Unclear(Room):
    lost: list[Segment]

    def share(self, words: str) -> None:
        expect(self["spoken-share"]).to_have_text(words)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningApp, list[Segment]]]:  # type: ignore[override]
    """Two recordings: two sentences of the first have no words; the second is complete."""
    data = tmp_path_factory.mktemp("unclear") / "data"
    with RunningApp(data) as running:
        for sample in ("en_episode.mp3", "en_meeting.m4a"):
            running.wait_done(running.upload(SAMPLES / sample).json()["id"])
    lost = forget(data, 1, 2, 4)
    forget(data, 2)
    with RunningApp(data) as running:
        yield running, lost


@pytest.fixture
def room(app: tuple[RunningApp, list[Segment]], visit: Visit) -> Unclear:
    running, lost = app
    made = Unclear(running, visit(running, None))
    made.lost = lost
    return made


def opened(room: Unclear) -> None:
    room["spoken-open"].click()
    room["spoken-list"].wait_for()


def test_an_episode_says_how_much_of_its_speech_has_words(room: Unclear, shot: Shot) -> None:
    room.open()
    share = room.get("/transcript?words=false")["speech"]["share"]
    room.share(f"{int(share * 1000) / 10:g}% of the speech is transcribed")
    expect(room["spoken-open"]).to_have_text(f"unclear: {length(sum(s.end - s.start for s in room.lost))} at 2 places")
    expect(room["unheard-0"]).to_have_text(f"{length(room.lost[0].end - room.lost[0].start)} not transcribed")
    expect(room["gaps"].locator("span")).to_have_count(2)
    shot(room.page, "episode-unclear")


def test_a_place_is_heard_from_its_start_to_its_end_and_no_further(room: Unclear, shot: Shot) -> None:
    room.open()
    opened(room)
    shot(room.page, "episode-unclear-list")
    first, second = room.lost
    room["spoken-hear-1"].click()
    wait_for(lambda: not room.paused)
    assert second.start - 0.3 <= room.position <= second.end
    expect(room["spoken-hear-1"]).to_have_attribute("aria-label", expect_stop(second))
    wait_for(lambda: room.paused)
    assert second.end - 0.1 <= room.position <= second.end + 0.4
    room["spoken-hear-0"].click()
    wait_for(lambda: not room.paused and room.position < first.end)
    room["spoken-hear-0"].click()
    wait_for(lambda: room.paused)
    assert room.position < first.end
    room["spoken-close"].click()
    room["play"].click()
    wait_for(lambda: room.position > first.end + 0.5, why=lambda: f"at {room.position}")
    room["play"].click()


def expect_stop(lost: Segment) -> str:
    at = f"{int(lost.start) // 60}:{int(lost.start) % 60:02d}"
    return f"Stop {at} · {length(lost.end - lost.start)}"


def length(seconds: float) -> str:
    """Format a duration below ten seconds as the page does."""
    return f"{int(seconds * 10 + 0.5) / 10:g} s"


def test_on_a_phone_the_list_fits_and_its_buttons_are_large_enough(room: Unclear, shot: Shot) -> None:
    room.page.set_viewport_size(PHONE)
    room.open()
    room["tab-transcript"].click()
    opened(room)
    shot(room.page, "episode-unclear-phone")
    assert room.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert room["spoken"].evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")
    for name in ("spoken-hear-0", "spoken-again-0", "spoken-all", "spoken-close"):
        box = room[name].bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 43.5, name


def test_the_keyboard_and_a_screen_reader_get_everywhere(room: Unclear) -> None:
    room.open()
    room["spoken-open"].focus()
    room.page.keyboard.press("Enter")
    room["spoken-list"].wait_for()
    assert complaints(room.page) == []
    room["spoken-hear-0"].focus()
    room.page.keyboard.press("Enter")
    wait_for(lambda: not room.paused)
    room.page.keyboard.press("Enter")
    wait_for(lambda: room.paused)
    room.page.keyboard.press("Tab")
    expect(room["spoken-again-0"]).to_be_focused()
    room.page.keyboard.press("Escape")
    expect(room["spoken"]).to_be_hidden()
    expect(room["spoken-open"]).to_be_focused()


def test_a_gap_in_the_transcript_is_heard_with_a_press(room: Unclear) -> None:
    room.open()
    room["unheard-0"].click()
    wait_for(lambda: not room.paused)
    assert room.lost[0].start - 0.3 <= room.position <= room.lost[0].end
    wait_for(lambda: room.paused)
    assert abs(room.position - room.lost[0].end) < 0.4


def test_what_is_to_be_heard_again_can_be_cancelled_before_it_begins(room: Unclear, shot: Shot) -> None:
    room.app.client.post("/api/v1/queue/pause").raise_for_status()
    room.open()
    opened(room)
    room["spoken-model"].select_option("demo")
    room["spoken-again-0"].click()
    expect(room["spoken-again-0"]).to_have_text("Requested")
    expect(room["spoken-again-0"]).to_be_disabled()
    shot(room.page, "episode-unclear-asked")
    room["spoken-close"].click()
    expect(room["spoken-state"]).to_contain_text("Queued")
    room["spoken-cancel"].click()
    expect(room["spoken-state"]).to_be_hidden()
    assert set(room.app.states(1).values()) == {"done"}
    room.app.client.post("/api/v1/queue/resume").raise_for_status()


def test_a_place_is_heard_again_and_its_words_come_into_the_transcript(room: Unclear, shot: Shot) -> None:
    room.open()
    sentences = room.page.locator("[data-testid^=segment-]")
    before = sentences.count()
    opened(room)
    expect(room["spoken-model"]).to_have_value("base")
    room["spoken-model"].select_option("demo")
    room["spoken-again-0"].click()
    room.said("Done: ")
    expect(room["spoken-list"].locator("li")).to_have_count(1)
    room["spoken-close"].click()
    expect(sentences).not_to_have_count(before)
    assert sentences.count() > before
    assert words(room.lost[0].text) & words(" ".join(sentences.all_inner_texts()))
    assert room.get("/transcript")["speech"]["heard_again_seconds"] > 0
    expect(room["spoken-open"]).to_contain_text("unclear")
    shot(room.page, "episode-heard-again")
    opened(room)
    room["spoken-model"].select_option("demo")
    room["spoken-all"].click()
    expect(room["spoken-list"].locator("li")).to_have_count(0)


def words(said: str) -> set[str]:
    return {word.strip(".,?!").lower() for word in said.split() if len(word) > 4}


def test_where_all_has_words_that_is_said_and_nothing_is_offered(room: Unclear) -> None:
    whole = Unclear(room.app, room.page, 2)
    whole.open()
    whole.share("All speech is transcribed")
    expect(whole["spoken-open"]).to_be_hidden()
    expect(whole["gaps"].locator("span")).to_have_count(0)
