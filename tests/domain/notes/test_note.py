"""Notes: the share of their points that is verified, and their stored form."""

from __future__ import annotations

import json

from core.domain.notes.note import Action, Chapter, Notes, Point, Term

NOTES = Notes(
    "Cats sleep.",
    (Point("Cats sleep.", "cats sleep", 1.0, 2.0, 0, True), Point("Dogs fly.", "")),
    (Chapter("Start", 0.0, "All of it.", "https://a.example", None),),
    (Term("Cat", "An animal.", "cats", 1.0, True),),
    (Action("Feed them.", "feed them", 3.0),),
    coverage=0.5,
    engine="ollama",
    model="m",
    language="zh",
    seconds=7.0,
)


def test_notes_come_back_as_they_were_stored() -> None:
    assert Notes.from_dict(json.loads(json.dumps(NOTES.to_dict()))) == NOTES


def test_the_least_that_was_ever_stored_is_read() -> None:
    assert Notes.from_dict({"tldr": "Gist"}) == Notes("Gist")


def test_fields_of_a_later_version_are_left_aside() -> None:
    row = NOTES.to_dict()
    row["mood"] = "calm"
    row["points"][0]["mood"] = "calm"
    assert Notes.from_dict(row) == NOTES


def test_the_share_of_verified_points() -> None:
    assert NOTES.verified_share == 0.5
    assert Notes("Gist").verified_share == 1.0
