"""Which model is taken, from lists as real computers have them."""

from __future__ import annotations

import pytest

from core.notes.models import ModelInfo, by_preference, named_remote, reason, remote_service, same, writes


def taken(*names: str) -> str | None:
    found = by_preference(ModelInfo(name, 2_000_000_000) for name in names)
    return found[0].name if found else None


@pytest.mark.parametrize(
    "name",
    [
        "bge-m3:latest",
        "nomic-embed-text",
        "snowflake-arctic-embed2",
        "all-minilm:33m",
        "mxbai-embed-large",
        "paraphrase-multilingual",
        "qwen3-embedding:4b",
        "embeddinggemma",
        "dengcao/Qwen3-Reranker-4B",
        "llama-guard3:8b",
        "shieldgemma:9b",
        "granite3-guardian:8b",
        "x/z-image-turbo",
    ],
)
def test_what_cannot_write_is_never_taken(name: str) -> None:
    assert not writes(ModelInfo(name))
    assert taken(name) is None
    assert taken(name, "zeta:1b") == "zeta:1b"


def test_the_list_may_say_what_the_name_does_not() -> None:
    assert not writes(ModelInfo("mine", families=("nomic-bert",)))
    assert writes(ModelInfo("llava:7b", families=("llama", "clip")))
    assert not writes(ModelInfo("mine", capabilities=("embedding",)))
    assert writes(ModelInfo("mine", families=("llama",), capabilities=("completion",)))
    assert by_preference([ModelInfo("mine", 400)]) == []


@pytest.mark.parametrize(
    ("names", "best"),
    [
        (("aya:8b", "qwen3:4b"), "qwen3:4b"),
        (("deepseek-r1:8b", "llama3.1:8b"), "llama3.1:8b"),
        (("codellama:7b", "gemma3:4b"), "gemma3:4b"),
        (("llama3.2:1b", "mistral:7b"), "mistral:7b"),
        (("gemma3:270m", "smollm2:135m"), "gemma3:270m"),
        (("qwen3:235b", "qwen3:8b", "qwen3:0.6b"), "qwen3:8b"),
        (("qwen2.5:7b-base", "phi4:14b"), "phi4:14b"),
        (("qwen2.5:3b", "qwen2.5:7b"), "qwen2.5:7b"),
        (("llava:7b", "gemma2:2b"), "gemma2:2b"),
    ],
)
def test_known_instruct_models_of_useful_size_go_first(names: tuple[str, ...], best: str) -> None:
    assert taken(*names) == taken(*reversed(names)) == best


def test_the_reason_fits_the_model() -> None:
    assert reason(ModelInfo("qwen3:4b")).key == "ollama.why_known"
    assert reason(ModelInfo("qwen3:0.6b")).key == "ollama.why_known_size"
    assert reason(ModelInfo("mine:latest", parameters="7.6B")).key == "ollama.why_best"


def test_signs_of_another_computer() -> None:
    for name in ("gpt-oss:120b-cloud", "kimi-k2:1t-cloud", "glm:CLOUD", "a/b:cloud"):
        assert named_remote(name) and taken(name) is None
    for name in ("cloudy:7b", "my-cloud:7b", "cloud", "mistral:cloudless"):
        assert not named_remote(name)
    assert remote_service("https://ollama.com") and remote_service("https://api.ollama.com:443/v1")
    assert not remote_service("http://ollama:11434") and not remote_service("https://notollama.com")


def test_a_name_is_found_with_or_without_its_tag() -> None:
    assert same("llama3:latest", "llama3") and same("llama3:latest", "Llama3:latest")
    assert not same("qwen3:4b", "qwen3") and not same("qwen3:4b", "")
