"""Rows of a server about its models, of whatever kind the server is."""

from __future__ import annotations

from typing import Any

import pytest

from core.llm.model_rows import context_length_of, model_info, names_in, whole_number


def test_a_row_of_ollama_is_read() -> None:
    details = {"family": "qwen3", "families": ["qwen3", "clip"], "parameter_size": "4.0B", "quantization_level": "Q4_K_M"}
    found = model_info({"name": "qwen3:4b", "size": 2_500_000_000, "details": details, "capabilities": ["completion"]})
    assert (found.name, found.size, found.parameters, found.quantization) == ("qwen3:4b", 2_500_000_000, "4.0B", "Q4_K_M")
    assert (found.families, found.capabilities, found.remote_host) == (("qwen3", "clip"), ("completion",), "")


@pytest.mark.parametrize("row", [{}, {"details": "none"}, {"details": {"families": None}, "size": "big", "capabilities": "all"}])
def test_whatever_another_kind_of_server_says_breaks_nothing(row: dict[str, Any]) -> None:
    found = model_info(row)
    assert (found.name, found.size, found.families, found.capabilities) == ("", 0, (), ())


@pytest.mark.parametrize(
    ("value", "number"), [(7, 7), (7.9, 7), (0, 0), (-1, 0), (1 << 60, 0), (float("nan"), 0), ("7", 0), (None, 0)]
)
def test_a_size_is_a_number_that_can_be_one(value: Any, number: int) -> None:
    assert whole_number(value) == number


def test_names_are_a_list_or_none() -> None:
    assert (names_in(["a", 1]), names_in("ab"), names_in(None)) == (("a", "1"), (), ())


def test_the_length_of_a_context_stands_under_the_architecture() -> None:
    assert context_length_of({"general.architecture": "qwen3", "qwen3.context_length": 40960}) == 40960
    assert context_length_of({"general.architecture": "qwen3", "llama.context_length": 40960}) is None
    assert context_length_of({"qwen3.context_length": "long"}) is None
