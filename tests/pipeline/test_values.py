"""Values of steps cross to another process as JSON, and come back equal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from core.domain.episodes.episode import Episode, MediaInfo, Source
from core.domain.episodes.publisher_extras import Chapters, ExtraKind, Offer, OfferOutcome, SuppliedChapter, SuppliedTranscript
from core.domain.feeds.feed_credentials import FeedCredentials
from core.domain.feeds.people import Person
from core.domain.jobs.job import Job, Stage, State
from core.domain.notes.note import Action, Chapter, Notes, Point, Term
from core.domain.transcripts.hearing_again import HearAgain
from core.domain.transcripts.provenance import Checked, CheckedPlace, Misfit
from core.domain.transcripts.spoken import Fate, Spoken, Why
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript, Window, Word
from core.export.export_data import Material
from core.pipeline.graph import steps
from core.pipeline.step import Checkpoint, StepInput
from core.pipeline.steps.fetch import Fetched, FetchInput
from core.pipeline.steps.publish import Published, PublishInput
from core.pipeline.steps.summarise import NotesSettings, SummariseInput
from core.pipeline.steps.transcribe import HeardAgain, SpeechSettings, TranscribeInput
from core.pipeline.values import from_json, to_json
from core.settings import Settings
from core.sources.media.web_page import About

JOB = Job(7, 3, Stage.FETCH, State.RUNNING, priority=10, token=4, detail={"phase": "x", "eta": 1.5}, error={"code": "busy"})
EPISODE = Episode(
    3,
    "播客 talk",
    Source.FEED,
    1.0,
    2.0,
    feed_id=1,
    number=1.5,
    people=(Person("Ann", "host", "https://a.example/p.png"),),
    media_path="media/ab.mp3",
    sha256="ab",
    duration=61.25,
)
SEGMENT = Segment(0, 0.0, 2.0, "A talk.", "Ann", (Word(0.0, 0.4, " A", 0.9), Word(0.4, 2.0, " talk.")), "a talk", "en")
WINDOW = Window(1, 0.0, 30.0, "en", (SEGMENT,), 20.0, 1.5, SpeechEngine("demo"), (Spoken(0.0, 2.0, Fate.HEARD),), 0.5, True)
TRANSCRIPT = Transcript(
    "en",
    60.0,
    (SEGMENT,),
    SpeechEngine("demo"),
    2.0,
    1.0,
    Checked(Misfit.WORDS, (CheckedPlace(0.0, 5.0, 0.4),), 0.1),
    (Spoken(4.0, 8.0, Fate.UNCLEAR, Why.NO_WORDS),),
)
NOTES = Notes(
    "Cats.",
    (Point("They sleep", "sleep", 1.0, 2.0, 0, True),),
    (Chapter("One", 0.0, "s", "https://a.example/"),),
    (Term("cat"),),
    (Action("feed it"),),
    1.0,
    "ollama",
    "m",
)
MATERIAL = Material(EPISODE, TRANSCRIPT, NOTES)
PUBLISHED = SuppliedTranscript((SEGMENT,), "en", timed=False)
OUTCOMES = (
    OfferOutcome(Offer(ExtraKind.CHAPTERS, "https://a.example/c.json"), Chapters((SuppliedChapter("One", 0.0),))),
    OfferOutcome(Offer(ExtraKind.TRANSCRIPT, "https://a.example/t.vtt", "text/vtt", "en"), PUBLISHED),
    OfferOutcome(Offer(ExtraKind.TRANSCRIPT, "https://a.example/u.vtt"), error="It is gone."),
)
MORE: dict[str, Any] = {"checkpoints": {"k": {"list": [1, "two", None]}}}
VALUES: dict[str, Any] = {
    "fetch": FetchInput(job=JOB, episode=EPISODE, offers=(OUTCOMES[0].offer,), min_free_bytes=5, credentials=None, **MORE),
    "private fetch": FetchInput(
        job=JOB, episode=EPISODE, credentials=FeedCredentials("https://a.example", token="t", headers=(("X-Key", "v"),))
    ),
    "transcribe": TranscribeInput(
        job=JOB,
        episode=EPISODE,
        settings=SpeechSettings.of(Settings()),
        transcript=TRANSCRIPT,
        published=PUBLISHED,
        again=(HearAgain(4.0, 8.0, "small"),),
        coming="media/cd.mp3",
        **MORE,
    ),
    "summarise": SummariseInput(
        job=JOB, episode=EPISODE, settings=NotesSettings.of(Settings()), transcript=TRANSCRIPT, has_notes=True
    ),
    "publish": PublishInput(job=JOB, episode=EPISODE, material=MATERIAL),
    "fetched": Fetched(
        "media/ab.mp3",
        MediaInfo("audio/mpeg", ".mp3", 61.0, 5, "ab", chapters=(SuppliedChapter("One", 0.0),)),
        OUTCOMES,
        About("A page", "<p>d</p>", 1.0, chapters=(SuppliedChapter("Two", 5.0, "https://a.example/"),)),
    ),
    "transcript": TRANSCRIPT,
    "heard again": HeardAgain((HearAgain(4.0, 8.0, "small"),), (WINDOW,)),
    "notes": NOTES,
    "published": Published(("exports/a.md", "exports/a.vtt")),
    "checkpoint": Checkpoint("k", {"text": "a", "list": [1, 2.5]}),
    "nothing more": StepInput(job=JOB, episode=EPISODE),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_comes_back_equal_through_the_text_of_json(name: str) -> None:
    value = VALUES[name]
    assert from_json(type(value), json.loads(json.dumps(to_json(value)))) == value


def test_every_class_that_a_built_in_step_declares_is_among_these() -> None:
    declared = {each for step in steps().values() for each in (step.input, *step.values)}
    assert declared <= {type(value) for value in VALUES.values()}


def test_what_is_no_plain_value_does_not_cross() -> None:
    with pytest.raises(PydanticSerializationError):
        to_json(Checkpoint("k", {"thread": object()}))


def test_data_of_another_value_are_refused() -> None:
    with pytest.raises(ValidationError):
        from_json(Published, to_json(VALUES["checkpoint"]))
