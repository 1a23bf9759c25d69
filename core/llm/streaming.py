"""Read one answer of a language model as a stream: bytes ─▶ lines ─▶ rows of JSON ─▶ text, counts and progress.

Memory stays bounded whatever a server sends: a line that is too long is an error, since Ollama sends none, and text longer than
any real answer is cut off.
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

# A grammar allows any amount of white space between JSON tokens; a weak model can emit it for ever.
BLANKS_LIMIT = 400
# Bytes of a line, which holds one or a few tokens; characters of an answer, thoughts included.
LONGEST_LINE, LONGEST_ANSWER = 4_000_000, 2_000_000


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """The answer of a chat model. Counts are tokens, None if the server reported none; `done_reason` is `stop` or `length`."""

    text: str
    done_reason: str = "stop"
    prompt_eval_count: int | None = None
    eval_count: int | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """Progress of an answer: `tokens` received, thoughts included; `seconds` since the request was sent at `started`.

    `first`: seconds until the first token, None before it.
    """

    started: float
    seconds: float = 0.0
    tokens: int = 0
    first: float | None = None

    @property
    def reading(self) -> float:
        """Seconds before the first token."""
        return self.seconds if self.first is None else self.first

    @property
    def writing(self) -> float:
        return self.seconds - self.reading


class Counter:
    """Count the tokens of one answer and the time until the first."""

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
    """The pieces of an answer, and the number of trailing `blanks` so far; each piece is scanned once."""

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
    """Yield the lines of a body. Only a line feed ends a line, because JSON may contain other Unicode line breaks.

    Raises ValueError for a line longer than LONGEST_LINE bytes.
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
    """Join the stream's pieces.

    Raises OllamaBroke if it ends early, ValueError if a line is not JSON, RemoteModel if the answer comes from another computer:
    no further text is sent there then. If a model sent only thoughts, they are the answer: some servers label everything as
    thoughts.
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
