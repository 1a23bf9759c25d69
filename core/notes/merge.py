"""Join the notes on parts, level by level, into one gist; the model's picks only narrow the choice that code makes.

parts → groups of neighbours that fit the context → (gist, picks) of each → parts of the next level → … → one part
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core import errors
from core.notes import prompts
from core.notes.answers import json_schemas
from core.notes.answers.response_schemas import MergeForm
from core.notes.chunk_notes import key_of, two_sentences
from core.notes.prompt_check import MARGIN, Asker, CutShort, Question
from core.notes.selection import PointCandidate, distinct_points, spread
from core.notes.server_gauge import joined
from core.notes.text.chunking import LINE_TOKENS, most_tokens

# Tokens: two sentences, and some numbers.
ANSWER = 640
# Points of two parts that are shown at least.
FEWEST_SHOWN = 2


@dataclass(frozen=True, slots=True)
class NotesPart:
    """A stretch of the episode: its gist, and the points still in the running."""

    gist: str
    candidates: tuple[PointCandidate, ...]

    @property
    def tokens(self) -> int:
        return most_tokens(self.gist) + sum(most_tokens(c.point.text) + LINE_TOKENS for c in self.candidates) + LINE_TOKENS


@dataclass(frozen=True, slots=True)
class Merger:
    """Merges in one language, keeping at most `limit` points; `done` and `on_chunk` as in summarise."""

    asker: Asker
    language: str
    limit: int
    done: Mapping[str, Mapping[str, Any]]
    on_chunk: Callable[[str, dict[str, Any]], None]

    def merge(self, parts: Sequence[NotesPart]) -> NotesPart:
        """Merge one or more parts into one. Raises IncompleteCoverage when not even two fit the context."""
        while len(parts) > 1:
            parts = [part for group in self._groups(parts) for part in self._one(group)]
        return parts[0]

    def _groups(self, parts: Sequence[NotesPart]) -> list[list[NotesPart]]:
        gauge = self.asker.gauge
        frame = gauge.tokens(joined(self._prompt(prompts.frame(self.language), self.limit).render()))
        budget = gauge.guess(self.asker.num_ctx - min(ANSWER, self.asker.num_predict) - frame - MARGIN)
        groups: list[list[NotesPart]] = [[]]
        for part in parts:
            if len(groups[-1]) > 1 and sum(p.tokens for p in groups[-1]) + part.tokens > budget:
                groups.append([])
            groups[-1].append(part)
        return groups

    def _one(self, group: Sequence[NotesPart]) -> list[NotesPart]:
        """Merge the group into one part, or into several when it was too much at once."""
        if len(group) == 1:
            return list(group)
        candidates = distinct_points(c for p in group for c in p.candidates)
        key = key_of("merge", self.asker.model, self.language, self.limit, self._body(group, candidates))
        kept = self.done.get(key)
        if kept is None:
            kept = self._ask(group, candidates)
            self.on_chunk(key, dict(kept))
        if kept.get("split"):
            middle = len(group) // 2
            return [part for half in (group[:middle], group[middle:]) for part in self._one(half)]
        picked = frozenset(int(p) - 1 for p in kept["picks"])
        chosen = spread(candidates, picked, self.limit)
        return [NotesPart(str(kept["gist"]), tuple(candidates[i] for i in chosen))]

    def _ask(self, group: Sequence[NotesPart], candidates: Sequence[PointCandidate]) -> dict[str, Any]:
        """Ask about the group. Of two parts that are too long together, show fewer and fewer points; the others stay in the
        running.
        """
        shown: Sequence[int] = range(len(candidates))
        while True:
            try:
                form = self._answer(group, [candidates[i] for i in shown])
            except CutShort as error:
                if len(group) > 2:
                    return {"split": True}
                if len(shown) <= FEWEST_SHOWN:
                    raise errors.IncompleteCoverage(
                        "The summaries of two parts do not fit the language model's context. The parts are kept; "
                        "raise the context length in the settings."
                    ) from error
                kept = spread([candidates[i] for i in shown], frozenset(), max(FEWEST_SHOWN, len(shown) // 2))
                shown = [shown[i] for i in kept]
            else:
                picks = {shown[pick - 1] + 1 for pick in form.picks}
                return {"gist": two_sentences(form.sentence_1, form.sentence_2), "picks": sorted(picks)}

    def _answer(self, group: Sequence[NotesPart], candidates: Sequence[PointCandidate]) -> MergeForm:
        return self.asker.ask(
            Question(
                self._prompt(prompts.front(self._body(group, candidates), self.language), len(candidates)),
                json_schemas.merge_schema(len(candidates), self.limit),
                lambda said: MergeForm.read(said).within(len(candidates)),
            )
        )

    def _prompt(self, front: prompts.Front, points: int) -> prompts.Prompt:
        form = json_schemas.skeleton(json_schemas.merge_schema(points, self.limit))
        return prompts.merge_prompt(front, self.limit, form)

    @staticmethod
    def _body(group: Sequence[NotesPart], candidates: Sequence[PointCandidate]) -> str:
        gists = [f"({number}) {part.gist}" for number, part in enumerate(group, start=1)]
        return "\n".join([*gists, prompts.lines([c.point.text for c in candidates])])
