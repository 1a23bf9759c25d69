"""One chunk read: what fits beside it, its notes with every quote looked for, and the first answer kept before the second."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from core import errors
from core.domain.notes.note import Action, Chapter, Point, Term
from core.domain.transcripts.transcript import Transcript
from core.llm.ollama import OllamaClient
from core.notes.answers.json_schemas import WantedField
from core.notes.chunk_notes import (
    ANSWER,
    MOST_CLAIMS,
    SMALLEST_BUDGET,
    ChunkReading,
    Reader,
    answer_tokens,
    chunk_budget,
    key_of,
    least_context,
    two_sentences,
)
from core.notes.prompt_check import Asker
from core.notes.server_gauge import Gauge
from core.notes.text.chunking import Chunk, pieces
from tests.fakes.ollama import FakeOllama
from tests.notes.conftest import MODEL, NotesRun, transcript_of

WANTED = WantedField(points=8, chapters=3, terms=8, actions=4)


def reader(fake: FakeOllama, transcript: Transcript, language: str = "en") -> Reader:
    asker = Asker(OllamaClient(fake.url), MODEL, 8192, 2000, 20.0, lambda: False)
    return Reader(asker, language, {s.id: s for s in transcript.segments}, WANTED, transcript.duration)


def chunk_of(transcript: Transcript) -> Chunk:
    return Chunk(pieces(transcript.segments))


# --- what fits ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh", "fr"])
@pytest.mark.parametrize("num_predict", [0, 500])
def test_the_least_context_is_the_first_with_room_for_a_chunk(language: str, num_predict: int) -> None:
    least = least_context(language, num_predict)
    assert chunk_budget(language, least, num_predict) >= SMALLEST_BUDGET
    with pytest.raises(errors.ContextTooSmall) as caught:
        chunk_budget(language, least - 1, num_predict)
    assert caught.value.params == {"num_ctx": least - 1, "least": least} and str(least) in caught.value.detail


def test_a_model_that_makes_more_tokens_of_a_text_gets_less_of_it() -> None:
    assert (
        chunk_budget("en", 8192, 0, Gauge(share=1.4)) < chunk_budget("en", 8192) < chunk_budget("en", 8192, 0, Gauge(share=0.4))
    )


def test_an_answer_has_a_third_of_the_context_up_to_its_limit_unless_it_is_set() -> None:
    assert [answer_tokens(n) for n in (3000, 6144, 65_536)] == [1000, 2048, 2048]
    assert answer_tokens(3000, 700) == 700


def test_a_context_length_without_room_is_refused_at_once(fake: FakeOllama) -> None:
    with pytest.raises(errors.ContextTooSmall, match="would do"):
        NotesRun(fake, num_ctx=1500).notes(transcript_of("en", 8))
    assert not fake.chats


# --- keys -----------------------------------------------------------------------------------------


def test_the_same_question_has_the_same_key_and_another_has_another(fake: FakeOllama) -> None:
    one, other = transcript_of("en", 4), transcript_of("en", 5)
    key = reader(fake, one).key(chunk_of(one))
    assert key == reader(fake, one).key(chunk_of(one)) and key.startswith("read-")
    assert len({key, reader(fake, one, "fr").key(chunk_of(one)), reader(fake, other).key(chunk_of(other))}) == 3
    assert key_of("read", "a", "b") != key_of("read", "ab", "")


# --- reading --------------------------------------------------------------------------------------


def test_each_item_stands_where_it_was_said(fake: FakeOllama) -> None:
    transcript = transcript_of("en", 12)
    read = reader(fake, transcript).read(chunk_of(transcript), {}, lambda _: None)
    assert read.points and all(p.verified and p.segment_id is not None for p in read.points)
    for point in read.points:
        said = transcript.segments[point.segment_id or 0]
        assert (point.quote in said.text, point.start, point.end) == (True, said.start, said.end)
    assert [c.start for c in read.chapters] == [0.0] and read.terms[0].verified
    assert [candidate.at for candidate in read.candidates] == [p.start for p in read.points]
    assert ChunkReading.from_dict(read.to_dict()) == read


def test_nothing_is_kept_in_between_when_every_quote_was_found(fake: FakeOllama) -> None:
    transcript, kept = transcript_of("en", 12), list[Mapping[str, Any]]()
    reader(fake, transcript).read(chunk_of(transcript), {}, kept.append)
    assert kept == [] and fake.kinds() == ["map"]


@pytest.mark.parametrize("lies", ["invented", "stubborn"])
def test_an_answer_that_was_kept_is_gone_on_with(fake: FakeOllama, lies: str) -> None:
    fake.behave(lies=lies)
    transcript, kept = transcript_of("en", 12), list[dict[str, Any]]()
    whole = reader(fake, transcript).read(chunk_of(transcript), {}, kept.append)
    assert list(kept[0]) == [ANSWER, "share"]
    fake.chats.clear()
    again = reader(fake, transcript).read(chunk_of(transcript), kept[0], kept.append)
    assert (again, fake.kinds(), len(kept)) == (whole, ["quotes"], 1)
    assert {p.verified for p in again.points} == {lies == "invented"}


def test_a_point_without_evidence_counts_as_said_where_its_chunk_begins() -> None:
    points = (Point("said", "said", 40.0, 44.0, 3, verified=True), Point("not found", "nowhere"))
    read = ChunkReading(30.0, "A gist.", points, (Chapter("c", 30.0),), (Term("t"),), (Action("do"),), share=None)
    assert [c.at for c in read.candidates] == [40.0, 30.0]
    assert ChunkReading.from_dict(read.to_dict()) == read


# --- quotes that were not found -------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
def test_quotes_that_are_asked_for_again_are_few(fake: FakeOllama, language: str) -> None:
    fake.behave(lies="stubborn")
    transcript = transcript_of(language, 60)
    reader(fake, transcript, language).read(chunk_of(transcript), {}, lambda _: None)
    (again,) = (c for c in fake.chats if c.kind == "quotes")
    assert again.body["format"]["properties"]["quotes"]["maxItems"] <= MOST_CLAIMS


@pytest.mark.parametrize("language", ["en", "zh"])
def test_invented_quotes_are_asked_for_once_more(fake: FakeOllama, language: str) -> None:
    fake.behave(lies="invented")
    notes = NotesRun(fake, language).notes(transcript_of(language, 20))
    assert fake.kinds() == ["map", "quotes"]
    assert notes.verified_share == 1.0


# --- a run interrupted between an answer and its quotes ------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("ends", "error"),
    [
        ({"breaks": "half"}, errors.OllamaBroke),
        ({"status": 500, "says": "out of memory"}, errors.OllamaNoMemory),
        ({"busy": 1}, errors.OllamaBusy),
        ({"models": ()}, errors.OllamaModelMissing),
    ],
)
def test_an_answer_is_kept_before_its_quotes_are_asked_for(
    fake: FakeOllama, language: str, ends: dict[str, Any], error: type[Exception]
) -> None:
    fake.behave(lies="invented")
    transcript = transcript_of(language, 20)
    run = NotesRun(fake, language)
    run.on_kept = lambda: fake.behave(**ends)
    with pytest.raises(error):
        run.notes(transcript)
    assert fake.kinds().count("map") == 1
    fake.behave(breaks="no", status=0, busy=0, models=[MODEL], lies="invented")
    fake.chats.clear()
    notes = NotesRun(fake, language).notes(transcript, done=run.kept)
    assert set(fake.kinds()) == {"quotes"}
    assert (notes.coverage, notes.verified_share) == (1.0, 1.0)


def test_a_cancel_between_an_answer_and_its_quotes_loses_nothing_that_was_said(fake: FakeOllama) -> None:
    fake.behave(lies="stubborn")
    transcript = transcript_of("en", 20)
    run = NotesRun(fake, stop_after=1)
    with pytest.raises(errors.Cancelled):
        run.notes(transcript)
    assert fake.kinds() == ["map"]
    asked = NotesRun(fake).notes(transcript, done=run.kept)
    assert "map" not in fake.kinds()[1:]
    assert asked.points and asked.verified_share == 0.0


def test_quotes_that_take_too_long_leave_the_answer_as_it_stands(fake: FakeOllama) -> None:
    fake.behave(lies="invented")
    run = NotesRun(fake, wall_clock_seconds=1.0)
    run.on_kept = lambda: fake.behave(breaks="hang")
    notes = run.notes(transcript_of("en", 20))
    assert notes.points and notes.verified_share == 0.0


# --- the gist -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("Cats are fed.", "Cats are fed.", "Cats are fed."),
        ("Cats are fed", "CATS are fed!", "Cats are fed."),
        ("Cats are fed.", "It is said that cats are fed.", "It is said that cats are fed."),
        ("A man feeds his cats at night", "feeds his cats", "A man feeds his cats at night."),
        ("猫吃鱼。", "猫吃鱼", "猫吃鱼。"),
        ("他说猫吃鱼", "猫吃鱼。", "他说猫吃鱼。"),
        ("Cats eat.", "Dogs eat.", "Cats eat. Dogs eat."),
        ("猫吃鱼", "狗吃肉", "猫吃鱼。狗吃肉。"),
        ("Cats eat.", "", "Cats eat."),
    ],
)
def test_a_gist_says_nothing_twice(first: str, second: str, joined: str) -> None:
    assert two_sentences(first, second) == joined
