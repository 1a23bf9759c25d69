"""The player's data, and rules that its scripts never break."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from core.domain.episodes.episode import Episode, Source
from core.domain.jobs.job import Job, Stage, State
from core.domain.notes.note import Notes, Point, Verdict, Version
from core.domain.transcripts.hearing_again import HearAgain
from core.domain.transcripts.spoken import Fate, Spoken, Why
from core.domain.transcripts.transcript import Segment
from core.services.library.library import Speech
from core.services.reading.note_versions import HeldBack
from pages.episode.player import player
from pages.shared.component_source import source
from pages.text import texts

EPISODE = Episode(id=7, title="A talk", source=Source.UPLOAD, created_at=0.0, updated_at=0.0, duration=60.0)
POINTS = (Point("found", "a quote", 1.0, 2.0, 0, verified=True), Point("invented", "nobody said this"))


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("pages.text", "pages.episode.player.player"):
        monkeypatch.setattr(f"{module}.language", lambda: "en")


def test_the_transcript_goes_by_address_and_version() -> None:
    given = player.data(player.PlayerData(EPISODE, has_audio=True, transcript_version=17.5, partial=(Segment(0, 0, 1, "old"),)))
    assert given["transcript"] == "/api/v1/episodes/7/transcript?format=json&v=17.5"
    assert given["partial"] == []
    assert given["audio"] == "/api/v1/episodes/7/audio"


def test_a_partial_transcript_has_one_id_a_sentence() -> None:
    windows = (Segment(0, 0, 1, "first"), Segment(0, 30, 31, "second"))
    given = player.data(player.PlayerData(EPISODE, has_audio=False, partial=windows, transcribing=True))
    assert [row["id"] for row in given["partial"]] == [0, 1]
    assert (given["transcript"], given["audio"]) == (None, None)


def test_notes_say_who_wrote_them_and_how_far_they_hold() -> None:
    given = player.data(
        player.PlayerData(
            EPISODE, True, notes=Version(3, 0.0, Notes("Gist.", POINTS, coverage=1.0, model="qwen", engine="ollama"))
        )
    )
    assert "qwen" in given["notes"]["label"]
    assert "100%" in given["notes"]["label"]
    assert "1 of 2" in given["notes"]["label"]
    assert [point["verified"] for point in given["notes"]["points"]] == [True, False]
    json.dumps(given)


SPOKEN = (
    Spoken(0.0, 50.0, Fate.HEARD),
    Spoken(50.0, 50.2, Fate.UNCLEAR, Why.NOT_DECODED),
    Spoken(52.0, 56.0, Fate.UNCLEAR, Why.NO_WORDS),
    Spoken(57.0, 59.0, Fate.DROPPED, Why.LOOP),
)


def test_speech_without_words_is_told_with_its_reason_and_the_next_larger_model() -> None:
    reading = player.PlayerData(EPISODE, has_audio=True, speech=Speech(SPOKEN, "base", (HearAgain(52.0, 56.0, "small"),)))
    given = player.data(reading)["speech"]
    assert given["share"] == pytest.approx(50 / 56.2)
    assert given["spans"] == [
        {"start": 52.0, "end": 56.0, "why": "the model found no words"},
        {"start": 57.0, "end": 59.0, "why": "the model only repeated itself"},
    ]
    assert (given["larger"], given["models"].count("base"), given["again"]) == ("small", 1, [{"start": 52.0, "end": 56.0}])
    json.dumps(given)


def test_work_on_speech_is_told_while_there_is_any_and_its_outcome_after_it() -> None:
    job = Job(1, 7, Stage.TRANSCRIBE, State.RUNNING, cancel_requested=True)
    speech = Speech(SPOKEN, "large-v3")
    running = player.speech_data(speech, job)
    assert (running["job"], running["result"], running["larger"]) == ({"state": "running", "cancelling": True}, None, None)
    done = replace(job, state=State.DONE, detail={"phase": "done", "found": 3.5, "asked": 6.0})
    assert player.speech_data(speech, done)["result"] == {"found": 3.5, "asked": 6.0}
    assert player.speech_data(speech, done)["job"] is None
    assert player.speech_data(speech, replace(done, detail={"phase": "done"}))["result"] is None


def test_nothing_is_told_of_speech_that_nobody_listened_for() -> None:
    assert player.data(player.PlayerData(EPISODE, has_audio=True))["speech"] is None


def test_extracts_are_called_so() -> None:
    assert texts("en")["player.extractive"] in player.label(Notes("Gist.", coverage=1.0))


def test_notes_that_did_not_become_current_are_spoken_of() -> None:
    newer = Version(2, 1.0, Notes("Gist.", engine="ollama", model="tiny:1b"))
    shown = Notes("Gist.", engine="ollama", model="qwen2.5:7b", coverage=1.0)
    weak = player.label(shown, HeldBack(newer, Verdict.TOO_WEAK, 1, 7))
    assert "tiny:1b" in weak and "1 of their 7" in weak
    outdone = player.label(shown, HeldBack(newer, Verdict.OUTDONE, 3, 7))
    assert "tiny:1b" in outdone and "larger qwen2.5:7b" in outdone
    assert player.label(shown, HeldBack(newer, Verdict.READ_LESS, 3, 7)) == player.label(shown)


def scripts_of_the_player() -> str:
    return source(player.__file__, *player._SCRIPTS)


def test_every_text_that_a_script_asks_for_is_given() -> None:
    given = player.data(player.PlayerData(EPISODE, has_audio=True))["text"]
    own = {"append", "length", "normalize", "replace", "slice", "split", "trim"}
    asked = set(re.findall(r"\btext\.([a-z_]+)\b", scripts_of_the_player())) - own
    assert asked - given.keys() == set()
    assert len(asked) > 50


def test_errors_are_told_in_the_readers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    for language in ("en", "zh"):
        monkeypatch.setattr("pages.text.language", lambda language=language: language)
        said = player.data(player.PlayerData(EPISODE, has_audio=True))["text"]["errors"]
        assert said["conflict"] == texts(language)["error.conflict"]
        assert said["invalid.tag_name"] == texts(language)["error.invalid.tag_name"]


def test_foreign_text_enters_the_page_as_text_only() -> None:
    scripts = scripts_of_the_player()
    assert not re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|\beval\b", scripts)
