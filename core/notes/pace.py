"""Estimate the progress of notes, between answers and within one.

    summarise ─▶ moved: the finished share, and the share after this answer ─────┐
    the client, ten times a second ─▶ said: seconds, tokens of the answer so far ┴▶ report, which only rises

An answer has two halves: until its first token the model reads the prompt, then it writes. The duration of each is guessed first
and learned from every answer; within one the share nears the next mark and never passes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.llm.ollama import Stream

Report = Callable[[float, Mapping[str, Any]], None]
# First guesses, of a small model on a processor.
READING_SECONDS, ANSWER_TOKENS = 40.0, 500.0
READING_SHARE = 0.5
REPORT_SECONDS = 0.5


class Pace:
    """`report(fraction, detail)`: detail is summarise's, with `tokens`, `token_rate` and `seconds` of the answer."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._reading, self._tokens = READING_SECONDS, ANSWER_TOKENS
        self._from = self._to = self._shown = 0.0
        self._detail: Mapping[str, Any] = {}
        self._last: Stream | None = None
        self._told = 0.0

    def moved(self, fraction: float, detail: Mapping[str, Any]) -> None:
        """Take summarise's `on_progress`; `next` of the detail is the fraction that the answer to come will bring."""
        self._from, self._to = fraction, max(fraction, float(detail.get("next", fraction)))
        self._detail = {name: value for name, value in detail.items() if name != "next"}
        self._tell(fraction, {})

    def said(self, stream: Stream) -> None:
        """Take the client's `watch`."""
        if self._last is not None and stream.started != self._last.started:
            self._learn(self._last)
            self._told = 0.0
        self._last = stream
        if stream.seconds - self._told < REPORT_SECONDS:
            return
        self._told = stream.seconds
        within = READING_SHARE * _near(stream.reading, self._reading)
        if stream.tokens:
            within = READING_SHARE + (1 - READING_SHARE) * _near(stream.tokens, self._tokens)
        # Rounding alone may pass the mark, by the last bit.
        self._tell(min(self._from + (self._to - self._from) * within, self._to), _words(stream))

    def _learn(self, ended: Stream) -> None:
        if ended.tokens > 1:
            self._reading = (self._reading + ended.reading) / 2
            self._tokens = (self._tokens + ended.tokens) / 2

    def _tell(self, fraction: float, more: Mapping[str, Any]) -> None:
        self._shown = max(self._shown, fraction)
        self._report(self._shown, {**self._detail, **more})


def _near(value: float, usual: float) -> float:
    """Return a share of 0 to 1: three quarters at the usual value, and ever slower towards 1."""
    return 1.0 - float(0.25 ** (value / max(usual, 1e-6)))


def _words(stream: Stream) -> Mapping[str, Any]:
    if not stream.tokens:
        return {"answer": "reading", "seconds": round(stream.seconds)}
    rate = stream.tokens / stream.writing if stream.writing >= 1.0 else 0.0
    return {"answer": "writing", "tokens": stream.tokens, "token_rate": round(rate, 1)}
