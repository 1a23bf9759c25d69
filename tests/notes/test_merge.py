"""Parts become one: in groups that fit, halved or with fewer points where they do not, and nothing asked for twice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from core import errors
from core.domain.notes.note import Point
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.llm.ollama import OllamaClient
from core.notes.merge import Merger, NotesPart
from core.notes.prompt_check import Asker
from core.notes.selection import PointCandidate
from tests.fakes.ollama import FakeOllama
from tests.notes.conftest import MODEL, NotesRun, transcript_of


def test_a_merge_that_is_cut_is_split_too(fake: FakeOllama) -> None:
    transcript = transcript_of("en", 300)
    fake.behave(truncates="silent", counts="none", context_cap=1300)
    notes = NotesRun(fake, num_ctx=8192).notes(transcript)
    merges = [c for c in fake.chats if c.kind == "merge"]
    assert any(c.read != c.prompt for c in merges)
    assert notes.coverage == 1.0
    assert notes.verified_share == 1.0


HEAVY = {
    "ko": ["항구가", "오월에", "열립니다", "우리는", "나무를", "심었어요", "강변에"],
    "ar": ["الميناء", "الجديد", "يفتح", "في", "مايو", "زرعنا", "الأشجار", "على", "النهر"],
}


def heavy(language: str, count: int) -> Transcript:
    """Return sentences in a language whose words have many tokens each."""
    words = HEAVY[language]
    said = [" ".join(words[(n * 3 + k * (1 + n % 4)) % len(words)] for k in range(12)) + f" {n}." for n in range(count)]
    segments = tuple(Segment(n, n * 4.0, n * 4.0 + 3.5, text) for n, text in enumerate(said))
    return Transcript(language, count * 4.0, segments, SpeechEngine("test"))


@pytest.mark.parametrize(("language", "factor"), [("ko", 3.0), pytest.param("ar", 2.5, marks=pytest.mark.long)])
@pytest.mark.parametrize("counts", ["all", "none"])
def test_two_parts_that_are_too_much_are_joined_with_fewer_points(
    fake: FakeOllama, language: str, factor: float, counts: str
) -> None:
    """2,048 tokens of context, and a model with three tokens where others have one."""
    fake.behave(token_factor=factor, counts=counts)
    transcript = heavy(language, 40)
    notes = NotesRun(fake, language, num_ctx=2048).notes(transcript)
    assert notes.coverage == 1.0 and notes.tldr
    assert len(notes.points) > 2 and notes.verified_share == 1.0
    refused = [chat for chat in fake.chats if chat.status == 400]
    assert any(chat.kind == "merge" for chat in refused)


# --- groups ---------------------------------------------------------------------------------------


def part(number: int, times: int = 2) -> NotesPart:
    """Return a part of a minute with two points of two words, and three more `times` over."""
    points = (
        Point(f"{say} {number} {'about the harbour ' * times}", f"quote {number} {say}", number * 60.0 + at, verified=True)
        for at, say in ((0.0, "First"), (30.0, "Second"))
    )
    return NotesPart(f"Part {number} is about the harbour.", tuple(PointCandidate(p, p.start or 0.0) for p in points))


def merger(fake: FakeOllama, done: Mapping[str, Mapping[str, Any]], kept: dict[str, dict[str, Any]], num_ctx: int) -> Merger:
    asker = Asker(OllamaClient(fake.url), MODEL, num_ctx, 640, 20.0, lambda: False)
    return Merger(asker, "en", 6, done, kept.__setitem__)


def test_one_part_is_its_own_merge(fake: FakeOllama) -> None:
    kept: dict[str, dict[str, Any]] = {}
    assert merger(fake, {}, kept, 8192).merge([part(0)]) == part(0)
    assert not fake.chats and not kept


def test_parts_that_fit_are_merged_at_once_and_spread_over_all_of_them(fake: FakeOllama) -> None:
    one = merger(fake, {}, {}, 8192).merge([part(n) for n in range(6)])
    assert fake.kinds() == ["merge"] and "6 parts" in one.gist
    assert [c.at for c in one.candidates] == sorted(c.at for c in one.candidates) and len(one.candidates) == 6
    assert {int(c.at // 120) for c in one.candidates} == {0, 1, 2}


def test_parts_that_do_not_fit_are_merged_level_by_level(fake: FakeOllama) -> None:
    one = merger(fake, {}, {}, 2600).merge([part(n, 30) for n in range(8)])
    shown = [chat.read.count("\n(") for chat in fake.chats]
    assert len(shown) > 2 and sum(shown[:-1]) >= 8, "each part of the first level was shown"
    assert all(chat.status == 200 for chat in fake.chats)
    assert {int(c.at // 240) for c in one.candidates} == {0, 1}


@pytest.mark.parametrize("factor", [1.0, 2.4])
def test_a_merge_that_was_made_is_not_asked_for_again(fake: FakeOllama, factor: float) -> None:
    """At 2.4 tokens where one was expected, a group is refused and halved; that is kept too."""
    fake.behave(token_factor=factor)
    parts, kept = [part(n, 30) for n in range(6)], dict[str, dict[str, Any]]()
    one = merger(fake, {}, kept, 3600).merge(parts)
    assert any(each.get("split") for each in kept.values()) == (factor > 1)
    fake.chats.clear()
    assert merger(fake, dict(kept), {}, 3600).merge(parts) == one
    assert not fake.chats


def test_two_parts_that_never_fit_are_an_error_that_keeps_them(fake: FakeOllama) -> None:
    fake.behave(token_factor=9.0)
    with pytest.raises(errors.IncompleteCoverage, match="raise the context length"):
        merger(fake, {}, kept := {}, 2048).merge([part(0), part(1)])
    assert kept == {}


def test_the_same_statement_of_two_parts_is_shown_once(fake: FakeOllama) -> None:
    one = merger(fake, {}, {}, 8192).merge([part(0), part(0)])
    assert len(one.candidates) == 2
    assert len(re.findall(r"^\[\d+\] ", fake.chats[0].read, re.MULTILINE)) == 2
