"""Ollama over HTTP: ask a chat model within a time limit, manage models, free the card.

    chat / pull / unload / …  →  _obey: one private event loop, which checks `cancelled` and the clock 10 times a second
                                   └─ httpx (chat, version) or the ollama package (tags, show, ps, pull, unload)
    every failure             →  an error of core.errors with a remedy for the user, or ContextExceeded

Each call runs its own event loop, so that a cancel closes the connection (Ollama then stops generating) even while the server is
silent: call these from an ordinary thread, never from inside a running event loop. `/api/chat` is posted directly because the
ollama package's `chat()` cannot send `truncate` and `shift`; without them, Ollama truncates a long prompt silently.
"""

from __future__ import annotations

import asyncio
import copy
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import httpx
import ollama

from core import errors
from core.llm.context import cache_of
from core.llm.errors import ContextExceeded, remote_refused, translated
from core.llm.locate import FoundServer, TriedAddress, find
from core.llm.model_rows import RunningModel, context_length_of, model_info, names_in, whole_number
from core.llm.models import ModelDetails, ModelInfo, named_remote, told_remote
from core.llm.streaming import Counter, ModelAnswer, Stream, lines_of, read_answer
from core.net.tls import tls_context

__all__ = [
    "ContextExceeded",
    "FoundServer",
    "ModelAnswer",
    "ModelDetails",
    "ModelInfo",
    "OllamaClient",
    "RunningModel",
    "Stream",
    "TriedAddress",
    "find",
]

T = TypeVar("T")
Cancelled = Callable[[], bool]

CONNECT_SECONDS = 5.0
LOOK_SECONDS = 0.1
LONGEST_REFUSAL = 64_000  # bytes to read of an error response


def never() -> bool:
    """A `cancelled` that is never set. A `cancelled` that raises ends the call with that exception."""
    return False


