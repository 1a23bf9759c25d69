"""Read one chunk: ask for notes on it, look for every quote, ask once more for the missing ones.

Chunk → ask → MapForm → each quote: found in the chunk's segments? → Reading
                          └ not found: the lines that share words with them (passages), and one more question for all of them
                            → found now, or unverified
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from core import errors
from core.domain.notes.note import Action, Chapter, Point, Term
from core.domain.transcripts.transcript import Segment, join_text
from core.notes import prompts
from core.notes.answers import json_schemas, response_schemas
from core.notes.answers.json_schemas import MOST, WantedField
from core.notes.answers.response_schemas import MapForm, QuotesForm, plain
from core.notes.prompt_check import MARGIN, Asker, CutShort, Question
from core.notes.selection import PointCandidate
from core.notes.server_gauge import Gauge, joined
from core.notes.text.chunking import Chunk
from core.notes.text.passages import passages
from core.notes.text.tokens import tokens
from core.notes.verify import Finder, Match

SMALLEST_BUDGET = 256
MOST_ANSWER = 2048
MOST_CONTEXT = 1 << 20
# Quotes in the second question at most: the others stay unverified.
MOST_CLAIMS = 6
# The second question's highest cost, as a share of a chunk that is LONG; both in tokens.
SHARE_AGAIN, LONG = 1 / 8, 2500
# Tells an answer whose quotes were not looked up yet from a finished reading.
ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class ChunkReading:
    """The model's notes on one chunk that starts at `start` seconds, with the quotes looked up.

    `share`: the gauge's, once it is known; a resumed run then cuts the rest as the earlier run did.
    """

    start: float
    gist: str
    points: tuple[Point, ...]
    chapters: tuple[Chapter, ...]
    terms: tuple[Term, ...]
    actions: tuple[Action, ...]
    share: float | None = None

    @property
    def candidates(self) -> list[PointCandidate]:
        return [PointCandidate(p, self.start if p.start is None else p.start) for p in self.points]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> ChunkReading:
        return cls(
            start=float(row["start"]),
            gist=str(row["gist"]),
            points=tuple(Point(**p) for p in row["points"]),
            chapters=tuple(Chapter(**c) for c in row["chapters"]),
            terms=tuple(Term(**t) for t in row["terms"]),
            actions=tuple(Action(**a) for a in row["actions"]),
            share=float(row["share"]) if row.get("share") else None,
        )


def chunk_budget(language: str, num_ctx: int, num_predict: int = 0, gauge: Gauge | None = None) -> int:
    """Return how much of the high guess of tokens (chunking.most_tokens) fits beside the prompt and the answer.

    Raises ContextTooSmall when hardly any does.
    """
    budget = _left(language, num_ctx, num_predict, gauge)
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
    """Return the shortest context length with which notes in this language can be written, in tokens."""
    return bisect_left(range(MOST_CONTEXT), SMALLEST_BUDGET, key=lambda num_ctx: _left(language, num_ctx, num_predict))


def answer_tokens(num_ctx: int, num_predict: int = 0) -> int:
    """Return the tokens kept free for the answer; `num_predict` 0 takes a third, at most MOST_ANSWER."""
    return num_predict or min(MOST_ANSWER, num_ctx // 3)


def _left(language: str, num_ctx: int, num_predict: int, gauge: Gauge | None = None) -> int:
    measure = gauge or Gauge()
    return measure.guess(num_ctx - answer_tokens(num_ctx, num_predict) - measure.tokens(_frame(language)) - MARGIN)


@cache
def _frame(language: str) -> str:
    return joined(_prompt(prompts.frame(language), MOST, 99).render())


def key_of(kind: str, *content: Any) -> str:
    """Return the key of a question's result: the same question has the same key, in every run."""
    text = json.dumps([prompts.VERSION, kind, *content], ensure_ascii=False)
    return f"{kind}-{hashlib.sha256(text.encode()).hexdigest()[:20]}"


