"""The checklist of the first run: a line a part, and what is missing with its remedy."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.jobs.job import State
from core.store.library import episodes
from pages.text import texts
from tests.fakes.ollama import FakeOllama
from tests.pages.conftest import at_rest


def drawn() -> AppTest:
    def page() -> None:
        from pages.shared import actions, first_steps

        first_steps.draw()
        actions.tell()

    test = AppTest.from_function(page, default_timeout=60).run()
    assert not test.exception
    return test


def lines(page: AppTest) -> list[str]:
    return [each.value.replace("\\", "").partition("] ")[2] for each in page.markdown]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_part_is_a_line_while_the_device_is_tried_out(resting: CastMind, language: str) -> None:
    resting.settings.save(OWNER, "language", language)
    words, said = texts(language), lines(drawn())
    parts = ("device", "speech_model", "ollama", "language_model", "language", "disk")
    assert [line.partition("**: ")[0] for line in said] == [f"**{words[f'setup.{part}']}" for part in parts]
    codes = ("device.probing", "speech_model.probing", "ollama.off", "language_model.off", "language.chosen")
    assert [line.partition("**: ")[2] for line in said[:5]] == [words[f"setup.{code}"] for code in codes]


def test_it_is_folded_once_there_is_an_episode_and_gone_once_it_is_dismissed(resting: CastMind) -> None:
    assert drawn().expander[0].proto.expanded
    resting._store.write(partial(episodes.add, values={"title": "One", "source": "upload"}, now=1.0))
    page = drawn()
    assert not page.expander[0].proto.expanded
    page.button(key="setup.dismiss").click().run()
    assert not page.expander and not page.exception
    assert resting.setup_checklist.finished(OWNER)


@pytest.fixture
def without_model(tmp_path: Path) -> Iterator[CastMind]:
    """A CastMind at rest beside an Ollama that has no model yet."""
    with FakeOllama() as server, at_rest(tmp_path / "data", CASTMIND_NOTES_ENGINE="auto", OLLAMA_HOST=server.url) as made:
        server.behave(models=[])
        yield made


def test_a_missing_language_model_is_pulled_with_one_button_and_stopped(without_model: CastMind) -> None:
    page, setup = drawn(), without_model.setup_checklist
    model = setup.recommended_model(OWNER)
    assert page.button(key="setup.pull").label.replace("\\", "") == f"Download {model}"
    page.button(key="setup.pull").click().run()
    pull = setup.pulling(OWNER)
    assert pull and (pull.key, pull.state) == (model, State.QUEUED)
    assert "setup.pull" not in [button.key for button in page.button] and page.get("progress")
    page.button(key=f"task.stop.{pull.id}").click().run()
    stopped = setup.pulling(OWNER)
    assert stopped and stopped.state is State.CANCELLED and page.button(key="setup.pull")
