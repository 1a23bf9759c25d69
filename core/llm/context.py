"""Choose a context length from the need of notes, the model's limit and the free memory. Pure.

    /api/show ─▶ Cache (bytes per token) ─▶ Demand ─┐
    wanted, least, Room (free memory) ──────────────┴▶ judge ─▶ Fit: the length to request, and why it is shorter than wanted

A model keeps a key and a value (each heads × length) for every token and layer, in 16 bits. Some layers attend only to a
sliding window. `judge` accepts any length that it has advised, given the same Room.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.domain.notes.ollama_state import NO_MEMORY, READS_LESS, Fit
from core.message import Message

CACHE_BYTES = 2
GB = 1_000_000_000
# Buffers of a run, beside weights and cache: Ollama 0.24 reported up to 0.2 GB for the smallest models; larger ones need more.
OVERHEAD = 400_000_000
# The desktop and other programs need some of the card's memory.
CARD_RESERVE = 600_000_000
# Every n-th layer attends to the whole context; the others attend to a window.
_ONE_READS_ALL = {"gemma2": 2, "gemma3": 6, "gemma3n": 5, "gptoss": 2, "gpt-oss": 2, "cohere2": 4}

NOTHING = Message("")


@dataclass(frozen=True, slots=True)
class Cache:
    """Bytes per token: `full` in layers that attend to everything, `local` in those that attend to the last `window` tokens."""

    full: int
    local: int = 0
    window: int = 0

    def bytes(self, tokens: int) -> int:
        return self.full * tokens + self.local * min(tokens, self.window)


@dataclass(frozen=True, slots=True)
class Room:
    """Free memory in bytes, including that which Ollama uses for this model; `card` is the graphics card's, 0 without one."""

    memory: int
    card: int = 0

    @property
    def total(self) -> int:
        return self.memory + self.card


def cache_of(facts: Mapping[str, Any]) -> Cache | None:
    """Compute the cache size from `model_info` of /api/show; None if fields are missing."""
    kind = str(facts.get("general.architecture") or "")
    layers = _number(facts.get(f"{kind}.block_count"))
    heads = facts.get(f"{kind}.attention.head_count")
    kept = facts.get(f"{kind}.attention.head_count_kv") or heads
    if not layers or not kept:
        return None
    each = _each(kept, layers)
    width = _width(facts, kind, heads)
    if each is None or not width:
        return None
    whole = [heads * width * CACHE_BYTES for heads in each]
    window, every = _number(facts.get(f"{kind}.attention.sliding_window")), _ONE_READS_ALL.get(kind)
    if not window or not every:
        return Cache(sum(whole))
    local = sum(part for number, part in enumerate(whole, start=1) if number % every)
    return Cache(sum(whole) - local, local, window)


def _each(heads: Any, layers: int) -> list[int] | None:
    """Return the number of heads per layer; a list gives them one by one, and 0 means that the layer caches nothing."""
    if isinstance(heads, list):
        numbers = [_number(h) or 0 for h in heads]
        return (numbers + [0] * layers)[:layers] if any(numbers) else None
    number = _number(heads)
    return [number] * layers if number else None


def _width(facts: Mapping[str, Any], kind: str, heads: Any) -> int:
    """Return the length of a key plus that of a value."""
    most = max((_number(h) or 0 for h in heads), default=0) if isinstance(heads, list) else _number(heads) or 0
    one = (_number(facts.get(f"{kind}.embedding_length")) or 0) // most if most else 0
    key = _number(facts.get(f"{kind}.attention.key_length")) or one
    return key + (_number(facts.get(f"{kind}.attention.value_length")) or one)


