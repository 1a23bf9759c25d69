"""Ollama as seen from this computer: its URL, its models, and pulls of models.

The URL is located once and cached while it answers; a changed setting or a failure triggers a new search.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from core import errors, events
from core.domain.notes.ollama_state import Fit, InstalledModel, OllamaState
from core.llm import machine
from core.llm.context import Demand, Room, judge
from core.llm.counted_client import CountedClient
from core.llm.models import writes
from core.llm.ollama import FoundServer, OllamaClient, find
from core.message import Message
from core.notes.chunk_notes import least_context
from core.notes.model_choice import RECOMMENDED, ModelChoice, choose_model, loaded_model
from core.settings import Settings

log = logging.getLogger(__name__)

FRESH_SECONDS = 5.0
NOTHING = Message("")
# The languages of the prompts.
ASKED_IN = ("en", "zh")
# Ollama's status text of a pull, and bytes of the current layer: done, total.
OnPull = Callable[[str, int, int], None]


class LanguageModel:
    """Locates Ollama and chooses its model. Thread-safe; a state is cached for some seconds.

    `publish` announces a pulled model. `card` returns the bytes of a graphics card of this computer, 0 without one; `memory` the
    free bytes, None if unknown.
    """

    def __init__(
        self,
        settings: Callable[[], Settings],
        *,
        publish: events.Publish = events.nobody,
        locate: Callable[[str], FoundServer] = find,
        card: Callable[[], int] = lambda: 0,
        memory: Callable[[], int | None] = machine.free_memory,
    ) -> None:
        self._settings = settings
        self._card = card
        self._memory = memory
        self._on_card: dict[tuple[str, str], bool] = {}
        self._publish = publish
        self._locate = locate
        self._guard = threading.Lock()
        self._found: tuple[str, FoundServer] | None = None
        self._look: tuple[float, str, OllamaState] | None = None

    # --- locating -------------------------------------------------------------------------------

    def client(self) -> OllamaClient:
        """Return a client for the URL that answers. Raises OllamaUnreachable, naming every URL that was tried."""
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
        return CountedClient(known[1].host, publish=self._publish, remote_models=self._settings().ollama_remote_models)

    def forget(self) -> None:
        """Clear the cache, so that the next caller searches again."""
        with self._guard:
            self._found = self._look = None

    def model(self, client: OllamaClient, wanted: str = "") -> ModelChoice:
        """Return the installed model to use; no transcript text is sent to choose it.

        Raises OllamaModelMissing when the wanted one, or any, is missing; RemoteModel when it runs elsewhere and the settings do
        not allow that; NotAChatModel when it cannot write text.
        """
        values = self._settings()
        wanted = wanted or values.ollama_model
        chosen = choose_model(client, client.models(), wanted, remote_models=values.ollama_remote_models)
        if chosen is None:
            missing = wanted or RECOMMENDED
            raise errors.OllamaModelMissing(
                f"Ollama does not have {'the' if wanted else 'a usable'} language model{f' {missing}' if wanted else ''}. Pull "
                f"{missing} with one click in the library, or run `ollama pull {missing}`. The transcript is kept; the notes are "
                "written when the model is there.",
                model=missing,
                case="named",
            )
        return chosen

    # --- memory and context length ----------------------------------------------------------------

    def fit(self, client: OllamaClient, choice: ModelChoice, language: str = "en") -> Fit:
        """Return the context length to request, for notes in this language."""
        return self._judged(client, choice, least_context(language))

    def _judged(self, client: OllamaClient, choice: ModelChoice, least: int) -> Fit:
        demand = Demand(choice.name, choice.details.context_length, choice.size, choice.details.cache)
        return judge(demand, self._settings().ollama_num_ctx, least, self._room(client, choice))

    def _room(self, client: OllamaClient, choice: ModelChoice) -> Room | None:
        """Return the memory that the model may use here; None when it runs elsewhere or the free memory is unknown."""
        if choice.details.remote or machine.place(client.host) != "here":
            return None
        free = self._memory()
        if free is None:
            return None
        loaded = loaded_model(client, choice.name)
        # Memory that the loaded model holds is released when it is reloaded with another context.
        return Room(free + (loaded.size - loaded.vram if loaded else 0), self._card())

    def on_processor(self, client: OllamaClient, model: str) -> bool:
        """Return whether the model computes on the cores that speech recognition also needs, as far as is known before it is
        loaded.
        """
        if machine.place(client.host) == "elsewhere":
            return False
        known = (client.host, model)
        loaded = loaded_model(client, model)
        if loaded is not None and loaded.size:
            self._on_card[known] = loaded.vram > 0
        return not self._on_card.get(known, self._card() > 0)

    def state(self, *, refresh: bool = False) -> OllamaState:
        """Return the current state; query Ollama at most every few seconds; never raise."""
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
        installed = tuple(InstalledModel(m.name, m.size, m.parameters, m.remote, writes(m)) for m in infos)
        state = OllamaState(found.host if found else None, found.version if found else "", installed, None, wanted, ())
        try:
            choice = choose_model(client, infos, wanted, remote_models=self._settings().ollama_remote_models)
            if choice is None:
                return state
            # The language of the longest prompts: a context that fits them fits all.
            fit = self._judged(client, choice, max(map(least_context, ASKED_IN)))
        except errors.CastMindError as error:
            return replace(state, why=Message.of(error))
        return replace(state, chosen=choice.name, why=choice.why, fit=fit)

    # --- pulling ----------------------------------------------------------------------------------

    def pull(self, name: str, on_progress: OnPull, *, cancelled: Callable[[], bool] = lambda: False) -> None:
        """Pull a model in this thread; downloaded layers stay in Ollama. Raises OllamaUnreachable, Cancelled, and Ollama's
        errors.
        """
        self.client().pull(name, on_progress, cancelled=cancelled)
        with self._guard:
            self._look = None
        self._publish(events.ModelPulled(model=name))
