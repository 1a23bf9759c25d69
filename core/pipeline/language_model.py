"""Ollama as this computer has it: where it answers, which models it holds, pulling one.

The address is looked for once and remembered while it answers; a changed setting or a failure makes it look again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from core import errors
from core.domain.message import Message
from core.notes import models
from core.notes.models import ModelDetails, ModelInfo
from core.notes.ollama import Found, OllamaClient, find
from core.notes.refusals import remote_refused
from core.settings import Settings

# What to suggest to somebody who has none: small enough for most home computers, good in English and Chinese.
RECOMMENDED = "qwen3:4b"
RECOMMENDED_SMALL = "qwen3:1.7b"
RECOMMENDED_LARGE = "qwen3:8b"
FRESH_SECONDS = 10.0
NOTHING = Message("")


@dataclass(frozen=True, slots=True)
class OllamaState:
    """What a look at Ollama found. `chosen` is the model that will write notes, None when there is none to choose.

    `wanted` is the model that the settings name, "" when any will do. `why` says why this one, or why the one that is there
    is not used ("" when it is missing). `tried`: (address, why not) pairs.
    """

    host: str | None
    version: str
    models: tuple[str, ...]
    chosen: str | None
    wanted: str
    tried: tuple[tuple[str, str], ...]
    why: Message = NOTHING


@dataclass(frozen=True, slots=True)
class Choice:
    """The model that will write, what the server says of it, and why it is this one."""

    name: str
    details: ModelDetails
    why: Message


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
        return OllamaClient(known[1].host, remote_models=self._settings().ollama_remote_models)

    def forget(self) -> None:
        """The next one who asks looks again."""
        with self._guard:
            self._found = self._look = None

    def model(self, client: OllamaClient, wanted: str = "") -> Choice:
        """The installed model to use; nothing of a transcript is posted to find it.

        Raises OllamaModelMissing when the wanted one, or any, is not there; RemoteModel when it runs elsewhere and the settings
        do not agree to that; NotAChatModel when it cannot write.
        """
        values = self._settings()
        wanted = wanted or values.ollama_model
        chosen = _choose(client, client.models(), wanted, remote_models=values.ollama_remote_models)
        if chosen is None:
            missing = wanted or RECOMMENDED
            raise errors.OllamaModelMissing(
                f"Ollama does not have {'the' if wanted else 'a usable'} language model{f' {missing}' if wanted else ''}. Pull "
                f"{missing} with one click in the library, or run `ollama pull {missing}`. The transcript is kept; the notes are "
                "written when the model is there.",
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
            infos = client.models()
        except errors.CastMindError:
            with self._guard:
                found = self._found[1] if self._found else None
            self.forget()
            tried = tuple((t.host, t.reason) for t in found.tried) if found else ()
            return OllamaState(None, "", (), None, wanted, tried)
        with self._guard:
            found = self._found[1] if self._found else None
        chosen, why = self._chosen(client, infos, wanted)
        names = tuple(m.name for m in infos)
        return OllamaState(found.host if found else None, found.version if found else "", names, chosen, wanted, (), why)

    def _chosen(self, client: OllamaClient, infos: Sequence[ModelInfo], wanted: str) -> tuple[str | None, Message]:
        """(the model, why this one), or (None, why the one that is there is not used)."""
        try:
            choice = _choose(client, infos, wanted, remote_models=self._settings().ollama_remote_models)
        except errors.CastMindError as error:
            return None, Message.of(error)
        return (choice.name, choice.why) if choice else (None, NOTHING)

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


def _choose(client: OllamaClient, infos: Sequence[ModelInfo], wanted: str, *, remote_models: bool) -> Choice | None:
    """The wanted model, else the best of those that run here and write text. What the list leaves out, `show` tells."""
    if not wanted:
        if models.remote_service(client.host) and not remote_models:
            raise remote_refused(client.host)
        for info in models.by_preference(infos):
            details = client.show(info.name)
            if not details.remote and details.chats:
                return Choice(info.name, details, models.reason(info))
        return None
    named = next((m for m in infos if models.same(m.name, wanted)), None)
    remote = models.named_remote(wanted) or models.remote_service(client.host) or (named is not None and named.remote)
    if remote and not remote_models:
        raise remote_refused(wanted, named.remote_host if named else "")
    if named is None:
        return None
    details = client.show(named.name)
    if details.remote and not remote_models:
        raise remote_refused(named.name, details.remote_host)
    # A name alone may mislead; what the server says of it counts more.
    if not details.chats or (not details.capabilities and not models.writes(named)):
        raise errors.NotAChatModel(
            f"{named.name} is not a language model that can write notes. Choose another one in the settings, or leave the name "
            "empty. The transcript is kept.",
            model=named.name,
        )
    return Choice(named.name, details, models.NAMED)


def recommend(memory: int, vram: int) -> str:
    """The model to suggest by what the computer has; both in bytes."""
    if vram >= 7_500_000_000:
        return RECOMMENDED_LARGE
    return RECOMMENDED if vram >= 4_000_000_000 or memory >= 12_000_000_000 else RECOMMENDED_SMALL
