"""One question to the model, and the proof that the model read all of it.

    render with a fresh code → chat → refused for length (400)? → CutShort
                                    → counts impossible?        → CutShort
                                    → fills the form?           → no: once more, then OllamaBadAnswer
                                    → repeats the code?         → yes: it was read; no answer (worth)? → once more
                                                                → no: once more, then ask for nothing but the code

Servers that know `truncate: false` refuse what is too long. Older ones answer 200 and have dropped the front. Three checks:
1. `prompt_eval_count`, where there is one, below what any tokenizer would make of the prompt, or together with the answer
   above the context length (the front was shifted out meanwhile): cut. A cache cannot explain a low count, because
   every prompt begins with a random tag.
2. The check code before the transcript, repeated by the last field of the answer: the front was there to the end.
3. A weak model may miscopy the code of a prompt that it has read. Then the text is sent again, with PADDING and with twice
   as many words before it, to be answered with the code alone. It was read if one code is right, or if the second count
   is higher by just the padding. What is cut to a limit does not grow; the two are compared with each other and not with
   the first answer, because a cache may hold the tail that a cut has left. No counts, no benefit of the doubt.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from core import errors
from core.notes.chunking import least_tokens
from core.notes.forms import CODE_SCHEMA, Form, Unusable
from core.notes.ollama import Answer, ContextExceeded
from core.notes.prompts import Messages, Prompt, code_prompt, fresh_tag
from core.notes.worth import Gate

F = TypeVar("F", bound=Form)
TRIES = 2
PADDING = 64


class CutShort(Exception):
    """The prompt was too long and was refused, or part of it was not read: send less."""


class Chat(Protocol):
    """The part of OllamaClient that asks."""

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
    ) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks one model with one set of limits."""

    client: Chat
    model: str
    num_ctx: int
    num_predict: int
    wall_clock_seconds: float
    cancelled: Callable[[], bool]

    def ask(self, prompt: Prompt, schema: Mapping[str, Any], read: Callable[[str], F]) -> F:
        """The filled-in form. `read` turns an answer's text into it or raises Unusable.

        Raises CutShort, OllamaBadAnswer after TRIES unusable answers, and what the client raises.
        """
        problem = ""
        for attempt in range(TRIES):
            code, tag = _fresh_code(), fresh_tag()
            gate = Gate(tag, code, prompt.instructions, prompt.body)
            try:
                answer = self._send(prompt.render(code, tag=tag), schema, attempt=attempt)
                if answer.done_reason == "length":
                    raise Unusable("it did not come to an end")
                form = read(answer.text)
                if form.code == code:
                    return form.answered(gate)
                problem = "it does not repeat the check code"
                if attempt == TRIES - 1:
                    if self._was_read(prompt):
                        return form.answered(gate)
                    raise CutShort("the check code at the front was not read")
            except ContextExceeded as error:
                raise CutShort(str(error)) from error
            except errors.OllamaBroke:
                # Once may be chance; the next time it is the server's trouble, and no fault of the model's answers.
                if attempt == TRIES - 1:
                    raise
            except (Unusable, errors.OllamaBadAnswer) as error:
                problem = str(error)
        raise errors.OllamaBadAnswer(
            f"The answer of {self.model} could not be used: {problem.rstrip('.')}. Finished parts are kept; it will be asked "
            "again. If this goes on, choose another model in the settings.",
            model=self.model,
            reason=problem,
        )

    def _send(self, messages: Messages, schema: Mapping[str, Any], *, attempt: int = 0, num_predict: int = 0) -> Answer:
        answer = self.client.chat(
            self.model,
            messages,
            schema,
            num_ctx=self.num_ctx,
            num_predict=num_predict or self.num_predict,
            wall_clock_seconds=self.wall_clock_seconds,
            cancelled=self.cancelled,
            # A second try with the same dice would end the same way.
            temperature=0.1 + 0.4 * attempt,
            seed=1 + attempt,
        )
        if counts_show_cut(messages, answer, self.num_ctx):
            raise CutShort("the server counted fewer tokens than the prompt has")
        return answer

    def _was_read(self, prompt: Prompt) -> bool:
        """Whether even longer prompts are read from their front, or at least counted as longer."""
        counts, tag = [], fresh_tag()
        for words in (PADDING, 2 * PADDING):
            code = _fresh_code()
            try:
                answer = self._send(code_prompt(prompt).render(code, _padding(words), tag), CODE_SCHEMA, num_predict=32)
            except ContextExceeded:
                # It refuses what is too long, so it did not cut what it accepted.
                return True
            if _repeats(answer, code):
                return True
            counts.append(answer.prompt_eval_count)
        shorter, longer = counts
        return shorter is not None and longer is not None and 0.9 * PADDING <= longer - shorter <= 2 * PADDING


def _fresh_code() -> str:
    return str(secrets.randbelow(90000) + 10000)


def _padding(words: int) -> str:
    """Words of one token each."""
    return " ".join(("one", "two", "red", "sun")[n % 4] for n in range(words))


def _repeats(answer: Answer, code: str) -> bool:
    try:
        return Form.read(answer.text).code == code
    except Unusable:
        return False


def counts_show_cut(messages: Messages, answer: Answer, num_ctx: int) -> bool:
    """Whether the server's counts cannot be those of a prompt that was read in full and kept to the end."""
    if answer.prompt_eval_count is None:
        return False
    least = sum(least_tokens(m["content"]) for m in messages)
    return answer.prompt_eval_count < least or answer.prompt_eval_count + (answer.eval_count or 0) > num_ctx + 8
