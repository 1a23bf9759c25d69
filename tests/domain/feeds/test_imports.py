from __future__ import annotations

import pytest

from core.domain.feeds.imports import TRIES, ImportKind, again, choose
from core.errors import BadAddress, DownloadFailed, FeedUnavailable, NetworkUnreachable, NotAFeed


def test_lines_are_begun_in_their_order_but_not_three_of_one_host() -> None:
    waiting = [(1, "a"), (2, "a"), (3, "a"), (4, "b"), (5, "c"), (6, "b")]
    assert choose(waiting, {}, free=16, a_host=2) == [1, 2, 4, 5, 6]
    assert choose(waiting, {"a": 1, "b": 2}, free=16, a_host=2) == [1, 5]
    assert choose(waiting, {}, free=2, a_host=2) == [1, 2]
    assert choose(waiting, {}, free=0, a_host=2) == []


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize("error", [NetworkUnreachable(), DownloadFailed(), caused(FeedUnavailable(), NetworkUnreachable())])
def test_what_may_work_later_is_tried_again_a_few_times(error: Exception) -> None:
    delays = [again(ImportKind.OPML, error, tries) for tries in range(1, TRIES + 1)]
    assert delays.pop() is None
    waits = [delay or 0.0 for delay in delays]
    assert waits == sorted(set(waits))
    assert waits[0] > 0
    assert again(ImportKind.ADDRESS, error, 1) is None


@pytest.mark.parametrize("error", [NotAFeed(), BadAddress(), FeedUnavailable(status=404), ValueError()])
def test_what_will_not_work_later_is_not(error: Exception) -> None:
    assert again(ImportKind.OPML, error, 1) is None