class OllamaClient:
    """One Ollama server. Thread-safe: it keeps no connection between calls.

    `host` is a URL such as `http://127.0.0.1:11434`. `timeout` (seconds) limits every call except `chat` and `pull`. `threads`:
    the most threads for a model on the processor, 0 leaves it to the server. `remote_models`: whether a remote model may answer
    `chat`; if not, RemoteModel is raised.
    Raises OllamaUnreachable, OllamaBusy (503), OllamaModelMissing (404), OllamaTimeout, OllamaBadAnswer; Cancelled.
    """

    def __init__(
        self, host: str, *, timeout: float = 15.0, keep_alive: str | float = "5m", remote_models: bool = False, threads: int = 0
    ) -> None:
        self.host = host.rstrip("/")
        self._timeout = timeout
        self._keep_alive = keep_alive
        self._remote_models = remote_models
        self._threads = threads
        self._watch: Callable[[Stream], None] | None = None

    def __repr__(self) -> str:
        return f"OllamaClient({self.host!r})"

    def tuned(self, *, threads: int | None = None, watch: Callable[[Stream], None] | None = None) -> OllamaClient:
        """Return a client of the same server.

        `threads`: as in the class; `watch` receives an answer's progress ten times a second.
        """
        made = copy.copy(self)
        made._threads = self._threads if threads is None else threads
        made._watch = self._watch if watch is None else watch
        return made

    # --- asking ---------------------------------------------------------------------------------------

    def chat(
        self,
        model: str,
        messages: Sequence[Mapping[str, str]],
        schema: Mapping[str, Any] | None,
        *,
        num_ctx: int,
        num_predict: int,
        wall_clock_seconds: float,
        cancelled: Cancelled = never,
        temperature: float = 0.1,
        seed: int = 1,
    ) -> ModelAnswer:
        """Return one answer that follows `schema` (JSON Schema) if the server supports it.

        Raises ContextExceeded if the prompt does not fit `num_ctx`, and the errors of the class. The answer is read as a stream:
        a cancel takes effect within a fraction of a second, and so does the limit of `wall_clock_seconds`.
        """
        if not self._remote_models and named_remote(model):
            raise remote_refused(model)
        body: dict[str, Any] = {
            "model": model,
            "messages": [dict(m) for m in messages],
            "stream": True,
            "think": False,
            "truncate": False,
            "shift": False,
            "keep_alive": self._keep_alive,
            "options": {"num_ctx": num_ctx, "num_predict": num_predict, "temperature": temperature, "seed": seed},
        }
        if self._threads:
            body["options"]["num_thread"] = self._threads
        if schema is not None:
            body["format"] = dict(schema)
        counter, watch = Counter(), self._watch

        def look() -> bool:
            if watch is not None:
                watch(counter.stream())
            return cancelled()

        return self._obey(self._chat(body, counter), wall_clock_seconds, look, model=model)

    async def _chat(self, body: Mapping[str, Any], counter: Counter) -> ModelAnswer:
        limits = httpx.Timeout(None, connect=CONNECT_SECONDS)
        async with (
            httpx.AsyncClient(base_url=self.host, timeout=limits, verify=tls_context(), trust_env=False) as http,
            http.stream("POST", "/api/chat", json=body) as reply,
        ):
            if reply.status_code != 200:
                raise ollama.ResponseError(await _beginning(reply), reply.status_code)
            lines = lines_of(reply.aiter_bytes())
            return await read_answer(lines, str(body["model"]), counter, remote_models=self._remote_models)

    # --- models -----------------------------------------------------------------------------------------

    def version(self) -> str:
        return self._obey(self._version(), self._timeout)

    async def _version(self) -> str:
        async with httpx.AsyncClient(base_url=self.host, timeout=self._timeout, verify=tls_context(), trust_env=False) as http:
            reply = await http.get("/api/version")
            reply.raise_for_status()
            return str(reply.json()["version"])

    def models(self) -> tuple[ModelInfo, ...]:
        """Return the installed models by name."""

        return self._obey(self._models(), self._timeout)

    async def _models(self) -> tuple[ModelInfo, ...]:
        # Requested directly: the ollama package drops the fields that tell where a model runs.
        rows = (await self._json("GET", "/api/tags")).get("models") or ()
        infos = (model_info(row) for row in rows if isinstance(row, Mapping))
        return tuple(sorted((m for m in infos if m.name), key=lambda m: m.name))

    def show(self, model: str) -> ModelDetails:
        return self._obey(self._show(model), self._timeout, model=model)

    async def _show(self, model: str) -> ModelDetails:
        shown = await self._json("POST", "/api/show", {"model": model})
        facts = shown.get("model_info") or {}
        # The short response omits lists: heads that differ between layers are only in the verbose one.
        if facts.get(f"{facts.get('general.architecture')}.attention.head_count_kv", 0) in (None, []):
            facts = (await self._json("POST", "/api/show", {"model": model, "verbose": True})).get("model_info") or {}
        return ModelDetails(
            model, context_length_of(facts), names_in(shown.get("capabilities")), told_remote(shown), cache_of(facts)
        )

    async def _json(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        async with httpx.AsyncClient(base_url=self.host, timeout=self._timeout, verify=tls_context(), trust_env=False) as http:
            reply = await http.request(method, path, json=body)
            reply.raise_for_status()
            found = reply.json()
        if not isinstance(found, Mapping):
            raise ValueError(f"{path} answered no object")
        return found

    def running(self) -> tuple[RunningModel, ...]:
        """Return the loaded models."""

        return self._obey(self._running(), self._timeout)

    async def _running(self) -> tuple[RunningModel, ...]:
        rows = (await self._json("GET", "/api/ps")).get("models") or ()
        return tuple(
            RunningModel(
                str(row.get("model") or row.get("name") or ""),
                whole_number(row.get("size")),
                whole_number(row.get("size_vram")),
                whole_number(row.get("context_length")),
            )
            for row in rows
            if isinstance(row, Mapping)
        )

    def unload(self, model: str) -> None:
        """Ask Ollama to free the model's memory; that may take a moment longer than the call."""

        async def ask() -> None:
            async with self._package() as client:
                await client.generate(model=model, keep_alive=0)

        self._obey(ask(), self._timeout, model=model)

    def unload_all(self, *, wait_seconds: float = 10.0, cancelled: Cancelled = never) -> tuple[RunningModel, ...]:
        """Unload every model and wait until the memory is free. Return those still loaded after `wait_seconds`."""
        deadline = time.monotonic() + wait_seconds
        loaded = self.running()
        for running in loaded:
            # A model that was deleted while loaded gives 404, and is unloaded when its keep-alive ends.
            with suppress(errors.OllamaModelMissing):
                self.unload(running.name)
        while (loaded := self.running() if loaded else ()) and time.monotonic() < deadline:
            if cancelled():
                raise errors.Cancelled
            time.sleep(LOOK_SECONDS)
        return loaded

    def pull(
        self,
        model: str,
        on_progress: Callable[[str, int, int], None],
        *,
        cancelled: Cancelled = never,
        wall_clock_seconds: float = 24 * 3600.0,
    ) -> None:
        """Download a model.

        `on_progress(status, done, total)` gets bytes of the current layer; a cancel keeps the received part.
        """

        async def ask() -> None:
            async with self._package(None) as client:
                async for step in await client.pull(model, stream=True):
                    on_progress(step.status or "", step.completed or 0, step.total or 0)

        self._obey(ask(), wall_clock_seconds, cancelled, model=model)

    @asynccontextmanager
    async def _package(self, timeout: float | None = CONNECT_SECONDS) -> AsyncIterator[ollama.AsyncClient]:
        limits = httpx.Timeout(timeout and self._timeout, connect=CONNECT_SECONDS)
        async with ollama.AsyncClient(self.host, timeout=limits, verify=tls_context(), trust_env=False) as client:
            yield client

    # --- running a call ---------------------------------------------------------------------------------

    def _obey(self, work: Coroutine[Any, Any, T], seconds: float, cancelled: Cancelled = never, *, model: str = "") -> T:
        """Run `work` to its end, the limit, or a cancel, and convert exceptions to our errors."""
        loop = asyncio.new_event_loop()
        try:
            return loop.run_until_complete(_watched(work, seconds, cancelled))
        except Exception as error:
            known = translated(error, self.host, model, seconds)
            if known is None:
                raise
            raise known from error
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            # Not asyncio.run(), which would wait for a hanging name look-up in the loop's executor.
            loop.close()


async def _watched(work: Coroutine[Any, Any, T], seconds: float, cancelled: Cancelled) -> T:
    task = asyncio.ensure_future(work)
    deadline = time.monotonic() + seconds
    try:
        while not task.done():
            if cancelled():
                raise errors.Cancelled
            if time.monotonic() >= deadline:
                raise TimeoutError
            await asyncio.wait({task}, timeout=LOOK_SECONDS)
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task})


async def _beginning(reply: httpx.Response) -> str:
    """Return the beginning of an error response, as far as it is useful."""
    said = b""
    async for piece in reply.aiter_bytes():
        said += piece
        if len(said) > LONGEST_REFUSAL:
            break
    return said[:LONGEST_REFUSAL].decode("utf-8", "replace")
