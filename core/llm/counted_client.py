"""An Ollama client that tells each question: how long the answer took, how many tokens were read and written."""

from __future__ import annotations

import time
from typing import Any

from core import errors, events
from core.llm.errors import ContextExceeded
from core.llm.ollama import ModelAnswer, OllamaClient


class CountedClient(OllamaClient):
    def __init__(self, host: str, *, publish: events.Publish, **options: Any) -> None:
        super().__init__(host, **options)
        self._publish = publish

    def chat(self, *args: Any, **options: Any) -> ModelAnswer:
        began = time.monotonic()
        try:
            answer = super().chat(*args, **options)
        except (errors.CastMindError, ContextExceeded) as error:
            self._tell(began, error=getattr(error, "code", "context_exceeded"))
            raise
        self._tell(began, prompt_tokens=answer.prompt_eval_count or 0, answer_tokens=answer.eval_count or 0)
        return answer

    def _tell(self, began: float, **found: Any) -> None:
        self._publish(events.ModelAsked(seconds=time.monotonic() - began, **found))
