"""The trigger that says that acts are settled: its shape is checked, its tasks are watched."""

from __future__ import annotations

import pytest
import streamlit as st

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from pages.shared import acts
from pages.text import texts


def tell(monkeypatch: pytest.MonkeyPatch, value: object) -> dict[str, object]:
    session: dict[str, object] = {"list": {"changed": value}}
    monkeypatch.setattr(st, "session_state", session)
    acts.settled("list")
    return session


def test_data_say_which_acts_they_follow_and_begun_tasks_are_watched(resting: CastMind, monkeypatch: pytest.MonkeyPatch) -> None:
    task = resting.bulk_tasks.begin(OWNER, "star", [1])
    session = tell(monkeypatch, [{"at": 7, "tasks": [task.id, 404]}])
    assert acts.seen() == 7
    assert session["task.seen"] == {task.id}


@pytest.mark.parametrize("value", [None, [], [{"at": "7", "tasks": []}], [{"at": 7}], [{"at": 7, "tasks": ["1"]}]])
def test_another_shape_does_nothing(resting: CastMind, monkeypatch: pytest.MonkeyPatch, value: object) -> None:
    tell(monkeypatch, value)
    assert acts.seen() == 0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_texts_keep_their_places_to_be_filled(resting: CastMind, language: str) -> None:
    resting.settings.save(OWNER, "language", language)
    found = acts.texts()
    assert "{title}" in found["not_done"] and "{n}" in found["changed"]
    assert found["errors"]["conflict"] == texts(language)["error.conflict"]
