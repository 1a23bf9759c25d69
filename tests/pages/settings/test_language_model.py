"""The options of the language model: what Ollama has, and what it can download."""

from __future__ import annotations

import pytest

from core.domain.notes.ollama_state import InstalledModel, OllamaState
from core.message import Message
from core.notes.model_choice import RECOMMENDED, SUGGESTIONS
from pages.settings import language_model
from pages.text import texts

pytestmark = pytest.mark.usefixtures("resting")
WHY = Message("an instruct model of useful size", "ollama.why_known")


def state(*models: InstalledModel, chosen: str | None = None, wanted: str = "", host: str | None = "http://h") -> OllamaState:
    return OllamaState(host, "0.13.0", models, chosen, wanted, (), WHY)


def test_installed_models_that_write_are_offered_with_their_size() -> None:
    qwen = InstalledModel("qwen3:4b", 2_500_000_000, "4.0B")
    embedding = InstalledModel("nomic-embed-text", 270_000_000, writes=False)
    cloud = InstalledModel("gpt-oss:20b-cloud", 384, "20B", remote=True)
    auto, first, second, *rest = language_model.options(state(qwen, embedding, cloud, chosen="qwen3:4b"), "")
    assert auto["note"] == f"Uses qwen3:4b: {texts('en')['ollama.why_known']}."
    assert first["value"] == "qwen3:4b" and first["facts"] == ["4.0B parameters", "2.5 GB"]
    assert second["marks"] == ["Runs on another computer"] and second["facts"] == ["20B parameters"]
    assert {row["value"] for row in rest} == set(SUGGESTIONS) and all(row["pull"] for row in rest)


def test_a_set_model_that_is_missing_is_listed_and_said_to_be() -> None:
    rows = language_model.options(state(wanted="mine:7b"), "mine:7b")
    assert next(row for row in rows if row["value"] == "mine:7b")["note"] == "Not installed in Ollama."


def test_an_installed_suggestion_is_not_offered_again() -> None:
    values = [row["value"] for row in language_model.options(state(InstalledModel(RECOMMENDED, 1)), "")]
    assert values.count(RECOMMENDED) == 1


def test_without_ollama_nothing_can_be_downloaded() -> None:
    assert [row["value"] for row in language_model.options(state(host=None), "")] == ["auto"]
