"""Ollama as this computer has it: where it answers, which models it holds, pulling one.

The address is looked for once and remembered while it answers; a changed setting or a failure makes it look again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from core import errors
from core.notes.ollama import Found, OllamaClient, find
from core.settings import Settings

# What to suggest to somebody who has none: small enough for most home computers, good in English and Chinese.
RECOMMENDED = "qwen3:4b"
RECOMMENDED_SMALL = "qwen3:1.7b"
RECOMMENDED_LARGE = "qwen3:8b"
FRESH_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class OllamaState:
    """What a look at Ollama found. `chosen` is the model that will write notes, None when there is none to choose.

    `wanted` is the model that the settings or the episode name, "" when any will do. `tried`: (address, why not) pairs.
    """

    host: str | None
    version: str
    models: tuple[str, ...]
    chosen: str | None
    wanted: str
    tried: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PullState:
    """A model being pulled; `done` and `total` are bytes of the layer that is under way."""

    name: str
    status: str = ""
    done: int = 0
    total: int = 0
    state: Literal["running", "done", "failed", "cancelled"] = "running"
    error: str | None = None


class LanguageModel:
    """Finds Ollama and chooses its model. Safe to call from any thread; a look is kept for some seconds."""

    def __init__(
        self, settings: Callable[[], Settings], *, on_pulled: Callable[[], None], locate: Callable[[str], Found] = find
    ) -> None:
        self._settings = settings
        self._on_pulled = on_pulled
        self._locate = locate
        self._guard = threading.Lock()
        self._found: tuple[str, Found] | None = None
        self._look: tuple[float, str, OllamaState] | None = None
        self._pull: PullState | None = None
        self._pull_cancelled = threading.Event()

    # --- where ----------------------------------------------------------------------------------

    def client(self) -> OllamaClient:
        """A client for the address that answers. Raises OllamaUnreachable naming every address that was tried."""
        configured = self._settings().ollama_host
        with self._guard:
            known = self._found
        if known is None or known[0] != configured or known[1].host is None:
            known = (configured, self._locate(configured))
            with self._guard:
                self._found = known
        if known[1].host is None:
            tried = ", ".join(f"{t.host} ({t.reason})" for t in known[1].tried)
            raise errors.OllamaUnreachable(
                f"Ollama does not answer: {tried}. Start it, or set its address in the settings. "
                "The transcript is kept; the notes are written when Ollama answers.",
                tried=tried,
            )
        return OllamaClient(known[1].host)

    def forget(self) -> None:
        """The next one who asks looks again."""
        with self._guard:
            self._found = self._look = None

    def model(self, client: OllamaClient, wanted: str = "") -> str:
        """The installed model to use. Raises OllamaModelMissing when the wanted one, or any, is not there."""
        names = [m.name for m in client.models()]
        chosen = choose(names, wanted or self._settings().ollama_model)
        if chosen is None:
            missing = wanted or self._settings().ollama_model or RECOMMENDED
            raise errors.OllamaModelMissing(
                f"Ollama does not have the language model {missing}. Pull it with one click in the library, or run "
                f"`ollama pull {missing}`. The transcript is kept; the notes are written when the model is there.",
                model=missing,
            )
        return chosen

    def state(self, *, refresh: bool = False) -> OllamaState:
        """What is there now; asks Ollama at most every few seconds, and never raises."""
        configured = self._settings().ollama_host
        with self._guard:
            look = self._look
        if look and not refresh and time.monotonic() - look[0] < FRESH_SECONDS and look[1] == configured:
            return look[2]
        state = self._ask()
        with self._guard:
            self._look = (time.monotonic(), configured, state)
        return state

    def _ask(self) -> OllamaState:
        wanted = self._settings().ollama_model
        try:
            client = self.client()
            names = tuple(m.name for m in client.models())
        except errors.CastMindError:
            with self._guard:
                found = self._found[1] if self._found else None
            self.forget()
            tried = tuple((t.host, t.reason) for t in found.tried) if found else ()
            return OllamaState(None, "", (), None, wanted, tried)
        with self._guard:
            found = self._found[1] if self._found else None
        return OllamaState(
            found.host if found else None, found.version if found else "", names, choose(names, wanted), wanted, ()
        )

    # --- pulling ----------------------------------------------------------------------------------

    def pull(self, name: str) -> None:
        """Starts pulling a model in the background. Raises Conflict while another is pulled, OllamaUnreachable."""
        client = self.client()
        with self._guard:
            if self._pull and self._pull.state == "running":
                raise errors.Conflict(f"{self._pull.name} is being pulled already.", state="running")
            self._pull = PullState(name)
            self._pull_cancelled.clear()
        threading.Thread(target=self._pull_now, args=(client, name), name="pull", daemon=True).start()

    def pull_state(self) -> PullState | None:
        with self._guard:
            return self._pull

    def cancel_pull(self) -> None:
        self._pull_cancelled.set()

    def _pull_now(self, client: OllamaClient, name: str) -> None:
        def progress(status: str, done: int, total: int) -> None:
            self._set_pull(status=status, done=done, total=total)

        try:
            client.pull(name, progress, cancelled=self._pull_cancelled.is_set)
        except errors.Cancelled:
            self._set_pull(state="cancelled")
        except Exception as error:
            self._set_pull(state="failed", error=str(error))
        else:
            self._set_pull(state="done")
            with self._guard:
                self._look = None
            self._on_pulled()

    def _set_pull(self, **changes: object) -> None:
        with self._guard:
            if self._pull:
                self._pull = replace(self._pull, **changes)  # type: ignore[arg-type]


def choose(names: list[str] | tuple[str, ...], wanted: str) -> str | None:
    """The installed model that is meant: the wanted one, with or without `:latest`; else the first that is not for embedding."""
    if wanted:
        return next((n for n in names if n in (wanted, f"{wanted}:latest")), None)
    return next((n for n in names if "embed" not in n and not n.startswith("bge")), None)


def recommend(memory: int, vram: int) -> str:
    """The model to suggest by what the computer has; both in bytes."""
    if vram >= 7_500_000_000:
        return RECOMMENDED_LARGE
    return RECOMMENDED if vram >= 4_000_000_000 or memory >= 12_000_000_000 else RECOMMENDED_SMALL
