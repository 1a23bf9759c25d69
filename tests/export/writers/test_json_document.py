"""The episode as JSON."""

from __future__ import annotations

import json

import pytest

from core.domain.episodes.episode import Episode
from core.domain.notes.note import Notes
from core.domain.transcripts.transcript import Transcript
from core.export.export_data import Material
from core.export.writers.json_document import episode_json, moment, summary_json, transcript_json
from tests.export.talk import material


def test_json_follows_the_contract(spoken: Transcript, notes: Notes) -> None:
    said = transcript_json(spoken)
    assert list(said) == ["language", "duration", "engine", "publisher", "speech", "segments"]
    assert list(said["segments"][0]) == ["id", "start", "end", "text", "speaker", "words"]
    assert "words" not in said["segments"][1]
    summary = summary_json(notes)
    expected = ["tldr", "points", "chapters", "terms", "actions", "coverage", "engine", "model", "language"]
    assert list(summary) == expected
    assert summary["points"][1] == {
        "text": "Invented point",
        "quote": "sold the <i>lighthouse</i>",
        "start": None,
        "verified": False,
    }
    assert list(summary["chapters"][0]) == ["title", "start", "summary"]
    json.dumps([said, summary])


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, None), (0.0, "1970-01-01T00:00:00Z"), (1.7e9 + 0.9, "2023-11-14T22:13:20Z")]
)
def test_a_moment_is_utc_to_the_second(seconds: float | None, text: str | None) -> None:
    assert moment(seconds) == text


def test_an_episode_without_anything_has_every_key(episode: Episode) -> None:
    empty = episode_json(Material(episode))
    assert (empty["transcript"], empty["summary"], empty["chapters"], empty["highlights"]) == (None, None, [], [])
    assert empty.keys() == episode_json(material("en")).keys()
    json.dumps(empty)
