"""Choose the language model that writes notes, from facts and names of the installed ones. Pure.

    installed ─▶ remote? not for text? ─▶ out │ the rest, best first ─▶ /api/show agrees? ─▶ chosen, with the reason

Some models of Ollama are only names: prompts to them are sent to another computer (`remote_host`, a `cloud` tag). A model list
can omit a sign, so each sign counts alone: one is enough to treat a model as remote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any
from urllib.parse import urlsplit

from core.llm.context import Cache
from core.message import Message

# Parameters, in billions. Smaller models seldom write usable notes; larger ones are seldom fast enough on a home computer.
USEFUL = (3.0, 15.0)
# A "model" smaller than this (bytes on disk) holds no weights: it is a name for a remote model.
SMALLEST_WEIGHTS = 1_000_000

_SERVICE = re.compile(r"(^|\.)ollama\.(com|ai)$")
_CLOUD_TAG = re.compile(r"(^|-)cloud$")
# Families whose plain and instruct tags follow a pattern, the surest first; the maker's name may precede it.
_KNOWN = tuple(
    re.compile(rf"(?<![a-z0-9]){family}(?![a-z])")
    for family in (
        r"qwen-?3(?!\.\d|-?next)",
        r"qwen-?2\.5",
        r"gemma-?3n?",
        r"gemma-?4",
        r"mistral-small[\d.]*",
        r"mistral-nemo",
        r"ministral",
        r"llama-?3(?:\.\d)?",
        r"phi-?4(?:-mini)?",
        r"granite-?[34](?:\.\d)?",
        r"mistral",
    )
)
_NOT_TEXT = re.compile(
    r"embed|rerank|\bbge|\be5\b|\bgte\b|minilm|paraphrase|sentence|labse|colbert|splade|jina|mxbai|nomic-(?!chat)|guard(?!rail)|shieldgemma|"
    r"reward|whisper|\bclip\b|siglip|tts\b|\basr\b|parler|kokoro|orpheus|stable-diffusion|sdxl|flux|z-image|moderation|musicgen|"
    r"\bprm\b|madlad|nllb|\bt5|flan-t5"
)
_NOT_TEXT_FAMILY = re.compile(r"bert|embed|clip|t5encoder|whisper|rerank")
# Models for other purposes: code, mathematics, images, medicine, translation, tools, classification.
_ELSEWHERE = re.compile(
    r"coder?\b|code(?:llama|gemma|qwen|up|booga|geex)|codestral|devstral|starcoder|sql|math|"
    r"llava|vision|\bvl\b|\dvl\b|-vl|internvl|vlm|ui-tars|minicpm-?v|moondream|ocr|docling|audio|-mt\b|"
    r"medi|med(?:gemma|llama|itron|alpaca)|translat|function|tool-use|nexusraven|reader-?lm|nuextract|minicheck"
)
# Models that always think before they answer. Plain qwen3:4b, :30b and :235b do so since version 2507.
_THINKS_ALOUD = re.compile(
    r"deepseek-r1|\br1\b|\bqwq|(?<!no)(?<!no-)think|(?<!non-)reason|marco-o1|magistral|gpt-oss|exaone-deep|deepscaler|reflection|\bo1\b|"
    r"\bqwen-?3:(?:4b|30b|235b)(?!.*instruct)"
)
# Models that can think first and are asked not to; some do so anyway.
_MAY_THINK = re.compile(r"\bqwen-?3(?!.*instruct)|smollm3|deepseek-v3\.|\bglm-?4\.|nemotron-3")
_UNTAUGHT = re.compile(r"(?<![a-z])(base|text|pt|pretrained|fim)(?![a-z])")


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """An installed model; `size` is bytes on disk, `parameters` a text such as `7.6B`.

    `remote_host` is where it really runs, "" for here. `families` and `capabilities` are empty if the list lacks them.
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
        """Return the parameters in billions, as the server reports or else from the name; None if neither tells."""
        found = _billions(self.parameters)
        return found if found is not None else _billions(self.name.rpartition(":")[2]) or _billions(self.name)


@dataclass(frozen=True, slots=True)
class ModelDetails:
    """`context_length` is the longest context in tokens, `cache` the memory per token; both None if unknown.

    `capabilities` are names such as `completion`.
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
        """Return whether the model can write text; assumed if the server, being old, names no capabilities."""
        return not self.capabilities or "completion" in self.capabilities


def named_remote(name: str) -> bool:
    """Return whether the name marks a remote model: the tag after its last colon is `cloud` or ends in `-cloud`.

    Ollama reads names the same way: `gpt-oss:20b:cloud` is remote, too.
    """
    colon, tag = name.lower().rpartition(":")[1:]
    return bool(colon) and "/" not in tag and bool(_CLOUD_TAG.search(tag.strip()))


def told_remote(row: Mapping[str, Any]) -> str:
    """Return where the model of a server's row really runs, "" for here. Either of the two fields is enough."""
    return str(row.get("remote_host") or row.get("remote_model") or "")


