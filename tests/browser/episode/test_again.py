"""Actions on a whole episode: new notes beside the earlier ones; a delete that can be undone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SAMPLES, Shot, Visit, cards
from tests.browser.room import Room
from tests.fakes.ollama import FakeOllama
from tests.running import RunningApp, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.long]
MODELS = ("qwen2.5:7b", "gemma3:4b")


@pytest.fixture(scope="module")
def ollama() -> Iterator[FakeOllama]:
    with FakeOllama() as server:
        server.behave(models=MODELS)
        yield server


@pytest.fixture(scope="module")
def app(ollama: FakeOllama, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """One episode, with notes that the first model wrote."""
    data = tmp_path_factory.mktemp("again") / "data"
    with RunningApp(data, OLLAMA_HOST=ollama.url, CASTMIND_NOTES_ENGINE="ollama", CASTMIND_OLLAMA_MODEL=MODELS[0]) as running:
        running.wait_done(running.upload(SAMPLES / "en_meeting.m4a").json()["id"])
        yield running


def test_another_model_and_language_are_asked_for_and_the_notes_before_them_stay(
    app: RunningApp, visit: Visit, shot: Shot
) -> None:
    room = Room(app, visit(app, None)).open()
    expect(room["notes-label"]).to_contain_text(MODELS[0])
    room["notes-again"].click()
    expect(room["again-model"].locator("option")).to_have_text(["Default from Settings", *sorted(MODELS)])
    room["again-model"].select_option(MODELS[1])
    room["again-language"].select_option("zh")
    shot(room.page, "episode-notes-again")
    room["again-go"].click()
    expect(room["notes-label"]).to_contain_text(MODELS[1])
    expect(room["notes-again-state"]).to_be_hidden()
    expect(room["gist"]).to_have_attribute("lang", "zh")
    versions = room.get("/summaries")["items"]
    assert [version["model"] for version in versions][:2] == [MODELS[1], MODELS[0]]
    room["versions"].click()
    expect(room["version-list"].locator("> li")).to_have_count(len(versions))
    room["notes-again"].click()
    expect(room["again-model"]).to_have_value(MODELS[1])


def test_notes_that_are_being_written_can_be_cancelled_where_they_were_asked_for(
    app: RunningApp, ollama: FakeOllama, visit: Visit
) -> None:
    before = app.client.get("/api/v1/episodes/1/summary").json()["id"]
    room = Room(app, visit(app, None)).open()
    ollama.behave(models=MODELS, breaks="hang")
    room["notes-again"].click()
    room["again-go"].click()
    expect(room["notes-again-state"]).to_contain_text("Writing notes")
    room["notes-again-cancel"].click()
    wait_for(lambda: app.states(1)["summarise"] == "cancelled")
    expect(room["notes-again-state"]).to_contain_text("cancelled")
    expect(room["notes-again-cancel"]).to_be_hidden()
    assert app.client.get("/api/v1/episodes/1/summary").json()["id"] == before
    ollama.behave(breaks="no")


def test_a_deleted_episode_is_in_the_trash_and_can_be_had_back(app: RunningApp, visit: Visit) -> None:
    page = visit(app)
    room = Room(app, page).open()
    title = room["episode-title"].inner_text()
    room["head-menu"].click()
    room["menu-delete"].click()
    expect(page.get_by_test_id("episode-undo")).to_contain_text(f"“{title}” moved to the trash and kept for a week.")
    expect(cards(page, "episode")).to_have_count(0)
    wait_for(lambda: app.episode(1)["deleted_at"] is not None)
    page.get_by_role("button", name="Undo").click()
    expect(cards(page, "episode")).to_have_count(1)
    wait_for(lambda: app.episode(1)["deleted_at"] is None)


def test_a_question_stays_while_the_page_behind_it_is_drawn_anew(app: RunningApp, visit: Visit, shot: Shot) -> None:
    app.client.post("/api/v1/queue/pause").raise_for_status()
    app.client.post("/api/v1/episodes/1/retry", json={"stage": "summarise"}).raise_for_status()
    page = visit(app, "/episode?id=1")
    page.locator(".st-key-stages").wait_for()
    page.get_by_test_id("head-menu").click()
    page.get_by_test_id("menu-again").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("stays until the new one is done")
    app.client.post("/api/v1/queue/resume").raise_for_status()
    app.wait_done(1)
    expect(page.locator(".st-key-stages")).to_have_count(0)
    expect(dialog).to_contain_text("stays until the new one is done")
    shot(page, "episode-question-stays")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)
