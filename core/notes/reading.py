"""Reads one chunk: asks for notes on it, looks for every quote, asks once more for those that are not there.

Chunk → ask → MapForm → each quote: found in the chunk's segments? → Reading
                          └ not found: one more question for all of them → found now, or unverified
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any

from core import errors
from core.domain.note import Action, Chapter, Point, Term
from core.domain.transcript import Segment
from core.notes import forms, prompts
from core.notes.asking import Asker, CutShort
from core.notes.choose import Candidate
from core.notes.chunking import Chunk, most_tokens
from core.notes.forms import MapForm, QuotesForm, plain
from core.notes.tokens import tokens
from core.notes.verify import Finder, Match

# Chat templates, and what the guess of most_tokens may still miss.
MARGIN = 64
SMALLEST_BUDGET = 256
MOST_ANSWER = 2048
MOST_CONTEXT = 1 << 20


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model said of one chunk that starts at `start` seconds, with its quotes looked up."""

    start: float
    gist: str
    points: tuple[Point, ...]
    chapters: tuple[Chapter, ...]
    terms: tuple[Term, ...]
    actions: tuple[Action, ...]

    @property
    def candidates(self) -> list[Candidate]:
        return [Candidate(p, self.start if p.start is None else p.start) for p in self.points]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Reading:
        return cls(
            start=float(row["start"]),
            gist=str(row["gist"]),
            points=tuple(Point(**p) for p in row["points"]),
            chapters=tuple(Chapter(**c) for c in row["chapters"]),
            terms=tuple(Term(**t) for t in row["terms"]),
            actions=tuple(Action(**a) for a in row["actions"]),
        )


def chunk_budget(language: str, num_ctx: int, num_predict: int = 0) -> int:
    """Tokens of transcript that fit beside the prompt and the answer. Raises ContextTooSmall when hardly any do."""
    budget = _left(language, num_ctx, num_predict)
    if budget < SMALLEST_BUDGET:
        least = least_context(language, num_predict)
        raise errors.ContextTooSmall(
            f"A context length of {num_ctx} tokens leaves no room for the transcript; {least} would do. Nothing is lost. Set "
            "that many at least, or choose a model that reads as many.",
            num_ctx=num_ctx,
            least=least,
        )
    return budget


def least_context(language: str, num_predict: int = 0) -> int:
    """The shortest context length with which notes in this language can be written, in tokens."""
    return bisect_left(range(MOST_CONTEXT), SMALLEST_BUDGET, key=lambda num_ctx: _left(language, num_ctx, num_predict))


def answer_tokens(num_ctx: int, num_predict: int = 0) -> int:
    """How many are kept free for the answer; `num_predict` 0 takes a third, at most MOST_ANSWER."""
    return num_predict or min(MOST_ANSWER, num_ctx // 3)


def _left(language: str, num_ctx: int, num_predict: int) -> int:
    return num_ctx - answer_tokens(num_ctx, num_predict) - _frame(language) - MARGIN


@cache
def _frame(language: str) -> int:
    return sum(most_tokens(m["content"]) for m in _prompt((), language).render("00000"))


def key_of(kind: str, *content: Any) -> str:
    """A name for the result of asking this: the same question has the same key, in every run."""
    text = json.dumps([prompts.VERSION, kind, *content], ensure_ascii=False)
    return f"{kind}-{hashlib.sha256(text.encode()).hexdigest()[:20]}"


def _prompt(texts: Sequence[str], language: str) -> prompts.Prompt:
    return prompts.map_prompt(
        texts, language, points=forms.POINTS, chapters=forms.CHAPTERS, terms=forms.TERMS, actions=forms.ACTIONS
    )


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads chunks of one transcript in one language of notes; `segments` by id."""

    asker: Asker
    language: str
    segments: Mapping[int, Segment]

    def key(self, chunk: Chunk) -> str:
        return key_of("read", self.asker.model, self.language, [[p.segment_id, p.text] for p in chunk.pieces])

    def read(self, chunk: Chunk) -> Reading:
        """Raises CutShort when the chunk has to be split, and what the asker raises."""
        texts = [p.text for p in chunk.pieces]
        form = self.asker.ask(
            _prompt(texts, self.language),
            forms.map_schema(len(texts)),
            lambda said: MapForm.read(said).within(len(texts)),
        )
        said = [self.segments[i] for i in chunk.segment_ids]
        finder = Finder(said)
        points, actions = self._evidence(form, texts, finder)
        return Reading(
            start=said[0].start,
            gist=two_sentences(form.sentence_1, form.sentence_2),
            points=points,
            actions=actions,
            chapters=tuple(
                Chapter(plain(c.title, 120), self.segments[chunk.pieces[c.line - 1].segment_id].start, c.summary)
                for c in form.chapters
            ),
            terms=tuple(_term(t, finder.find_term(t.text)) for t in form.terms),
        )

    def _evidence(self, form: MapForm, texts: Sequence[str], finder: Finder) -> tuple[tuple[Point, ...], tuple[Action, ...]]:
        items = [*form.points, *form.actions]
        found = [finder.find(item.quote) for item in items]
        missing = [i for i, match in enumerate(found) if match is None]
        if missing:
            again = self._ask_again(texts, [(items[i].text, items[i].quote) for i in missing])
            for index, quote in zip(missing, again, strict=True):
                found[index] = finder.find(quote)
        points = [_point(i.text, i.quote, m) for i, m in zip(items, found, strict=True)]
        border = len(form.points)
        return tuple(points[:border]), tuple(Action(p.text, p.quote, p.start, p.verified) for p in points[border:])

    def _ask_again(self, texts: Sequence[str], claims: Sequence[tuple[str, str]]) -> list[str]:
        """A second quote for each claim, empty where there is none. The first answer stands whatever becomes of this one."""
        quotes = [""] * len(claims)
        asker = replace(self.asker, num_predict=min(self.asker.num_predict, 64 + 120 * len(claims)))
        try:
            form = asker.ask(
                prompts.quotes_prompt(texts, claims, self.language), forms.quotes_schema(len(claims)), QuotesForm.read
            )
        except (CutShort, errors.OllamaBadAnswer):
            return quotes
        for item in form.quotes:
            if 1 <= item.index <= len(quotes):
                quotes[item.index - 1] = item.quote
        return quotes


def two_sentences(first: str, second: str) -> str:
    """Joined as two sentences, each with its full stop; what one says that the other says too is left out."""
    said = [" ".join(tokens(s)) for s in (first, second)]
    if f" {said[1]} " in f" {said[0]} ":
        second = ""
    elif f" {said[0]} " in f" {said[1]} ":
        first = ""
    closed = [s if s[-1] in ".!?。！？…" else s + ("。" if ord(s[-1]) > 0x2E7F else ".") for s in (first, second) if s]
    return "".join(closed) if closed[0][-1] in "。！？" else " ".join(closed)


def _point(text: str, quote: str, match: Match | None) -> Point:
    """With the transcript's own wording where the quote was found, else with what the model claimed, unverified."""
    if match is None:
        return Point(text, quote)
    return Point(text, match.quote, match.start, match.end, match.segment_id, verified=True)


def _term(item: forms.TermItem, match: Match | None) -> Term:
    if match is None:
        return Term(plain(item.text, 80), item.explanation)
    return Term(plain(item.text, 80), item.explanation, match.quote, match.start, verified=True)
