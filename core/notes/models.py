"""Which language model writes notes: what is known of each, and which one to take. Pure.

    installed ─▶ remote? not for text? ─▶ out │ the rest, best first ─▶ /api/show agrees? ─▶ chosen, with the reason

Some models of Ollama are only names: what is asked of them is sent to another computer (`remote_host`, a `cloud` tag).
A list can leave that out, so each sign counts alone, and a model counts as remote as soon as one of them says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.domain.message import Message
from core.notes.context import Cache

# Parameters, in billions: below, notes are seldom usable; above, a home computer seldom keeps up.
USEFUL = (3.0, 15.0)
# Below this many bytes on disk a "model" holds no weights: it is a name for something elsewhere.
SMALLEST_WEIGHTS = 1_000_000

_SERVICE = re.compile(r"(^|\.)ollama\.(com|ai)$")
_CLOUD_TAG = re.compile(r"(^|-)cloud$")
# Families of instruct models that follow a form, the surest first.
_KNOWN = (
    "qwen3",
    "qwen2.5",
    "gemma3",
    "gemma4",
    "mistral-small",
    "mistral-nemo",
    "ministral",
    "llama3",
    "phi4",
    "granite",
    "mistral",
)
_NOT_TEXT = re.compile(
    r"embed|rerank|\bbge|\be5\b|\bgte\b|minilm|paraphrase|sentence|labse|colbert|splade|jina|mxbai|nomic-(?!chat)|guard(?!rail)|shieldgemma|"
    r"reward|whisper|\bclip\b|siglip|\btts\b|\basr\b|parler|kokoro|orpheus|stable-diffusion|sdxl|flux|z-image|moderation"
)
_NOT_TEXT_FAMILY = re.compile(r"bert|embed|clip|t5encoder|whisper|rerank")
_ELSEWHERE = re.compile(r"coder?\b|codellama|starcoder|sql|math|llava|vision|\bvl\b|-vl|ocr|medi|meditron|translate|function")
_THINKS_ALOUD = re.compile(r"deepseek-r1|\bqwq|thinking|reason|\br1\b|marco-o1|openthinker|magistral")
_UNTAUGHT = re.compile(r"(?<![a-z])(base|text|pt|pretrained|fim)(?![a-z])")


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """An installed model; `size` is bytes on disk, `parameters` such as `7.6B`.

    `remote_host` is where it really runs, "" for here. `families` and `capabilities` are empty where the list says nothing.
    """

    name: str
    size: int = 0
    parameters: str = ""
    quantization: str = ""
    remote_host: str = ""
    families: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()

    @property
    def remote(self) -> bool:
        return bool(self.remote_host) or named_remote(self.name)

    @property
    def billions(self) -> float | None:
        """Parameters in billions, by what the server says, else by the name; None when neither does."""
        found = _billions(self.parameters)
        return found if found is not None else _billions(self.name.rpartition(":")[2]) or _billions(self.name)


@dataclass(frozen=True, slots=True)
class ModelDetails:
    """`context_length` is the longest context in tokens, `cache` what one takes, both None when unknown.

    `capabilities` such as `completion`.
    """

    name: str
    context_length: int | None = None
    capabilities: tuple[str, ...] = ()
    remote_host: str = ""
    cache: Cache | None = None

    @property
    def remote(self) -> bool:
        return bool(self.remote_host) or named_remote(self.name)

    @property
    def chats(self) -> bool:
        """Whether the model can write text (older servers name no capabilities: then it is taken to)."""
        return not self.capabilities or "completion" in self.capabilities


def named_remote(name: str) -> bool:
    """Whether the name says that the model runs elsewhere: a tag `cloud`, or one that ends so."""
    tag = name.strip().lower().rpartition("/")[2].partition(":")[2]
    return bool(_CLOUD_TAG.search(tag))


def remote_service(host: str) -> bool:
    """Whether the address is that of Ollama's own service, where every model runs elsewhere."""
    return bool(_SERVICE.search((urlsplit(host if "://" in host else f"http://{host}").hostname or "").rstrip(".").lower()))


def same(name: str, wanted: str) -> bool:
    """Whether the installed `name` is the one that is wanted, with or without `:latest`, in any case of letters."""
    given, asked = name.strip().lower(), wanted.strip().lower()
    return given in (asked, f"{asked}:latest") or f"{given}:latest" == asked


def writes(model: ModelInfo) -> bool:
    """Whether it may be a model that answers in text: not one for embedding, ranking, judging, pictures or sound."""
    if model.capabilities and "completion" not in model.capabilities:
        return False
    # One of several families is the part that sees pictures.
    if model.families and all(_NOT_TEXT_FAMILY.search(f.lower()) for f in model.families):
        return False
    return not _NOT_TEXT.search(_words(model.name))


def by_preference(models: Iterable[ModelInfo]) -> list[ModelInfo]:
    """Those that may be taken without being named, the best first."""
    return sorted((m for m in models if not m.remote and not _only_a_name(m) and writes(m)), key=_rank)


def reason(model: ModelInfo) -> Message:
    """Why a model was taken that nobody named."""
    known, size = _known(model.name) is not None and not _special(model.name), _size_class(model)
    if known and size == 0:
        return Message("an instruct model of useful size", "ollama.why_known")
    if known:
        return Message("an instruct model; one of 3 to 15 billion parameters would suit better", "ollama.why_known_size")
    return Message(
        "the best of those that are installed; a known instruct model such as qwen2.5:7b would suit better", "ollama.why_best"
    )


NAMED = Message("named in the settings", "ollama.why_named")


def _rank(model: ModelInfo) -> tuple[int, int, int, float, str]:
    name = _words(model.name)
    known = _known(model.name)
    kind = 3 if _UNTAUGHT.search(name) else 2 if _THINKS_ALOUD.search(name) else 1 if _ELSEWHERE.search(name) else 0
    billions, size = model.billions or 0.0, _size_class(model)
    # Of the useful and the small ones the larger, of the large ones the smaller.
    weight = billions if size == 2 else -billions
    return (kind, size, len(_KNOWN) if known is None else known, weight, model.name)


def _special(name: str) -> bool:
    words = _words(name)
    return bool(_UNTAUGHT.search(words) or _THINKS_ALOUD.search(words) or _ELSEWHERE.search(words))


def _size_class(model: ModelInfo) -> int:
    """0 useful, 1 unknown, 2 large, 3 small."""
    if model.billions is None:
        return 1
    return 3 if model.billions < USEFUL[0] else 2 if model.billions > USEFUL[1] else 0


def _only_a_name(model: ModelInfo) -> bool:
    return 0 < model.size < SMALLEST_WEIGHTS


def _known(name: str) -> int | None:
    base = name.lower().rpartition("/")[2]
    return next((i for i, family in enumerate(_KNOWN) if base.startswith(family)), None)


def _words(name: str) -> str:
    return name.lower().rpartition("/")[2].replace("_", "-")


def _billions(text: str) -> float | None:
    found = re.search(r"(?<![\w.])(\d+(?:\.\d+)?)\s*([bm])(?![a-z])", text.lower())
    return None if found is None else float(found[1]) / (1.0 if found[2] == "b" else 1000.0)
