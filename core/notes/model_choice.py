"""Choose the installed model that writes notes: the configured one, else the best that runs on this computer."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from core import errors
from core.llm import models
from core.llm.errors import remote_refused
from core.llm.model_rows import RunningModel
from core.llm.models import ModelDetails, ModelInfo
from core.llm.ollama import OllamaClient
from core.message import Message

log = logging.getLogger(__name__)

# Suggestions when no model is installed: small enough for most home computers, good in English and Chinese. All are instruct
# models: thinking models ignore the form of an answer, and take minutes longer.
RECOMMENDED = "qwen3:4b-instruct"
RECOMMENDED_SMALL = "qwen2.5:3b-instruct"
RECOMMENDED_LARGE = "qwen2.5:7b-instruct"
# Their downloads in bytes, as Ollama's library lists them.
SUGGESTIONS = {RECOMMENDED_SMALL: 1_900_000_000, RECOMMENDED: 2_500_000_000, RECOMMENDED_LARGE: 4_700_000_000}


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """The chosen model, the server's details of it, and the reason for the choice. `size`: bytes on the disk."""

    name: str
    details: ModelDetails
    why: Message
    size: int = 0


def loaded_model(client: OllamaClient, model: str) -> RunningModel | None:
    try:
        return next((m for m in client.running() if models.same(m.name, model)), None)
    except errors.CastMindError as error:
        log.info("which models are loaded could not be asked: %s", error)
        return None


def choose_model(client: OllamaClient, infos: Sequence[ModelInfo], wanted: str, *, remote_models: bool) -> ModelChoice | None:
    """Return the wanted model, else the best that runs here and writes text. `show` supplies the details that the list lacks."""
    if not wanted:
        if models.remote_service(client.host) and not remote_models:
            raise remote_refused(client.host)
        return _best(client, infos)
    named = next((m for m in infos if models.same(m.name, wanted)), None)
    remote = models.named_remote(wanted) or models.remote_service(client.host) or (named is not None and named.remote)
    if remote and not remote_models:
        raise remote_refused(wanted, named.remote_host if named else "")
    if named is None:
        return None
    details = client.show(named.name)
    if details.remote and not remote_models:
        raise remote_refused(named.name, details.remote_host)
    # The name alone may mislead; the server's details take precedence.
    if not details.chats or (not details.capabilities and not models.writes(named)):
        raise errors.NotAChatModel(
            f"{named.name} is not a language model that can write notes. Choose another one in the settings, or leave the name "
            "empty. The transcript is kept.",
            model=named.name,
        )
    return ModelChoice(named.name, details, models.NAMED, named.size)


def _best(client: OllamaClient, infos: Sequence[ModelInfo]) -> ModelChoice | None:
    """Return the best model. A damaged or just removed one is skipped; its error is raised if no other is left."""
    failed: errors.CastMindError | None = None
    for info in models.by_preference(infos):
        try:
            details = client.show(info.name)
        except (errors.OllamaModelMissing, errors.OllamaBadAnswer, errors.OllamaBroke) as error:
            log.warning("%s cannot be looked at and is passed over: %s", info.name, error)
            failed = failed or error
            continue
        if not details.remote and details.chats:
            return ModelChoice(info.name, details, models.reason(info, infos), info.size)
    if failed is not None:
        raise failed
    return None


def recommend(memory: int, vram: int) -> str:
    """Return the model to suggest for this computer's memory and graphics memory, both in bytes."""
    if vram >= 7_500_000_000:
        return RECOMMENDED_LARGE
    return RECOMMENDED if vram >= 4_000_000_000 or memory >= 12_000_000_000 else RECOMMENDED_SMALL
