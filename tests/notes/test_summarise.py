"""Notes from an honest, clumsy, lying or truncating model: the result is based on the full text and verified, or an error."""

from __future__ import annotations

import re
from typing import Any

import pytest

from core import errors
from core.domain.notes.note import Action, Notes, Point
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.notes import server_gauge
from core.notes.chunk_notes import ChunkReading, Reader
from core.notes.text.chunking import Chunk
from core.notes.verify import Finder
from tests.fakes.ollama import FakeOllama, count_tokens
from tests.notes.conftest import MODEL, NotesRun, transcript_of


def lines_read(fake: FakeOllama, transcript: Transcript) -> set[int]:
    """Return the segments that the model saw in its answered notes requests."""
    return {s.id for s in transcript.segments for c in fake.chats if c.kind == "map" and s.text in c.read}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("count", [20, 200])
def test_an_honest_model_gives_verified_notes_of_everything(fake: FakeOllama, language: str, count: int) -> None:
    transcript = transcript_of(language, count)
    run = NotesRun(fake, language)
    notes = run.notes(transcript)
    assert notes.coverage == 1.0
    assert (notes.engine, notes.model, notes.language) == ("ollama", MODEL, language)
    assert lines_read(fake, transcript) == set(range(count))
    assert notes.verified_share == 1.0
    assert len(notes.points) >= 5
    for point in notes.points:
        assert point.segment_id is not None
        segment = transcript.segments[point.segment_id]
        assert point.quote in segment.text
        assert point.start == segment.start
    starts = [p.start or 0.0 for p in notes.points]
    assert starts == sorted(starts)
    assert [c.start for c in notes.chapters] == sorted(c.start for c in notes.chapters)
    assert notes.actions[0].verified
    assert notes.tldr.count("。" if language == "zh" else ".") == 2
    assert run.progress == sorted(run.progress)
    assert run.progress[-1] == 1.0
    assert "quotes" not in fake.kinds()
    assert Notes.from_dict(notes.to_dict()) == notes


