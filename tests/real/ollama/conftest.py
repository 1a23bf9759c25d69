"""A real Ollama, where there is one: `CASTMIND_TEST_OLLAMA=http://127.0.0.1:11434 make test-real ARGS=tests/real/ollama`.

Small models are enough: what is asked is never how good the notes are, only that what comes out is true. Which model of the
server writes is chosen as the app does, or named by CASTMIND_TEST_OLLAMA_MODEL. The server's own log at debug level
(OLLAMA_DEBUG=1, its file named by CASTMIND_TEST_OLLAMA_LOG) tells how much of each prompt it took from its cache.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.notes import models
from core.notes.ollama import Answer, OllamaClient

WITHOUT = "No real Ollama: set CASTMIND_TEST_OLLAMA to the address of one that holds a small chat model."
_CACHE = re.compile(r'msg="loading cache slot".* prompt=(\d+) used=(\d+) remaining=(\d+)')


@pytest.fixture(scope="session")
def ollama_url() -> str:
    url = os.environ.get("CASTMIND_TEST_OLLAMA", "").rstrip("/")
    if not url:
        pytest.skip(WITHOUT)
    try:
        httpx.get(f"{url}/api/version", timeout=10.0, trust_env=False).raise_for_status()
    except httpx.HTTPError as error:
        pytest.fail(f"CASTMIND_TEST_OLLAMA={url} does not answer: {error}")
    return url


@pytest.fixture(scope="session")
def chat_models(ollama_url: str) -> list[str]:
    """The names of the server's models that write text here, the app's choice first."""
    client = OllamaClient(ollama_url)
    names = [m.name for m in models.by_preference(client.models()) if client.show(m.name).chats]
    if wanted := os.environ.get("CASTMIND_TEST_OLLAMA_MODEL"):
        names = [wanted, *(n for n in names if not models.same(n, wanted))]
    if not names:
        pytest.skip(f"The Ollama at {ollama_url} holds no chat model: pull a small one, such as smollm2:135m.")
    return names


@pytest.fixture(scope="session")
def model(chat_models: list[str]) -> str:
    return chat_models[0]


@dataclass
class Watched:
    """A client that keeps what was asked and answered; the rest is the real one's."""

    client: OllamaClient
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    def chat(self, model: str, messages: Any, schema: Any, **options: Any) -> Answer:
        self.asked.append(("\n".join(m["content"] for m in messages), options))
        answer = self.client.chat(model, messages, schema, **options)
        self.answers.append(answer)
        return answer

    @property
    def sent(self) -> int:
        """Prompt tokens of all answers, by the server's count; what came from its cache counts too."""
        return sum(a.prompt_eval_count or 0 for a in self.answers)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)


@pytest.fixture
def watched(ollama_url: str) -> Watched:
    return Watched(OllamaClient(ollama_url))


@dataclass
class Log:
    """The server's log from here on."""

    path: Path
    start: int

    def processed(self) -> tuple[int, int]:
        """(prompt tokens that were worked through since then, those taken from the cache)."""
        found = _CACHE.findall(self.path.read_bytes()[self.start :].decode("utf-8", "replace"))
        return sum(int(rest) for _, _, rest in found), sum(int(used) for _, used, _ in found)


@pytest.fixture
def server_log() -> Iterator[Log]:
    path = Path(os.environ.get("CASTMIND_TEST_OLLAMA_LOG", ""))
    if not path.is_file():
        pytest.skip("Set CASTMIND_TEST_OLLAMA_LOG to the log of that Ollama, started with OLLAMA_DEBUG=1.")
    yield Log(path, path.stat().st_size)


def count_tokens(url: str, model: str, text: str, *, num_ctx: int) -> int:
    """The tokens of `text` by the model's own tokenizer: what the server counts for it without any template."""
    body = {
        "model": model,
        "prompt": text,
        "raw": True,
        "stream": False,
        "truncate": False,
        "options": {"num_predict": 1, "num_ctx": num_ctx},
    }
    reply = httpx.post(f"{url}/api/generate", json=body, timeout=600.0, trust_env=False)
    reply.raise_for_status()
    return int(reply.json()["prompt_eval_count"])