def remote_service(host: str) -> bool:
    """Return whether the address is that of Ollama's own service, where every model is remote."""
    return bool(_SERVICE.search((urlsplit(host if "://" in host else f"http://{host}").hostname or "").rstrip(".").lower()))


def same(name: str, wanted: str) -> bool:
    """Return whether the installed `name` is the wanted one, with or without `:latest`, ignoring case."""
    given, asked = name.strip().lower(), wanted.strip().lower()
    return given in (asked, f"{asked}:latest") or f"{given}:latest" == asked


def writes(model: ModelInfo) -> bool:
    """Return whether the model may write text: not one for embedding, reranking, moderation, images or sound."""
    if model.capabilities and "completion" not in model.capabilities:
        return False
    # If there are several families, one of them may be the vision part.
    if model.families and all(_NOT_TEXT_FAMILY.search(f.lower()) for f in model.families):
        return False
    return not _NOT_TEXT.search(_words(model.name))


def by_preference(models: Iterable[ModelInfo]) -> list[ModelInfo]:
    """Return the models that may be chosen automatically, the best first."""
    return sorted((m for m in models if not m.remote and not _only_a_name(m) and writes(m)), key=_rank)


def reason(model: ModelInfo, others: Iterable[ModelInfo] = ()) -> Message:
    """Return why a model was chosen automatically; `others` were installed, too."""
    family, size = _known(model.name), _size_class(model)
    if (special := _SPECIAL.get(_kind(model.name))) is not None:
        return special
    if family is None:
        return _BEST
    passed = (m.name for m in others if _known(m.name) == family and _kind(m.name) == _Kind.THINKS)
    if size == 0 and (thinking := next(passed, None)) is not None:
        return Message(
            f"an instruct model of useful size that answers at once; {thinking} thinks first, which takes minutes",
            "ollama.why_at_once",
            other=thinking,
        )
    if size == 0:
        return Message("an instruct model of useful size", "ollama.why_known")
    return Message("an instruct model; one of 3 to 15 billion parameters would suit better", "ollama.why_known_size")


class _Kind(IntEnum):
    """The kind of a model by its name, the best first."""

    INSTRUCT = 0
    ELSEWHERE = 1
    THINKS = 2
    UNTAUGHT = 3


_BEST = Message(
    "the best of those that are installed; a known instruct model such as qwen2.5:7b would suit better", "ollama.why_best"
)
_SPECIAL = {
    _Kind.ELSEWHERE: Message(
        "there is no model for notes, and this one is made for something else; qwen2.5:7b would suit better",
        "ollama.why_elsewhere",
    ),
    _Kind.THINKS: Message(
        "there is no model that answers at once, and this one thinks first, which takes minutes; qwen2.5:7b would suit better",
        "ollama.why_thinks",
    ),
    _Kind.UNTAUGHT: Message(
        "there is no other, and this one is not taught to do as it is told; qwen2.5:7b would suit better", "ollama.why_untaught"
    ),
}
NAMED = Message("named in the settings", "ollama.why_named")


def _rank(model: ModelInfo) -> tuple[int, int, int, bool, float, str]:
    known = _known(model.name)
    billions, size = model.billions or 0.0, _size_class(model)
    # Prefer the larger of useful and small models, the smaller of large ones.
    weight = billions if size == 2 else -billions
    may_think = bool(_MAY_THINK.search(_words(model.name)))
    return (_kind(model.name), size, len(_KNOWN) if known is None else known, may_think, weight, model.name)


def _kind(name: str) -> _Kind:
    words = _words(name)
    if _UNTAUGHT.search(words):
        return _Kind.UNTAUGHT
    if _THINKS_ALOUD.search(words):
        return _Kind.THINKS
    return _Kind.ELSEWHERE if _ELSEWHERE.search(words) else _Kind.INSTRUCT


def _size_class(model: ModelInfo) -> int:
    """Return 0 for useful, 1 for unknown, 2 for large, 3 for small."""
    if model.billions is None:
        return 1
    return 3 if model.billions < USEFUL[0] else 2 if model.billions > USEFUL[1] else 0


def _only_a_name(model: ModelInfo) -> bool:
    return 0 < model.size < SMALLEST_WEIGHTS


def _known(name: str) -> int | None:
    return next((i for i, family in enumerate(_KNOWN) if family.search(_words(name))), None)


def _words(name: str) -> str:
    return name.lower().rpartition("/")[2].replace("_", "-")


def _billions(text: str) -> float | None:
    found = re.search(r"(?<![\w.])(\d+(?:\.\d+)?)\s*([bm])(?![a-z])", text.lower())
    return None if found is None else float(found[1]) / (1.0 if found[2] == "b" else 1000.0)