def test_points_are_spread_over_a_long_episode(fake: FakeOllama) -> None:
    transcript = transcript_of("en", 600)
    notes = NotesRun(fake).notes(transcript)
    assert fake.kinds().count("merge") >= 1
    assert len(notes.points) == 5 + int(transcript.duration // 360)
    quarters = {int((p.start or 0.0) / transcript.duration * 4) for p in notes.points}
    assert quarters == {0, 1, 2, 3}


def test_every_request_forbids_silent_cuts_and_thinking(fake: FakeOllama) -> None:
    NotesRun(fake).notes(transcript_of("en", 100))
    for chat in fake.chats:
        body = chat.body
        assert (body["truncate"], body["shift"], body["think"]) == (False, False, False)
        assert body["options"]["num_ctx"] == 3072
        assert body["options"]["num_predict"] <= 1000
        assert body["keep_alive"]
        assert body["format"]["type"] == "object"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_silence_is_said_without_asking_anybody(fake: FakeOllama, language: str) -> None:
    notes = NotesRun(fake, language).notes(Transcript(language, 60.0, (), SpeechEngine("t")))
    assert notes.coverage == 1.0
    assert notes.points == ()
    assert "Nobody speaks" in notes.tldr or "没有人说话" in notes.tldr
    assert not fake.chats


# --- lies -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lies", ["stubborn", "numbers", "negation"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_invented_or_altered_quote_is_ever_marked_verified(fake: FakeOllama, language: str, lies: str) -> None:
    fake.behave(lies=lies)
    transcript = transcript_of(language, 60)
    notes = NotesRun(fake, language).notes(transcript)
    finder = Finder(transcript.segments)
    everything = " ".join(s.text for s in transcript.segments)
    items: list[Point | Action] = [*notes.points, *notes.actions]
    for item in items:
        assert item.verified == (item.quote.rstrip("。.") in everything)
        assert item.verified == (finder.find(item.quote) is not None)
        assert item.verified or item.start is None
    if lies == "stubborn":
        assert notes.points
        assert not any(p.verified for p in notes.points)


# --- overlong prompts and truncation ----------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_refusal_for_length_halves_the_chunk_until_it_fits(fake: FakeOllama, language: str) -> None:
    fake.behave(token_factor=4.0)
    transcript = transcript_of(language, 60)
    run = NotesRun(fake, language)
    notes = run.notes(transcript)
    assert 400 in {c.status for c in fake.chats}
    assert notes.coverage == 1.0
    assert {i for c in fake.chats if c.kind == "map" and c.status == 200 for i in _ids(c.read, transcript)} == set(range(60))


def _ids(read: str, transcript: Transcript) -> set[int]:
    return {s.id for s in transcript.segments if s.text in read}


@pytest.mark.long
def test_one_endless_segment_is_split_by_text(fake: FakeOllama) -> None:
    text = " ".join(f"We talk about number {n} and music today." for n in range(300))
    transcript = Transcript("en", 900.0, (Segment(0, 0.0, 900.0, text),), SpeechEngine("t"))
    notes = NotesRun(fake).notes(transcript)
    assert fake.kinds().count("map") > 2
    assert notes.coverage == 1.0
    assert all(p.verified for p in notes.points)
    assert {n for n in range(300) if any(f"number {n} and" in c.read for c in fake.chats)} >= set(range(290))


def watch(fake: FakeOllama, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Record for each accepted chunk whether the model saw all of it."""
    accepted: list[bool] = []
    read = Reader.read

    def watched(self: Reader, chunk: Chunk, *kept: Any) -> ChunkReading:
        reading = read(self, chunk, *kept)
        seen = [c.read for c in fake.chats if c.kind == "map"][-1]
        accepted.append(all(piece.text.strip() in seen for piece in chunk.pieces))
        return reading

    monkeypatch.setattr(Reader, "read", watched)
    return accepted


@pytest.mark.parametrize("context_cap", [1050, *(pytest.param(cap, marks=pytest.mark.long) for cap in (700, 900))])
@pytest.mark.parametrize("counts", ["all", "none", "remainder"])
@pytest.mark.parametrize("truncates", ["silent", "half"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_truncation_goes_unnoticed(
    fake: FakeOllama, monkeypatch: pytest.MonkeyPatch, language: str, truncates: str, counts: str, context_cap: int
) -> None:
    """The server silently uses a smaller context than requested. No chunk is accepted that was not read in full."""
    accepted = watch(fake, monkeypatch)
    fake.behave(truncates=truncates, counts=counts, context_cap=context_cap)
    try:
        notes = NotesRun(fake, language, num_ctx=8192).notes(transcript_of(language, 40))
    except errors.IncompleteCoverage:
        assert context_cap < 900
    else:
        assert notes.coverage == 1.0
        assert accepted
    assert any(c.read != c.prompt for c in fake.chats)
    assert all(accepted)


def _first_line(prompt: str) -> str:
    return prompt.split("[1] ")[1].splitlines()[0]


@pytest.mark.parametrize("counts", ["all", "none"])
def test_a_context_in_which_nothing_fits_is_an_error_not_a_gap(fake: FakeOllama, counts: str) -> None:
    fake.behave(truncates="silent", counts=counts, context_cap=150)
    with pytest.raises(errors.IncompleteCoverage):
        NotesRun(fake).notes(transcript_of("en", 3))


def test_a_model_that_cannot_copy_the_code_is_believed_when_the_counts_prove_it(fake: FakeOllama) -> None:
    fake.behave(answers="no_code")
    notes = NotesRun(fake).notes(transcript_of("en", 20))
    assert notes.coverage == 1.0
    # A slightly overlong prompt is refused before any of it is evaluated.
    assert fake.kinds() == ["map", "code"]
    assert [c.status for c in fake.chats] == [200, 400]
    fake.chats.clear()
    NotesRun(fake).notes(transcript_of("en", 180))
    assert set(fake.kinds()) == {"map", "merge"}, "what it has proven needs no second proof"


def test_and_is_not_believed_when_there_are_none(fake: FakeOllama) -> None:
    fake.behave(answers="no_code", counts="none")
    with pytest.raises(errors.IncompleteCoverage):
        NotesRun(fake).notes(transcript_of("en", 8))


def test_a_cached_beginning_is_no_truncation(fake: FakeOllama) -> None:
    """An older server counts only uncached tokens; a second run sends almost the same prompt."""
    fake.behave(counts="remainder")
    transcript = transcript_of("en", 20)
    NotesRun(fake).notes(transcript)
    assert NotesRun(fake).notes(transcript).coverage == 1.0
    assert fake.kinds() == ["map", "map"]


# --- token costs --------------------------------------------------------------------------------------------------


def evaluated(fake: FakeOllama) -> int:
    """Return the prompt tokens that the server evaluated: the uncached tokens of answered requests."""
    return sum(c.evaluated for c in fake.chats)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("manner", [{}, {"answers": "no_code"}, {"lies": "invented"}, {"answers": "no_code", "cache": "window"}])
def test_sixteen_minutes_cost_hardly_more_tokens_than_they_have(fake: FakeOllama, language: str, manner: dict[str, str]) -> None:
    """At most 1.3 times the transcript's tokens, whether the model copies correctly or not, and with any kind of cache."""
    transcript = transcript_of(language, 240)
    own = count_tokens(" ".join(s.text for s in transcript.segments))
    fake.behave(**manner)
    notes = NotesRun(fake, language, num_ctx=3 * own).notes(transcript)
    assert (notes.coverage, notes.verified_share) == (1.0, 1.0)
    assert evaluated(fake) <= 1.3 * own, [(c.kind, c.evaluated) for c in fake.chats]
    fake.chats.clear()
    NotesRun(fake, language, num_ctx=3 * own).notes(transcript)
    assert evaluated(fake) <= 1.3 * own, "what the server has proven was proven again"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "manner",
    [
        {},
        {"answers": "no_code"},
        {"lies": "invented"},
        {"answers": "no_code", "lies": "invented"},
        {"lies": "invented", "cache": "window"},
        {"answers": "no_code", "cache": "window"},
        {"answers": "no_code", "lies": "invented", "cache": "window"},
    ],
)
def test_sixteen_minutes_fit_the_usual_context_at_once(fake: FakeOllama, language: str, manner: dict[str, str]) -> None:
    """8,192 tokens: two parts would repeat the task and the rules, and need a merge."""
    transcript = transcript_of(language, 240)
    own = count_tokens(" ".join(s.text for s in transcript.segments))
    fake.behave(**manner)
    notes = NotesRun(fake, language, num_ctx=8192, num_predict=0).notes(transcript)
    assert (notes.coverage, notes.verified_share) == (1.0, 1.0)
    assert fake.kinds().count("map") == 1
    assert evaluated(fake) <= 1.3 * own, [(c.kind, c.evaluated) for c in fake.chats]


@pytest.mark.parametrize("factor", [0.5, 1.0, 1.6, 2.5])
def test_chunks_are_as_long_as_the_first_count_allows(fake: FakeOllama, factor: float) -> None:
    """The second chunk fits at the first try, and leaves little of the context empty."""
    fake.behave(token_factor=factor)
    NotesRun(fake, num_ctx=4096).notes(transcript_of("en", 600))
    read = [count_tokens(c.read, factor) for c in fake.chats if c.kind == "map" and c.status == 200][1:-1]
    assert [c.status for c in fake.chats if c.kind == "map"][-len(read) :] == [200] * len(read)
    assert max(read) > 0.6 * (4096 - 1000)


def test_short_segments_share_a_line(fake: FakeOllama) -> None:
    words = ("We", "need", "more", "hours", "for", "the", "garden.")
    said = [Segment(i, i * 1.0, i + 0.9, words[i % 7], speaker="A" if i < 70 else "B") for i in range(140)]
    NotesRun(fake).notes(Transcript("en", 140.0, tuple(said), SpeechEngine("t")))
    lines = [line for line in fake.chats[0].prompt.splitlines() if re.match(r"\[\d+\] ", line)]
    assert 2 <= len(lines) <= 12
    assert lines[0].startswith("[1] We need more hours for the garden. We need")


def test_a_server_that_lets_too_much_in_is_not_remembered(fake: FakeOllama) -> None:
    """It truncates overlong prompts, so each answer needs its own proof."""
    fake.behave(answers="no_code", truncates="silent")
    NotesRun(fake).notes(transcript_of("en", 20))
    assert not server_gauge.refuses((fake.url, "0.13.0", MODEL, 3072))
    fake.chats.clear()
    NotesRun(fake).notes(transcript_of("en", 20))
    assert "code" in fake.kinds()


@pytest.mark.long
@pytest.mark.parametrize("share", [0.45, 0.6, 0.75])
def test_a_server_with_two_limits_is_not_remembered(fake: FakeOllama, share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """It refuses prompts above the requested context length, but truncates prompts above its own limit."""
    accepted = watch(fake, monkeypatch)
    transcript = transcript_of("en", 120)
    own = count_tokens(" ".join(s.text for s in transcript.segments))
    fake.behave(answers="no_code", truncates="within", context_cap=int(share * own))
    NotesRun(fake, num_ctx=8192).notes(transcript)
    assert any(c.read != c.prompt for c in fake.chats)
    assert all(accepted)


def test_what_a_server_has_proven_is_no_proof_for_another_version_model_or_length(fake: FakeOllama) -> None:
    fake.behave(answers="no_code")
    NotesRun(fake).notes(transcript_of("en", 20))
    assert server_gauge.refuses((fake.url, "0.13.0", MODEL, 3072))
    fake.behave(version="0.9.0")
    fake.chats.clear()
    NotesRun(fake).notes(transcript_of("en", 20))
    assert "code" in fake.kinds()
    fake.chats.clear()
    NotesRun(fake, num_ctx=4096).notes(transcript_of("en", 20))
    assert "code" in fake.kinds()


@pytest.mark.long
def test_a_proven_server_that_begins_to_cut_is_noticed(fake: FakeOllama, monkeypatch: pytest.MonkeyPatch) -> None:
    """Token counts far below the expected ones require another proof."""
    accepted = watch(fake, monkeypatch)
    fake.behave(answers="no_code")
    NotesRun(fake, num_ctx=8192).notes(transcript_of("en", 20))
    fake.behave(truncates="silent", context_cap=1100)
    NotesRun(fake, num_ctx=8192).notes(transcript_of("en", 150))
    assert any(c.read != c.prompt for c in fake.chats)
    assert all(accepted)


# --- endless answers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_answer_without_an_end_is_asked_for_less(fake: FakeOllama, language: str) -> None:
    fake.behave(answers="endless", faults=1)
    notes = NotesRun(fake, language).notes(transcript_of(language, 40))
    assert notes.coverage == 1.0
    first, second = (c.body["format"]["properties"]["points"]["maxItems"] for c in fake.chats[:2])
    assert second <= first / 2
    text = [c.body["format"]["properties"]["points"]["items"]["properties"]["text"]["maxLength"] for c in fake.chats[:2]]
    assert text[1] <= text[0] / 2
    assert fake.chats[1].body["format"]["properties"]["code"]["pattern"] == "^[0-9]{5}$"


def test_complete_items_of_an_answer_that_is_cut_are_used(fake: FakeOllama) -> None:
    fake.behave(answers="cut")
    notes = NotesRun(fake).notes(transcript_of("en", 20))
    assert notes.coverage == notes.verified_share == 1.0
    assert fake.kinds().count("map") == 1


def test_few_complete_items_are_better_than_none(fake: FakeOllama) -> None:
    """Both answers are cut off within the statements: the complete statements of the first one are kept."""
    fake.behave(answers="long")
    notes = NotesRun(fake, num_ctx=8192, num_predict=330).notes(transcript_of("en", 60))
    assert notes.points
    assert notes.coverage == 1.0
    assert all(len(p.text) <= 300 for p in notes.points)


def test_a_context_that_is_full_is_a_chunk_too_long(fake: FakeOllama) -> None:
    """The answer ended before its own limit, for lack of context: retry with half the chunk, not half the answer."""
    fake.behave(answers="long", token_factor=1.9)
    notes = NotesRun(fake, num_ctx=2800).notes(transcript_of("en", 60))
    assert notes.coverage == 1.0
    assert fake.kinds().count("map") > 1
    points = [c.body["options"]["num_predict"] for c in fake.chats if c.kind == "map" and c.status == 200]
    assert min(points) >= 256


def test_an_answer_gets_the_room_that_is_free(fake: FakeOllama) -> None:
    for count, num_ctx in ((5, 8192), (100, 4096), (100, 2600)):
        fake.chats.clear()
        NotesRun(fake, num_ctx=num_ctx, num_predict=0).notes(transcript_of("en", count))
        for chat in fake.chats[1:]:
            taken = count_tokens(chat.prompt) + chat.body["options"]["num_predict"]
            assert taken <= num_ctx or chat.body["options"]["num_predict"] == 256


# --- models that think ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answers", ["thinking", "prose"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_free_text_around_the_answer_is_forgiven(fake: FakeOllama, language: str, answers: str) -> None:
    fake.behave(answers=answers)
    notes = NotesRun(fake, language, num_predict=0, num_ctx=8192).notes(transcript_of(language, 40))
    assert notes.coverage == notes.verified_share == 1.0
    assert fake.kinds() == ["map"]


def test_thoughts_alone_are_no_answer(fake: FakeOllama) -> None:
    fake.behave(answers="only_thoughts")
    with pytest.raises(errors.OllamaBadAnswer):
        NotesRun(fake).notes(transcript_of("en", 20))


# --- resuming -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [1.0, 4.0])
def test_finished_chunks_are_not_asked_for_again(fake: FakeOllama, factor: float) -> None:
    fake.behave(token_factor=factor)
    transcript = transcript_of("en", 180)
    first = NotesRun(fake, stop_after=2)
    with pytest.raises(errors.Cancelled):
        first.notes(transcript)
    asked = {_first_line(c.prompt) for c in fake.chats}
    fake.chats.clear()
    second = NotesRun(fake, kept=dict(first.kept))
    notes = second.notes(transcript, done=first.kept)
    assert notes.coverage == 1.0
    again = {_first_line(c.prompt) for c in fake.chats if c.kind == "map"} & asked
    assert len(again) <= (0 if factor == 1.0 else 1)
    fake.chats.clear()
    third = NotesRun(fake).notes(transcript, done=second.kept)
    assert not fake.chats
    assert third.points == notes.points
    assert third.tldr == notes.tldr


def test_another_model_or_language_starts_afresh(fake: FakeOllama) -> None:
    transcript = transcript_of("en", 20)
    run = NotesRun(fake)
    run.notes(transcript)
    NotesRun(fake, "zh").notes(transcript, done=run.kept)
    assert fake.kinds() == ["map", "map"]


# --- faults -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answers", ["broken", "blank", "empty", "wrong_types", "missing_field", "out_of_range"])
def test_an_unusable_answer_is_asked_for_once_more(fake: FakeOllama, answers: str) -> None:
    fake.behave(answers=answers, faults=1)
    assert NotesRun(fake).notes(transcript_of("en", 20)).coverage == 1.0
    assert fake.kinds() == ["map", "map"]


@pytest.mark.parametrize("answers", ["broken", "blank", "empty", "wrong_types", "missing_field", "out_of_range"])
def test_and_then_it_is_an_error_that_is_retried_later(fake: FakeOllama, answers: str) -> None:
    fake.behave(answers=answers)
    with pytest.raises(errors.OllamaBadAnswer) as caught:
        NotesRun(fake).notes(transcript_of("en", 20))
    assert isinstance(caught.value, errors.Transient)
    assert MODEL in caught.value.detail
    assert fake.kinds() == ["map", "map"]


@pytest.mark.parametrize("answers", ["extra_field", "fenced"])
def test_surplus_around_a_good_answer_is_ignored(fake: FakeOllama, answers: str) -> None:
    fake.behave(answers=answers)
    assert NotesRun(fake).notes(transcript_of("en", 20)).verified_share == 1.0
    assert fake.kinds() == ["map"]


@pytest.mark.parametrize("breaks", ["half", "error"])
def test_half_a_stream_is_asked_for_once_more_then_an_error(fake: FakeOllama, breaks: str) -> None:
    fake.behave(breaks=breaks, faults=1)
    assert NotesRun(fake).notes(transcript_of("en", 20)).coverage == 1.0
    fake.behave(faults=-1)
    with pytest.raises(errors.OllamaBroke) as caught:
        NotesRun(fake).notes(transcript_of("en", 20))
    assert isinstance(caught.value, errors.OutsideCondition)
    assert "choose another model" not in caught.value.detail


@pytest.mark.parametrize(
    ("status", "says"),
    [(404, "page not found"), (400, '"x" does not support chat'), (401, "unauthorized"), (308, ""), (418, "<html>no</html>")],
)
def test_what_a_server_refuses_is_not_said_of_the_model(fake: FakeOllama, status: int, says: str) -> None:
    fake.behave(status=status, says=says)
    with pytest.raises(errors.OllamaBadAnswer) as caught:
        NotesRun(fake).notes(transcript_of("en", 20))
    assert "choose another model" not in caught.value.detail and "The answer of" not in caught.value.detail
    assert fake.url in caught.value.detail and "<" not in caught.value.detail


@pytest.mark.parametrize(
    "how",
    [
        {"answers": "broken"},
        {"answers": "empty"},
        {"breaks": "half"},
        {"breaks": "error"},
        {"status": 500, "says": "unable to load model."},
        {"status": 400, "says": "invalid format: expected a schema."},
        {"garbage": "string"},
        {"busy": 9},
        {"models": ()},
    ],
)
def test_no_message_says_a_thing_twice(fake: FakeOllama, how: dict[str, Any]) -> None:
    fake.behave(**how)
    with pytest.raises(errors.CastMindError) as caught:
        NotesRun(fake).notes(transcript_of("en", 20))
    sentences = [s.strip().lower() for s in re.split(r"[.;:]\s|,\s", caught.value.detail.rstrip(".")) if s.strip()]
    assert len(sentences) == len(set(sentences)), caught.value.detail
    assert ".." not in caught.value.detail


# --- a run interrupted between an answer and its quotes ------------------------------------------------------------


# --- a clock ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("chunks", [1, 2, 3])
def test_notes_that_run_out_of_time_say_how_much_they_have_read(fake: FakeOllama, language: str, chunks: int) -> None:
    transcript = transcript_of(language, 400)
    run = NotesRun(fake, language)
    part = run.notes(transcript, out_of_time=lambda: len(run.kept) >= chunks)
    assert 0.0 < part.coverage < 1.0
    assert part.points and part.verified_share == 1.0 and part.tldr
    assert part.coverage == pytest.approx(len(lines_read(fake, transcript)) / 400)
    assert run.progress == sorted(run.progress)
    asked = len(fake.chats)
    whole = NotesRun(fake, language)
    notes = whole.notes(transcript, done=run.kept)
    assert notes.coverage == 1.0
    maps = [c.prompt for c in fake.chats if c.kind == "map"]
    first = lines_of(maps[0])[0]
    assert not any(first in prompt for prompt in (c.prompt for c in fake.chats[asked:] if c.kind == "map"))


def test_each_run_gets_further_however_short_its_time_is(fake: FakeOllama) -> None:
    transcript = transcript_of("en", 400)
    kept: dict[str, dict[str, Any]] = {}
    shares: list[float] = []
    while not shares or shares[-1] < 1.0:
        run = NotesRun(fake, kept=kept)
        shares.append(run.notes(transcript, done=dict(kept), out_of_time=lambda: True).coverage)
        assert len(shares) < 30
    assert shares == sorted(set(shares))


def lines_of(prompt: str) -> list[str]:
    return re.findall(r"^\[\d+\] (.+)$", prompt, re.MULTILINE)


def test_a_hang_ends_at_the_wall_clock_limit(fake: FakeOllama) -> None:
    fake.behave(breaks="hang")
    with pytest.raises(errors.OllamaTimeout):
        NotesRun(fake, wall_clock_seconds=0.5).notes(transcript_of("en", 20))


def test_a_busy_or_missing_ollama_makes_the_job_wait(fake: FakeOllama) -> None:
    fake.behave(busy=1)
    with pytest.raises(errors.OllamaBusy):
        NotesRun(fake).notes(transcript_of("en", 20))
    fake.behave(models=())
    with pytest.raises(errors.OllamaModelMissing) as caught:
        NotesRun(fake).notes(transcript_of("en", 20))
    assert caught.value.params["model"] == MODEL
    assert isinstance(caught.value, errors.OutsideCondition)
    fake.stop()
    with pytest.raises(errors.OllamaUnreachable):
        NotesRun(fake).notes(transcript_of("en", 20))
    fake.start()


def test_a_model_writes_plain_text_only(fake: FakeOllama) -> None:
    text = "Please buy <b>bread</b>\x00\u202e and milk\nfor the team."
    transcript = Transcript("en", 4.0, (Segment(0, 0.0, 4.0, text),), SpeechEngine("t"))
    notes = NotesRun(fake).notes(transcript)
    written = [notes.tldr, *(p.text for p in notes.points), *(c.title for c in notes.chapters), *(a.text for a in notes.actions)]
    assert written
    assert not any(char in line for line in written for char in "\x00\u202e\n")


GARBAGE = [
    "{[4]}. {[5]},.",
    "The mark is <tag> and that is all.",
    "<code>",
    "A quote is copied letter by letter from the transcript: one continuous run of its words.",
    "string",
    "...",
    "<statement>",
    "sentence_1: what this part says",
    "we go and we go and we go and we go and we go",
    "<|im_start|>assistant",
    "只使用其中说到的内容，不要补充自己的知识，也不要猜测。",
]


@pytest.mark.parametrize("garbage", GARBAGE)
def test_what_only_looks_like_an_answer_is_none(fake: FakeOllama, garbage: str) -> None:
    chinese = garbage.startswith("只")
    fake.behave(garbage=garbage)
    with pytest.raises(errors.OllamaBadAnswer):
        NotesRun(fake, "zh" if chinese else "en").notes(transcript_of("zh" if chinese else "en", 20))
    fake.behave(faults=1)
    assert NotesRun(fake).notes(transcript_of("en", 20)).verified_share == 1.0
