"""Ollama and its models, as the pages show them."""

from __future__ import annotations

from dataclasses import dataclass

from core.message import Message

NOTHING = Message("")
# Keys of messages: not even the shortest context fits; the model reads less than was requested.
NO_MEMORY, READS_LESS = "ollama.no_memory", "ollama.context_model"


@dataclass(frozen=True, slots=True)
class Fit:
    """`num_ctx` tokens are requested, 0 when not even the least fits; `why` is the reason against more, "" for none."""

    num_ctx: int
    why: Message = NOTHING

    @property
    def reads_less(self) -> bool:
        """Return whether the model itself reads no more: no fault of this computer."""
        return self.why.key == READS_LESS


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model that Ollama lists. `size`: bytes on the disk, 0 if unknown; `parameters`: a text such as `7.6B`, "" if unknown.

    `remote`: it runs on another computer, to which whole transcripts would go. `writes`: it can write text.
    """

    name: str
    size: int = 0
    parameters: str = ""
    remote: bool = False
    writes: bool = True


@dataclass(frozen=True, slots=True)
class OllamaState:
    """The state of Ollama. `chosen` is the model that will write notes, None when there is none to choose.

    `wanted` is the model that the settings name, "" when any will do. `why` is the reason for the choice, or for not using the
    one that is there ("" when it is missing). `tried`: (address, why not) pairs. `fit`: the context length that is used with it.
    """

    host: str | None
    version: str
    models: tuple[InstalledModel, ...]
    chosen: str | None
    wanted: str
    tried: tuple[tuple[str, str], ...]
    why: Message = NOTHING
    fit: Fit | None = None

    @property
    def usable(self) -> bool:
        """Return whether notes can be written now."""
        return self.chosen is not None and (self.fit is None or self.fit.num_ctx > 0)
