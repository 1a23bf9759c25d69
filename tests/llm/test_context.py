"""Context length limits: advised lengths are accepted by settings, model and memory alike."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import errors, settings
from core.domain.notes.ollama_state import NO_MEMORY, READS_LESS
from core.llm.context import Cache, Demand, Room, cache_of, judge, steps
from core.notes.chunk_notes import SMALLEST_BUDGET, chunk_budget, least_context
from core.notes.prompts import _NAMES as LANGUAGES

GB = 1_000_000_000
LEAST = 1304


def facts(kind: str, layers: Any, **more: Any) -> dict[str, Any]:
    return {"general.architecture": kind, f"{kind}.block_count": layers} | {
        f"{kind}.{name.replace('__', '.')}": value for name, value in more.items()
    }


# Bytes a token are those that the makers of these models publish, or that llama.cpp prints when it loads them.
@pytest.mark.parametrize(
    ("shown", "at_8192"),
    [
        # Llama 3.1 8B: 32 layers, 8 of 32 heads of 128, 1 GiB at 8192.
        (facts("llama", 32, embedding_length=4096, attention__head_count=32, attention__head_count_kv=8), 1 << 30),
        # Llama 2 7B keeps all 32 heads: 4 GiB; head_count_kv may be left out for it.
        (facts("llama", 32, embedding_length=4096, attention__head_count=32), 4 << 30),
        # Qwen3 4B: keys are longer than embedding / heads.
        (
            facts(
                "qwen3",
                36,
                embedding_length=2560,
                attention__head_count=32,
                attention__head_count_kv=8,
                attention__key_length=128,
                attention__value_length=128,
            ),
            36 * 8 * 256 * 2 * 8192,
        ),
        # Gemma 3 4B: 5 of 6 layers look back 1024 tokens.
        (
            facts(
                "gemma3",
                34,
                embedding_length=2560,
                attention__head_count=8,
                attention__head_count_kv=4,
                attention__key_length=256,
                attention__value_length=256,
                attention__sliding_window=1024,
            ),
            (5 * 8192 + 29 * 1024) * 4 * 512 * 2,
        ),
        # A hybrid: heads named layer by layer, none in most.
        (
            facts(
                "lfm2",
                4,
                embedding_length=1024,
                attention__head_count=16,
                attention__head_count_kv=[0, 0, 8, 0],
            ),
            8 * 128 * 2 * 8192,
        ),
    ],
)
def test_the_cache_of_known_models(shown: dict[str, Any], at_8192: int) -> None:
    cache = cache_of(shown)
    assert cache and cache.bytes(8192) == at_8192


@pytest.mark.parametrize(
    "shown",
    [
        {},
        {"general.architecture": "llama"},
        facts("llama", 0, attention__head_count=8, embedding_length=64),
        facts("llama", 4, embedding_length=64),
        facts("llama", 4, attention__head_count=8),
        facts("llama", -3, attention__head_count=8, embedding_length=64),
        facts("llama", "many", attention__head_count=8, embedding_length=64),
        facts("llama", 4, attention__head_count=[], embedding_length=64),
        facts("llama", 4, attention__head_count_kv=[None, "x"], attention__head_count=8, embedding_length=64),
        facts("llama", True, attention__head_count=8, embedding_length=64),
    ],
)
def test_a_server_that_tells_too_little_is_not_guessed_about(shown: dict[str, Any]) -> None:
    assert cache_of(shown) is None
    fit = judge(Demand("m", None, 5 * GB, None), 8192, LEAST, Room(1))
    assert (fit.num_ctx, fit.why) == (8192, "")


SLOW = ("ollama.context_card", "ollama.model_card")
demands = st.builds(
    Demand,
    st.just("m"),
    st.none() | st.integers(1, 1 << 21),
    st.integers(0, 80 * GB),
    st.none() | st.builds(Cache, st.integers(0, 1 << 21), st.integers(0, 1 << 21), st.integers(1, 8192)),
)
rooms = st.none() | st.builds(Room, st.integers(0, 200 * GB), st.just(0) | st.integers(GB, 80 * GB))


@given(demands, st.integers(settings.LEAST_CONTEXT, settings.MOST_CONTEXT), rooms, st.sampled_from(sorted(LANGUAGES)))
def test_what_is_advised_is_accepted_everywhere(demand: Demand, wanted: int, room: Room | None, language: str) -> None:
    least = least_context(language)
    fit = judge(demand, wanted, least, room)
    assert fit.num_ctx in (0, *steps(min(wanted, demand.longest or wanted), least))
    advised = {fit.num_ctx, fit.why.params.get("fits", 0)} - {0}
    for length in advised:
        assert isinstance(length, int)
        assert length >= least and chunk_budget(language, length) >= SMALLEST_BUDGET
        needed = demand.bytes(length)
        if room and needed is not None:
            assert needed <= room.total
    if fits := fit.why.params.get("fits"):
        again = judge(demand, int(fits), least, room)
        assert again.num_ctx == fits
        # A context that fits into memory may still get a warning that it is slow outside the GPU.
        assert again.why == "" or (fit.why.key == "ollama.context_memory" and again.why.key in SLOW)
    if fit.num_ctx == 0:
        assert fit.why.key in (NO_MEMORY, "ollama.context_short")
    elif fit.num_ctx < wanted:
        assert fit.why.key in (READS_LESS, "ollama.context_memory", "ollama.context_card", "ollama.model_card")


@given(st.integers(1, 3000), st.sampled_from(sorted(LANGUAGES)), st.integers(0, 4096))
def test_the_least_that_a_refusal_names_is_taken(num_ctx: int, language: str, num_predict: int) -> None:
    least = least_context(language, num_predict)
    if num_ctx >= least:
        assert chunk_budget(language, num_ctx, num_predict) >= SMALLEST_BUDGET
        return
    with pytest.raises(errors.ContextTooSmall, match=rf"\b{least} would do") as refused:
        chunk_budget(language, num_ctx, num_predict)
    assert chunk_budget(language, int(refused.value.params["least"]), num_predict) >= SMALLEST_BUDGET


def test_the_least_setting_is_enough_in_every_language() -> None:
    assert max(map(least_context, [*LANGUAGES, "xx"])) <= settings.LEAST_CONTEXT


def test_it_is_said_how_much_is_needed_and_what_would_fit() -> None:
    eight = Demand("llama3.1:8b", 131072, 4_900_000_000, Cache(1 << 17))
    fit = judge(eight, 32768, LEAST, Room(6_500_000_000))
    assert fit.num_ctx == 8192
    assert "needs about 9.6 GB of memory, and this computer has 6.5 GB free; 8192 would fit" in fit.why
    nothing = judge(eight, 8192, LEAST, Room(3 * GB))
    assert (nothing.num_ctx, nothing.why.key) == (0, NO_MEMORY)
    slow = judge(eight, 32768, LEAST, Room(32 * GB, 8 * GB))
    assert slow.num_ctx == 32768 and slow.why.params["fits"] == 8192
    assert judge(eight, 500_000, LEAST, Room(64 * GB)).num_ctx == 131072
    assert judge(Demand("tiny", 512), 8192, LEAST, None).why.params["least"] == LEAST