def _prompt(front: prompts.Front, wanted: WantedField, lines: int) -> prompts.Prompt:
    return prompts.map_prompt(front, wanted, json_schemas.skeleton(json_schemas.map_schema(lines, wanted)))


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads chunks of one transcript in one language of notes; `segments` by id. `wanted` points are for all `seconds`."""

    asker: Asker
    language: str
    segments: Mapping[int, Segment]
    wanted: WantedField
    seconds: float

    def key(self, chunk: Chunk) -> str:
        return key_of("read", self.asker.model, self.language, [[p.segment_id, p.text] for p in chunk.pieces])

    def read(self, chunk: Chunk, first: Mapping[str, Any], keep: Callable[[dict[str, Any]], None]) -> ChunkReading:
        """Read one chunk.

        `keep` gets the first answer before the second question about its quotes; `first` is the first answer of an interrupted
        run, else empty. Raises CutShort when the chunk has to be split, and the asker's errors.
        """
        said = [self.segments[i] for i in chunk.segment_ids]
        texts = [line.text for line in chunk.lines]
        front = prompts.front(prompts.lines(texts), self.language)
        wanted = self.wanted.part(max(0.0, said[-1].end - said[0].start) / self.seconds if self.seconds else 1.0)
        if first:
            form = MapForm.model_validate(first[ANSWER])
            self.asker.gauge.share = self.asker.gauge.share or first["share"]
        else:
            form = self.asker.ask(_notes_question(front, len(texts), wanted), _notes_question(front, len(texts), wanted.less()))
        finder = Finder(said)
        if not first and any(finder.find(item.quote) is None for item in (*form.points, *form.actions)):
            keep({ANSWER: form.model_dump(), "share": self.asker.gauge.share})
        points, actions = self._evidence(form, [p.text for p in chunk.pieces], front, finder)
        return ChunkReading(
            start=said[0].start,
            gist=two_sentences(form.sentence_1, form.sentence_2),
            points=points,
            actions=actions,
            chapters=tuple(
                Chapter(plain(c.title, 120), self.segments[chunk.lines[c.line - 1].segment_id].start, c.summary)
                for c in form.chapters
            ),
            terms=tuple(_term(t, finder.find_term(t.text)) for t in form.terms),
            share=self.asker.gauge.share,
        )

    def _evidence(
        self, form: MapForm, texts: Sequence[str], front: prompts.Front, finder: Finder
    ) -> tuple[tuple[Point, ...], tuple[Action, ...]]:
        items = [*form.points, *form.actions]
        found = [finder.find(item.quote) for item in items]
        missing = [i for i, match in enumerate(found) if match is None][:MOST_CLAIMS]
        if missing:
            again = self._ask_again(texts, front, [(items[i].text, items[i].quote) for i in missing])
            for index, quote in zip(missing, again, strict=True):
                found[index] = finder.find(quote)
        points = [_point(i.text, i.quote, m) for i, m in zip(items, found, strict=True)]
        border = len(form.points)
        return tuple(points[:border]), tuple(Action(p.text, p.quote, p.start, p.verified) for p in points[border:])

    def _ask_again(self, texts: Sequence[str], front: prompts.Front, claims: Sequence[tuple[str, str]]) -> list[str]:
        """Ask for a second quote for each claim, empty where there is none. The first answer stands even if this question fails.

        Claims are taken in order while the question stays cheap beside a long chunk: a server may cache no prompt beginnings.
        """
        quotes = [""] * len(claims)
        measure = self.asker.gauge
        most = SHARE_AGAIN * size if (size := measure.tokens(front.body)) > LONG else size + LONG
        count, prompt = len(claims), self._quotes_prompt(texts, front, claims)
        while count > 1 and prompt.front is not front and measure.tokens(joined(prompt.render())) > most:
            fewer = self._quotes_prompt(texts, front, claims[: count - 1])
            if fewer.front is front:
                break
            count, prompt = count - 1, fewer
        schema = json_schemas.quotes_schema(count)
        try:
            form = self.asker.ask(Question(prompt, schema, QuotesForm.read, proof=False))
        except (CutShort, errors.OllamaBadAnswer, errors.OllamaTimeout):
            return quotes
        for item in form.quotes:
            if 1 <= item.index <= count:
                quotes[item.index - 1] = item.quote
        return quotes

    def _quotes_prompt(self, texts: Sequence[str], front: prompts.Front, claims: Sequence[tuple[str, str]]) -> prompts.Prompt:
        nearest = passages(texts, [f"{claim} {quote}" for claim, quote in claims])
        # Where no word is shared, as between two languages, all of the chunk is shown once more, behind the same front.
        near = prompts.excerpt("\n".join(" ".join(join_text(texts[i] for i in run).split()) for run in nearest), self.language)
        form = json_schemas.skeleton(json_schemas.quotes_schema(len(claims)))
        return prompts.quotes_prompt(near if nearest else front, [claim for claim, _ in claims], form)


def _notes_question(front: prompts.Front, lines: int, wanted: WantedField) -> Question[MapForm]:
    return Question(
        _prompt(front, wanted, lines),
        json_schemas.map_schema(lines, wanted),
        lambda said: MapForm.read(said).within(lines, wanted),
    )


def two_sentences(first: str, second: str) -> str:
    """Join two sentences, each with its full stop; drop one that the other contains."""
    said = [" ".join(tokens(s)) for s in (first, second)]
    if f" {said[1]} " in f" {said[0]} ":
        second = ""
    elif f" {said[0]} " in f" {said[1]} ":
        first = ""
    closed = [s if s[-1] in ".!?。！？…" else s + ("。" if ord(s[-1]) > 0x2E7F else ".") for s in (first, second) if s]
    return "".join(closed) if closed[0][-1] in "。！？" else " ".join(closed)


def _point(text: str, quote: str, match: Match | None) -> Point:
    """Return the point with the transcript's own wording where the quote was found, else with the model's claim, unverified."""
    if match is None:
        return Point(text, quote)
    return Point(text, match.quote, match.start, match.end, match.segment_id, verified=True)


def _term(item: response_schemas.TermItem, match: Match | None) -> Term:
    if match is None:
        return Term(plain(item.text, 80), item.explanation)
    return Term(plain(item.text, 80), item.explanation, match.quote, match.start, verified=True)
