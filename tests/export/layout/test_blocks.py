"""The text of a block, whatever its runs look like."""

from __future__ import annotations

from core.export.layout.blocks import Block, BlockKind, TextRun


def test_the_text_of_a_block_is_that_of_its_runs() -> None:
    runs = (TextRun("Ann: ", bold=True), TextRun("prices", mark="yellow"), TextRun(" rose."))
    assert Block(BlockKind.TEXT, runs).text == "Ann: prices rose."
    assert Block(BlockKind.RULE).text == ""
