"""The checklist of the first run: a line a part, and what is missing with its remedy."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import State
from core.services.settings.setup_checklist import SetupItem
from core.store.library import episodes
from pages.shared import first_steps
from pages.text import texts
from tests.fakes.ollama import FakeOllama
from tests.pages.conftest import at_rest, given


def drawn() -> AppTest:
    def page() -> None:
        from pages.shared import actions, first_steps

        first_steps.draw()
        actions.tell()

    test = AppTest.from_function(page, default_timeout=60).run()
    assert not test.exception
    return test


def data(page: AppTest) -> dict[str, Any]:
    told: dict[str, Any] = given(page, "castmind_first_steps")
    return told


def shown(page: AppTest) -> bool:
    return "castmind_first_steps" in [each.proto.component_name for each in page.get("bidi_component")]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_steps_say_what_was_found_while_the_device_is_tried_out(resting: CastMind, language: str) -> None:
    resting.settings.save(OWNER, "language", language)
    words, told = texts(language), data(drawn())
    assert [step["title"] for step in told["steps"]] == [
        words[f"setup.step.{name}"] for name in ("computer", "notes", "look", "episode")
    ]
    computer, notes, look, episode = told["steps"]
    parts = ("device", "speech_model", "disk")
    assert [line["name"] for line in computer["lines"]] == [words[f"setup.{part}"] for part in parts]
    assert [line["words"] for line in computer["lines"][:2]] == [
        words["setup.device.probing"],
        words["setup.speech_model.probing"],
    ]
    assert [line["words"] for line in notes["lines"]] == [words["setup.ollama.off"], words["setup.language_model.off"]]
    assert look["lines"][0]["words"] == words["setup.language.chosen"]
    assert [step["state"] for step in told["steps"]] == ["working", "ok", "ok", "todo"]
    assert episode["lines"][0]["words"] == words["setup.step.episode.none"]


def test_it_is_folded_once_there_is_an_episode_and_gone_once_it_is_dismissed(resting: CastMind) -> None:
    assert data(drawn())["open"]
    resting._store.write(partial(episodes.add, values={"title": "One", "source": "upload"}, now=1.0))
    told = data(drawn())
    assert not told["open"] and told["steps"][-1]["state"] == "ok"
    resting.setup_checklist.dismiss(OWNER)
    assert not shown(drawn())


@pytest.fixture
def without_model(tmp_path: Path) -> Iterator[CastMind]:
    """A CastMind at rest beside an Ollama that has no model yet."""
    with FakeOllama() as server, at_rest(tmp_path / "data", CASTMIND_NOTES_ENGINE="auto", OLLAMA_HOST=server.url) as made:
        server.behave(models=[])
        yield made


def test_a_missing_language_model_is_offered_and_its_download_can_be_stopped(without_model: CastMind) -> None:
    setup = without_model.setup_checklist
    model = setup.recommended_model(OWNER)
    notes = data(drawn())["steps"][1]
    assert notes["pull"] == f"Download {model}" and notes["state"] == "todo"
    pull = setup.pull(OWNER, model)
    page = drawn()
    assert "pull" not in data(page)["steps"][1] and page.get("progress")
    page.button(key=f"task.stop.{pull.id}").click().run()
    stopped = setup.pulling(OWNER)
    assert stopped and stopped.state is State.CANCELLED and data(drawn())["steps"][1]["pull"]


@pytest.mark.usefixtures("resting")
def test_the_worst_part_decides_the_state_of_a_step() -> None:
    fine = {"disk": "enough", "ollama": "off", "language_model": "off", "language": "auto"}
    items = [SetupItem(key, "ok", code, {"free_gb": 10}) for key, code in fine.items()]
    items += [SetupItem("device", "warn", "untried", {"error": "?"}), SetupItem("speech_model", "working", "probing")]
    assert [step["state"] for step in first_steps.steps(items, episodes=1, pull="")] == ["working", "ok", "ok", "ok"]
