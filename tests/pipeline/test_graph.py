"""The table of steps."""

from __future__ import annotations

import pytest

from core.pipeline import graph


def test_a_step_that_does_not_fit_leaves_the_table_as_it_was() -> None:
    before = dict(graph.steps())
    with pytest.raises(ValueError, match="two steps named fetch"):
        graph.register(graph.BUILT_IN[0])
    with pytest.raises(ValueError, match="names fetch"):
        graph.unregister("fetch")
    assert dict(graph.steps()) == before
