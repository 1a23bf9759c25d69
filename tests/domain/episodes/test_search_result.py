"""The progress of the search index."""

from __future__ import annotations

import pytest

from core.domain.episodes.search_result import BackfillProgress


@pytest.mark.parametrize(
    ("done", "total", "rebuilding", "whole"),
    [(0, 0, False, True), (2, 3, False, False), (3, 3, False, True), (4, 3, False, True), (3, 3, True, False)],
)
def test_the_index_is_whole_when_all_is_in_it_and_none_replaces_it(done: int, total: int, rebuilding: bool, whole: bool) -> None:
    assert BackfillProgress(done, total, rebuilding).whole is whole