def _number(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1 << 40 else None


@dataclass(frozen=True, slots=True)
class Demand:
    """A model's needs. `longest`: its context limit in tokens, None if unknown; `weights`: bytes on disk, 0 if unknown."""

    model: str
    longest: int | None = None
    weights: int = 0
    cache: Cache | None = None

    def bytes(self, tokens: int) -> int | None:
        """Return the memory in bytes for a context of `tokens`; None if the server reports too little."""
        return self.weights + OVERHEAD + self.cache.bytes(tokens) if self.weights and self.cache else None

    def largest(self, limit: int, least: int, room: int) -> int:
        """Return the largest step up to `limit` that fits into `room` bytes; 0 if none does."""
        return next((step for step in steps(limit, least) if (self.bytes(step) or 0) <= room), 0)


def judge(demand: Demand, wanted: int, least: int, room: Room | None) -> Fit:
    """Return the context length to request: `wanted` tokens, or the largest step below that the model supports and that fits.

    `room` None: the free memory is unknown. If only the card is too small, the wanted length stays, with a warning: the model
    runs, but slowly.
    """
    limit = min(wanted, demand.longest) if demand.longest else wanted
    if limit < least:
        return Fit(0, _reads_too_little(demand.model, limit, least))
    takes, smallest = demand.bytes(limit), demand.bytes(least)
    if room is None or takes is None or smallest is None:
        return Fit(limit, _reads_less(demand.model, wanted, limit))
    fitting = demand.largest(limit, least, room.total)
    if not fitting:
        return Fit(0, _no_room(demand.model, smallest, room))
    if fitting != limit:
        return Fit(fitting, _too_large(demand.model, limit, takes, room, fitting))
    usable = room.card - CARD_RESERVE
    if room.card and takes > usable:
        return Fit(limit, _beside_the_card(demand.model, limit, takes, room, demand.largest(limit, least, usable)))
    return Fit(limit, _reads_less(demand.model, wanted, limit))


def steps(limit: int, least: int) -> Iterator[int]:
    """Yield `limit`, then the powers of two below it in descending order, and `least` last."""
    yield limit
    power = 1 << (limit - 1).bit_length()
    while power > least:
        power >>= 1
        if least < power < limit:
            yield power
    if least < limit:
        yield least


def _gb(size: int) -> str:
    return f"{size / GB:.1f}"


def _reads_less(model: str, wanted: int, limit: int) -> Message:
    if limit == wanted:
        return NOTHING
    return Message(
        f"{model} reads at most {limit} tokens: that is used in place of the {wanted} of the settings",
        READS_LESS,
        model=model,
        limit=limit,
        wanted=wanted,
    )


def _reads_too_little(model: str, limit: int, least: int) -> Message:
    return Message(
        f"{model} reads {limit} tokens at once; notes need {least} at least. Choose another model",
        "ollama.context_short",
        model=model,
        limit=limit,
        least=least,
    )


def _too_large(model: str, wanted: int, takes: int, room: Room, fitting: int) -> Message:
    free = _gb(room.total)
    return Message(
        f"{model} with a context of {wanted} tokens needs about {_gb(takes)} GB of memory, and this computer has {free} GB free; "
        f"{fitting} would fit. Until there is more, {fitting} is used",
        "ollama.context_memory",
        model=model,
        wanted=wanted,
        needs=_gb(takes),
        free=free,
        fits=fitting,
    )


def _no_room(model: str, takes: int, room: Room) -> Message:
    return Message(
        f"{model} needs about {_gb(takes)} GB of memory even with the shortest context, and this computer has "
        f"{_gb(room.total)} GB free. Choose a smaller model, or close what takes memory",
        NO_MEMORY,
        model=model,
        needs=_gb(takes),
        free=_gb(room.total),
    )


def _beside_the_card(model: str, wanted: int, takes: int, room: Room, fitting: int) -> Message:
    card = _gb(room.card)
    said = (
        f"{model} with a context of {wanted} tokens needs about {_gb(takes)} GB, and the graphics card has {card} GB: a part of "
        "it runs on the processor, which is much slower"
    )
    numbers: dict[str, str | int] = {"model": model, "wanted": wanted, "needs": _gb(takes), "card": card}
    if not fitting:
        return Message(f"{said}. A smaller model would fit", "ollama.model_card", **numbers)
    return Message(f"{said}. {fitting} would fit", "ollama.context_card", **numbers, fits=fitting)
