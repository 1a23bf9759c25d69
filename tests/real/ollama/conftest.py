"""A real Ollama, if available: `CASTMIND_TEST_OLLAMA=http://127.0.0.1:11434 make test-real ARGS=tests/real/ollama`.

Small models suffice: the tests check that the notes are true, never how good they are. The model is chosen as the app does
it, or named by CASTMIND_TEST_OLLAMA_MODEL. The server's own log at debug level (OLLAMA_DEBUG=1, its file named by
CASTMIND_TEST_OLLAMA_LOG) shows how much of each prompt came from its cache.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.llm import models
from core.llm.ollama import ModelAnswer, OllamaClient
from tests.fakes.local_server import Handler, LocalServer

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
    """Return the names of the server's text models, the app's choice first."""
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


@pytest.fixture(scope="session")
def weakest(ollama_url: str, chat_models: list[str]) -> str:
    """Return the smallest of the chat models."""
    sizes = {m.name: m.size for m in OllamaClient(ollama_url).models()}
    return min(chat_models, key=lambda name: (sizes.get(name, 0), name))


@dataclass
class Watched:
    """A real client that also records requests and answers."""

    client: OllamaClient
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: list[ModelAnswer] = field(default_factory=list)

    def chat(self, model: str, messages: Any, schema: Any, **options: Any) -> ModelAnswer:
        self.asked.append(("\n".join(m["content"] for m in messages), options))
        answer = self.client.chat(model, messages, schema, **options)
        self.answers.append(answer)
        return answer

    @property
    def sent(self) -> int:
        """Return the prompt tokens of all answers, by the server's count, including cached ones."""
        return sum(a.prompt_eval_count or 0 for a in self.answers)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)


@pytest.fixture
def watched(ollama_url: str) -> Watched:
    return Watched(OllamaClient(ollama_url))


class _Relaying(Handler):
    """Forward a request unchanged, and stream the answer back."""

    def do_GET(self) -> None:
        self._pass_on("GET")

    def do_POST(self) -> None:
        self._pass_on("POST")

    def _pass_on(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/api/chat":
            said = json.loads(body)
            self.fake.models.append(said["model"])
            self.fake.asked.append("\n".join(m["content"] for m in said["messages"]))
        with httpx.stream(method, self.fake.url + self.path, content=body, timeout=None, trust_env=False) as reply:
            self.send_response(reply.status_code)
            self.send_header("Content-Type", reply.headers.get("Content-Type", "application/json"))
            self.end_headers()
            # A killed or cancelling app stops reading; then Ollama's answer must end, too.
            with contextlib.suppress(ConnectionError):
                for piece in reply.iter_raw():
                    self.wfile.write(piece)
                    self.wfile.flush()


class Relay(LocalServer):
    """A transparent proxy before the real server that records the models' requests."""

    handler = _Relaying

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.asked: list[str] = []
        self.models: list[str] = []


@pytest.fixture
def relay(ollama_url: str) -> Iterator[Relay]:
    with Relay(ollama_url) as server:
        yield server


REMOTE = "castmind-test-remote"


@pytest.fixture
def remote(ollama_url: str, model: str) -> Iterator[str]:
    """Create a model that is an alias of a remote one, at an address that never answers."""
    body = {"model": REMOTE, "from": model, "remote_host": "http://127.0.0.1:9", "stream": False}
    reply = httpx.post(f"{ollama_url}/api/create", json=body, timeout=60.0, trust_env=False)
    if reply.status_code != 200:
        pytest.skip(f"This server makes no remote model of an address: {reply.status_code} {reply.text[:200]}")
    yield REMOTE
    httpx.request("DELETE", f"{ollama_url}/api/delete", json={"model": REMOTE}, timeout=60.0, trust_env=False)


@dataclass
class Log:
    """The server's log from its present end."""

    path: Path
    start: int

    def processed(self) -> tuple[int, int]:
        """Return (prompt tokens evaluated since then, prompt tokens from the cache)."""
        found = _CACHE.findall(self.path.read_bytes()[self.start :].decode("utf-8", "replace"))
        return sum(int(rest) for _, _, rest in found), sum(int(used) for _, used, _ in found)


@pytest.fixture
def server_log() -> Iterator[Log]:
    path = Path(os.environ.get("CASTMIND_TEST_OLLAMA_LOG", ""))
    if not path.is_file():
        pytest.skip("Set CASTMIND_TEST_OLLAMA_LOG to the log of that Ollama, started with OLLAMA_DEBUG=1.")
    yield Log(path, path.stat().st_size)


def count_tokens(url: str, model: str, text: str, *, num_ctx: int) -> int:
    """Count the tokens of `text` with the model's own tokenizer: the server's count without any template."""
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
