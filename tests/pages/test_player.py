"""What the player is given, and what its scripts never do."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from core.domain.episode import Episode, Source
from core.domain.note import Notes, Point
from core.domain.transcript import Segment
from core.store.notes import Version
from pages.parts import player
from pages.text import texts

EPISODE = Episode(id=7, title="A talk", source=Source.UPLOAD, created_at=0.0, updated_at=0.0, duration=60.0)
POINTS = (Point("found", "a quote", 1.0, 2.0, 0, verified=True), Point("invented", "nobody said this"))


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("pages.text", "pages.parts.player"):
        monkeypatch.setattr(f"{module}.language", lambda: "en")


def test_the_transcript_goes_by_address_and_version() -> None:
    given = player.data(player.Reading(EPISODE, has_audio=True, transcript_version=17.5, partial=(Segment(0, 0, 1, "old"),)))
    assert given["transcript"] == "/api/v1/episodes/7/transcript?format=json&v=17.5"
    assert given["partial"] == []
    assert given["audio"] == "/api/v1/episodes/7/audio"


def test_a_partial_transcript_has_one_id_a_sentence() -> None:
    windows = (Segment(0, 0, 1, "first"), Segment(0, 30, 31, "second"))
    given = player.data(player.Reading(EPISODE, has_audio=False, partial=windows, transcribing=True))
    assert [row["id"] for row in given["partial"]] == [0, 1]
    assert (given["transcript"], given["audio"]) == (None, None)


def test_notes_say_who_wrote_them_and_how_far_they_hold() -> None:
    given = player.data(
        player.Reading(EPISODE, True, notes=Version(3, 0.0, Notes("Gist.", POINTS, coverage=1.0, model="qwen", engine="ollama")))
    )
    assert "qwen" in given["notes"]["label"]
    assert "100%" in given["notes"]["label"]
    assert "1 of 2" in given["notes"]["label"]
    assert [point["verified"] for point in given["notes"]["points"]] == [True, False]
    json.dumps(given)


def test_extracts_are_called_so() -> None:
    assert texts("en")["player.extractive"] in player.label(Notes("Gist.", coverage=1.0))


def scripts_of_the_player() -> str:
    return "".join(path.read_text(encoding="utf-8") for path in Path(player.__file__).parent.glob("player*.js"))


def test_every_text_that_a_script_asks_for_is_given() -> None:
    given = player.data(player.Reading(EPISODE, has_audio=True))["text"]
    own = {"append", "length", "normalize", "replace", "slice", "split", "trim"}
    asked = set(re.findall(r"\btext\.([a-z_]+)\b", scripts_of_the_player())) - own
    assert asked - given.keys() == set()
    assert len(asked) > 50


def test_errors_are_told_in_the_readers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    assert player.data(player.Reading(EPISODE, has_audio=True))["text"]["errors"] == {}
    monkeypatch.setattr("pages.parts.player.language", lambda: "zh")
    assert player.data(player.Reading(EPISODE, has_audio=True))["text"]["errors"]["conflict"] == texts("zh")["error.conflict"]


def test_foreign_text_enters_the_page_as_text_only() -> None:
    scripts = scripts_of_the_player()
    assert not re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|\beval\b", scripts)
