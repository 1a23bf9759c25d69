"""Which model is taken, from lists as real computers have them."""

from __future__ import annotations

import pytest

from core.llm.models import ModelInfo, by_preference, named_remote, reason, remote_service, same, writes


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
        "hf.co/OuteAI/OuteTTS-0.2-500M-GGUF",
        "hf.co/Qwen/Qwen2.5-Math-PRM-7B",
        "facebook/nllb-200",
        "hf.co/google/flan-t5-xl",
        "madlad400:3b",
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
        (("aya:8b", "qwen3:8b"), "qwen3:8b"),
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


@pytest.mark.parametrize(
    ("instruct", "other"),
    [
        ("qwen3:4b-instruct", "qwen3:4b-thinking"),
        ("qwen3:4b-instruct-2507-q4_K_M", "qwen3:4b"),
        ("qwen3:4b-instruct", "qwen3:8b"),
        ("qwen3:30b-a3b-instruct-2507-q4_K_M", "qwen3:30b"),
        ("qwen3:235b-a22b-instruct-2507-q4_K_M", "qwen3:235b-a22b-thinking-2507-q4_K_M"),
        ("hf.co/unsloth/Qwen3-4B-Instruct-2507-GGUF:Q4_K_M", "hf.co/unsloth/Qwen3-4B-Thinking-2507-GGUF:Q4_K_M"),
        ("phi4:14b", "phi4-reasoning:14b"),
        ("phi4:14b", "phi4-reasoning:plus"),
        ("phi4-mini:3.8b", "phi4-mini-reasoning:3.8b"),
        ("mistral-small3.2:24b", "magistral:24b"),
        ("ministral-3:8b-instruct-2512-q4_K_M", "ministral-3:8b-reasoning-2512-q8_0"),
        ("olmo-3:7b-instruct", "olmo-3:7b-think"),
        ("exaone3.5:7.8b", "exaone-deep:7.8b"),
        ("lfm2.5:1.2b", "lfm2.5-thinking:1.2b"),
        ("llama3.1:8b", "deepseek-r1:8b"),
        ("hf.co/bartowski/Meta-Llama-3.1-8B-Instruct-GGUF:Q4_K_M", "deepseek-r1:8b-llama-distill-q4_K_M"),
        ("llama3.2:3b", "gpt-oss:20b"),
        ("qwen2.5:7b-instruct-q4_K_M", "qwq:32b"),
        ("qwen2.5:1.5b", "deepseek-r1:1.5b-qwen-distill-q4_K_M"),
        ("gemma2:9b", "openthinker:7b"),
        ("granite3.3:8b", "marco-o1:7b"),
        ("aya-expanse:8b", "smallthinker:3b"),
        ("command-r7b:7b", "deepscaler:1.5b"),
        ("tinyllama:1.1b", "r1-1776:70b"),
        ("nemotron-mini:4b", "reflection:70b"),
        ("qwen3-nothink:8b", "qwen3:4b-thinking-2507-q8_0"),
    ],
)
def test_what_answers_at_once_goes_before_what_thinks(instruct: str, other: str) -> None:
    assert taken(instruct, other) == taken(other, instruct) == instruct


@pytest.mark.parametrize(
    "other",
    [
        "codegemma:7b",
        "codestral:22b",
        "qwen3-coder:30b",
        "qwen2.5-coder:7b-instruct",
        "granite-code:8b",
        "stable-code:3b",
        "codeqwen:7b",
        "devstral:24b",
        "duckdb-nsql:7b",
        "mathstral:7b",
        "qwen2.5vl:7b",
        "qwen3-vl:8b",
        "llama3.2-vision:11b",
        "minicpm-v:8b",
        "moondream:1.8b",
        "deepseek-ocr:3b",
        "medgemma:4b",
        "medllama2:7b",
        "translategemma:4b",
        "functiongemma:270m",
        "llama3-groq-tool-use:8b",
        "bespoke-minicheck:7b",
        "reader-lm:1.5b",
        "mistral:7b-text",
        "deepseek-llm:7b-base",
        "hf.co/google/gemma-3-4b-pt-qat-q4_0-gguf:latest",
        "gpt-oss-safeguard:20b",
        "codegeex4:9b",
        "hf.co/OpenGVLab/InternVL3-8B-GGUF",
        "hf.co/ggml-org/SmolVLM2-2.2B-Instruct-GGUF",
        "hf.co/Qwen/Qwen2-Audio-7B-Instruct-GGUF",
        "hf.co/tencent/Hunyuan-MT-7B-GGUF",
        "UI-TARS-1.5:7b",
    ],
)
def test_a_general_model_goes_before_one_for_something_else(other: str) -> None:
    assert taken("llama3.2:1b", other) == taken(other, "llama3.2:1b") == "llama3.2:1b"


@pytest.mark.parametrize(
    "name",
    [
        "qwen2.5:7b-instruct-q4_K_M",
        "gemma3:4b-it-qat",
        "gemma3n:e4b",
        "mistral:7b-instruct-v0.3-q4_K_M",
        "mistral-nemo:12b",
        "mistral-small3.1:24b",
        "llama3.3:70b",
        "llama3.2:3b-instruct-fp16",
        "phi4-mini:3.8b",
        "granite4:3b",
        "hf.co/bartowski/Qwen_Qwen3-8B-GGUF:Q4_K_M",
        "hf.co/lmstudio-community/gemma-3-12b-it-GGUF:Q4_K_M",
    ],
)
def test_an_instruct_model_of_a_known_family_is_known_in_each_spelling(name: str) -> None:
    assert reason(ModelInfo(name)).key in ("ollama.why_known", "ollama.why_known_size")


def test_the_reason_says_what_was_passed_over() -> None:
    installed = [ModelInfo(name) for name in ("qwen3:4b-thinking", "qwen3:4b-instruct", "llama3.2:1b")]
    said = reason(by_preference(installed)[0], installed)
    assert (said.key, said.params) == ("ollama.why_at_once", {"other": "qwen3:4b-thinking"})
    for name, key in (
        ("qwq:32b", "thinks"),
        ("gpt-oss:20b", "thinks"),
        ("codegemma:7b", "elsewhere"),
        ("yi:6b-base", "untaught"),
    ):
        assert reason(ModelInfo(name), [ModelInfo(name)]).key == f"ollama.why_{key}"


def test_the_reason_fits_the_model() -> None:
    assert reason(ModelInfo("qwen3:8b")).key == "ollama.why_known"
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
