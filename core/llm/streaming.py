"""One answer of a language model, as it comes: bytes ─▶ lines ─▶ rows of JSON ─▶ text, counts, and how far it is.

Whatever a server sends, only so much of it is held: a line that has no end is none of Ollama's, and more text than any answer
has is cut off there.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import ollama

from core.llm.errors import broke, remote_refused
from core.llm.models import told_remote

# A grammar allows any amount of white space between two tokens of JSON; a weak model can stay there for ever.
BLANKS_LIMIT = 400
# Bytes of a line, which holds a token or some; letters of an answer, thoughts included.
LONGEST_LINE, LONGEST_ANSWER = 4_000_000, 2_000_000


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """What a chat model said. Counts are tokens, None where the server did not tell; `done_reason` is `stop` or `length`."""

    text: str
    done_reason: str = "stop"
    prompt_eval_count: int | None = None
    eval_count: int | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """How far an answer is: `tokens` that came, thoughts included; `seconds` since the question, which came at `started`.

    `first`: seconds until the first token, None while there is none.
    """

    started: float
    seconds: float = 0.0
    tokens: int = 0
    first: float | None = None

    @property
    def reading(self) -> float:
        """Seconds in which nothing came."""
        return self.seconds if self.first is None else self.first

    @property
    def writing(self) -> float:
        return self.seconds - self.reading


class Counter:
    """Counts what comes of one answer."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._tokens = 0
        self._first: float | None = None

    def came(self) -> None:
        self._tokens += 1
        if self._first is None:
            self._first = time.monotonic() - self._started

    def stream(self) -> Stream:
        return Stream(self._started, time.monotonic() - self._started, self._tokens, self._first)


class _Text:
    """Pieces of an answer, and with how many `blanks` they end so far; a piece is looked at once, however many come."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self.blanks = self.length = 0

    def add(self, piece: str) -> None:
        said = len(piece.rstrip())
        self.blanks = len(piece) - said + (0 if said else self.blanks)
        self.length += len(piece)
        self._pieces.append(piece)

    def __str__(self) -> str:
        return "".join(self._pieces)


async def lines_of(pieces: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """The lines of a body. Only a line feed ends one: JSON may hold the other breaks that Unicode knows.

    Raises ValueError for one of more than LONGEST_LINE bytes.
    """
    waiting: list[bytes] = []
    size = 0
    async for piece in pieces:
        first, *others = piece.split(b"\n")
        waiting.append(first)
        size += len(first)
        for other in others:
            yield b"".join(waiting).decode("utf-8", "replace")
            waiting, size = [other], len(other)
        if size > LONGEST_LINE:
            raise ValueError("a line without end")
    yield b"".join(waiting).decode("utf-8", "replace")


async def read_answer(lines: AsyncIterator[str], model: str, counter: Counter, *, remote_models: bool) -> ModelAnswer:
    """Joins the stream's pieces. Raises OllamaBroke when it ends early, ValueError where a line is not JSON.

    RemoteModel when the answer says that it comes from elsewhere: then no further text is sent there. What a model only thought
    counts as its answer when it said nothing else: some servers take all of it for thoughts.
    """
    text, thoughts = _Text(), _Text()
    async for line in lines:
        if not line.strip():
            continue
        row = json.loads(line)
        if error := row.get("error"):
            raise ollama.ResponseError(str(error), _status(row))
        if not remote_models and told_remote(row):
            raise remote_refused(model, told_remote(row))
        message = row.get("message") or {}
        if message.get("content") or message.get("thinking"):
            counter.came()
        text.add(str(message.get("content") or ""))
        thoughts.add(str(message.get("thinking") or ""))
        if row.get("done"):
            said = str(text)
            said = said if said.strip() else str(thoughts)
            return ModelAnswer(
                said, str(row.get("done_reason") or "stop"), _count(row, "prompt_eval_count"), _count(row, "eval_count")
            )
        if text.blanks > BLANKS_LIMIT or text.length + thoughts.length > LONGEST_ANSWER:
            return ModelAnswer(str(text).rstrip(), "length")
    raise broke()


def _status(row: Mapping[str, Any]) -> int:
    status = row.get("status")
    return status if isinstance(status, int) and 400 <= status < 600 else 500


def _count(row: Mapping[str, Any], key: str) -> int | None:
    value = row.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
