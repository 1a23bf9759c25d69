"""Ask the model one question, and prove that the model read all of it.

    render → chat → refused for length (400), or no room for the answer? → CutShort
                  → counts impossible?                                   → CutShort
                  → its end is missing? enough items complete?           → no: once more, for less
                  → fills the form?                                      → no: once more, then OllamaBadAnswer
                  → repeats the code?    → yes: it was read; no answer (worth)? → once more
                                         → no: is it proven otherwise?   → no: once more, then CutShort

Servers that know `truncate: false` refuse prompts that are too long. Older ones drop the front and answer 200. The proofs:
1. `prompt_eval_count`, where there is one, below any tokenizer's count of the prompt, or together with the answer
   above the context length (the front was shifted out meanwhile): cut. A server may leave cached tokens out of its
   count; every transcript follows a random tag, so the first question on it is counted.
2. The check code before the transcript, repeated by the last field of the answer: the front was there to the end.
3. A weak model may miscopy the code of a prompt that it has read. Then the prompt is sent again, padded at its end until it
   is a little too long. A server that refuses that has cut no prompt that it accepted (it has one limit), and has evaluated
   none of it; it is remembered (gauge), and its answers need no further proof as long as its counts are about those expected.
   To one that does not refuse, or that counts less than is likely, PADDING words are sent: its count must grow by just them,
   for a prompt cut to a limit does not grow.
4. Where the counts prove nothing, the text is sent again, with PADDING and with twice as many words before it, to be answered
   with the code alone. It was read if one code is right, or if the second count is higher by just the padding. The two are
   compared with each other, because a cache may hold the tail that a cut has left. No counts, no benefit of the doubt.

For a server that caches the beginnings of prompts, only the last proof costs the transcript's whole length once more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from core import errors
from core.llm.ollama import ContextExceeded, ModelAnswer
from core.notes.answers.json_schemas import CODE_SCHEMA
from core.notes.answers.response_schemas import ResponseForm, Unusable
from core.notes.answers.worth import Gate
from core.notes.prompts import Messages, Prompt, code_prompt
from core.notes.server_gauge import Gauge, Server, grew, joined, refuses, remember
from core.notes.text.chunking import least_tokens

F = TypeVar("F", bound=ResponseForm)
TRIES = 2
PADDING = 64
# Room for chat templates, and for the error of the token guess.
MARGIN = 64
# Tokens; with less room than this nothing is worth asking.
SMALLEST_ANSWER = 256


class CutShort(Exception):
    """The prompt was too long and was refused, or part of it was not read: send less."""


class Chat(Protocol):
    """The part of OllamaClient that asks."""

    host: str

    def version(self) -> str: ...

    def chat(
        self,
        model: str,
        messages: Sequence[Mapping[str, str]],
        schema: Mapping[str, Any] | None,
        *,
        num_ctx: int,
        num_predict: int,
        wall_clock_seconds: float,
        cancelled: Callable[[], bool] = ...,
        temperature: float = ...,
        seed: int = ...,
    ) -> ModelAnswer: ...


@dataclass(frozen=True, slots=True)
class Question(Generic[F]):
    """`read` turns an answer's text into the form or raises Unusable. `proof`: whether all must have been read; that does not
    matter where code looks up each answer."""

    prompt: Prompt
    schema: Mapping[str, Any]
    read: Callable[[str], F]
    proof: bool = True


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks one model with one set of limits: `num_ctx` and `num_predict` (of one answer, at most) in tokens."""

    client: Chat
    model: str
    num_ctx: int
    num_predict: int
    wall_clock_seconds: float
    cancelled: Callable[[], bool]
    gauge: Gauge = field(default_factory=Gauge)
    # Tags of the transcripts that the server may have cached.
    _met: set[str] = field(default_factory=set)

    def ask(self, question: Question[F], less: Question[F] | None = None) -> F:
        """Return the filled-in form. `less` is asked when an answer to `question` came to no end.

        Raises CutShort, OllamaBadAnswer after TRIES unusable answers, and the client's errors.
        """
        problem, spare, asked = "", None, question
        for attempt in range(TRIES):
            answer = None
            try:
                answer = self._send(asked.prompt, asked.schema, attempt=attempt)
                form = asked.read(answer.text)
                if not self._proven(asked, form, answer, last=attempt == TRIES - 1):
                    problem = "it does not repeat the check code"
                    continue
                self.gauge.learn(joined(asked.prompt.render()), answer.prompt_eval_count)
                form = form.answered(_gate(asked.prompt))
                if form.enough:
                    return form
                problem, spare = "it did not come to an end", spare or form
            except ContextExceeded as error:
                raise CutShort(str(error)) from error
            except (errors.OllamaBroke, errors.OllamaBadAnswer):
                # One failure may be chance. A second one is the server's trouble, not bad answers of the model: its error says
                # how to fix it. An earlier usable answer is better than that.
                if attempt == TRIES - 1 and spare is None:
                    raise
            except (errors.OllamaBusy, errors.OllamaTimeout):
                if spare is None:
                    raise
            except Unusable as error:
                problem = str(error)
            if less is not None and answer is not None and answer.done_reason == "length":
                problem, asked = "it did not come to an end", less
        if spare is not None:
            return spare
        raise errors.OllamaBadAnswer(
            f"The answer of {self.model} could not be used: {problem.rstrip('.')}. Finished parts are kept; it will be asked "
            "again. If this keeps happening, choose another model in the settings.",
            model=self.model,
            reason=problem,
        )

    def _send(
        self,
        prompt: Prompt,
        schema: Mapping[str, Any],
        *,
        attempt: int = 0,
        num_predict: int = 0,
        before: str = "",
        behind: str = "",
    ) -> ModelAnswer:
        messages = prompt.render(before=before, behind=behind)
        room = self.num_ctx - self.gauge.tokens(joined(messages)) - MARGIN
        most = num_predict or max(SMALLEST_ANSWER, min(room, self.num_predict))
        answer = self.client.chat(
            self.model,
            messages,
            schema,
            num_ctx=self.num_ctx,
            num_predict=most,
            wall_clock_seconds=self.wall_clock_seconds,
            cancelled=self.cancelled,
            # A second try with the same random seed and temperature would end the same way.
            temperature=0.1 + 0.4 * attempt,
            seed=1 + attempt,
        )
        known = prompt.front.tag in self._met
        self._met.add(prompt.front.tag)
        if counts_show_cut(messages, answer, self.num_ctx, known=known):
            raise CutShort("the server counted fewer tokens than the prompt has")
        if answer.done_reason == "length" and answer.eval_count is not None and answer.eval_count < most - 1:
            raise CutShort("the context length left no room for the answer")
        return answer

    # --- proofs ---------------------------------------------------------------------------------------------

    def _proven(self, asked: Question[F], form: F, answer: ModelAnswer, *, last: bool) -> bool:
        """Return whether the whole prompt was read. Raises CutShort when there is no further way to find out."""
        if not asked.proof or form.code == asked.prompt.front.code:
            return True
        count = answer.prompt_eval_count
        if count is not None and self.gauge.plausible(joined(asked.prompt.render()), count):
            if refuses(self._server()):
                return True
            refused = self._refuses_more(asked.prompt, count)
            if refused and self.gauge.likely(joined(asked.prompt.render()), count):
                remember(self._server())
                return True
            if self._grows(asked.prompt, count):
                if refused:
                    remember(self._server())
                return True
        if last and not self._was_read(asked.prompt):
            raise CutShort("the check code at the front was not read")
        return last

    def _server(self) -> Server:
        return (self.client.host, self.client.version(), self.model, self.num_ctx)

    def _grows(self, prompt: Prompt, count: int) -> bool:
        """Return whether words behind the prompt raise the server's count by just their number."""
        try:
            answer = self._send(prompt, CODE_SCHEMA, num_predict=1, behind=_padding(PADDING))
        except ContextExceeded:
            # It refuses prompts that are too long, so it did not cut the one that it accepted.
            return True
        except CutShort:
            return False
        return grew(count, answer.prompt_eval_count, PADDING)

    def _refuses_more(self, prompt: Prompt, count: int) -> bool:
        """Return whether the server refuses this prompt of `count` tokens once padded so that it cannot fit."""
        if self.gauge.cuts:
            return False
        # Tokenizers make a token of each of these words, or nearly so.
        words = int(1.15 * (self.num_ctx - count)) + PADDING
        try:
            self._send(prompt, CODE_SCHEMA, num_predict=1, behind=_padding(words))
        except ContextExceeded:
            return True
        except (CutShort, errors.OllamaBadAnswer, errors.OllamaBroke):
            self.gauge.cuts = True
        else:
            self.gauge.cuts = True
        return False

    def _was_read(self, prompt: Prompt) -> bool:
        """Return whether even longer prompts are read from their front, or at least counted as longer."""
        counts, probe = [], code_prompt(prompt)
        for words in (PADDING, 2 * PADDING):
            try:
                answer = self._send(probe, CODE_SCHEMA, num_predict=32, before=_padding(words))
            except ContextExceeded:
                # It refuses prompts that are too long, so it did not cut the one that it accepted.
                return True
            if _repeats(answer, probe.front.code):
                return True
            counts.append(answer.prompt_eval_count)
        return grew(counts[0], counts[1], PADDING)


def _gate(prompt: Prompt) -> Gate:
    return Gate(prompt.front.tag, prompt.front.code, prompt.instructions, prompt.front.body)


def _padding(words: int) -> str:
    """Return words of one token each."""
    return " ".join(("one", "two", "red", "sun")[n % 4] for n in range(words))


def _repeats(answer: ModelAnswer, code: str) -> bool:
    try:
        return ResponseForm.read(answer.text).code == code
    except Unusable:
        return False


def counts_show_cut(messages: Messages, answer: ModelAnswer, num_ctx: int, *, known: bool = False) -> bool:
    """Return whether the server's counts cannot be those of a prompt that was read in full and kept to the end.

    `known`: whether the server may have cached the transcript, and so left it out of its count. The cached rules never count as
    proof.
    """
    if answer.prompt_eval_count is None:
        return False
    least = 0 if known else sum(least_tokens(m["content"]) for m in messages if m["role"] != "system")
    return answer.prompt_eval_count < least or answer.prompt_eval_count + (answer.eval_count or 0) > num_ctx + 8
