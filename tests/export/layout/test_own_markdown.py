"""Markdown that a person wrote, however it is made."""

from __future__ import annotations

from core.export.layout.own_markdown import blocks_of
from tests.growth import grows_in_line


def test_a_long_address_takes_time_in_proportion_to_its_length() -> None:
    grows_in_line(lambda text: list(blocks_of(text, lambda at: f"#{at}")), lambda size: f"[a](there{'&' * size})", 8_000)


def test_a_link_to_a_moment_is_one() -> None:
    (block,) = blocks_of("[there](?episode=3&t=12.5)", lambda at: f"#{at}")
    assert [run.link for run in block.runs] == ["#12.5"]
