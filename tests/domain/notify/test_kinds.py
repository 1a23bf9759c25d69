from __future__ import annotations

import pytest

from core.domain.notify.kinds import BY_NAME, KINDS, TEST, NoticeKind, kind_named, may_be_told


def test_names_are_unique_and_found() -> None:
    assert len(BY_NAME) == len(KINDS)
    assert [kind_named(kind.name) for kind in (*KINDS, TEST)] == [*KINDS, TEST]
    with pytest.raises(KeyError):
        kind_named("episode.added")


@pytest.mark.parametrize(
    ("again", "told_at", "expected"),
    [
        (None, None, True),
        (None, 0.0, False),
        (0.0, 100.0, True),
        (60.0, 40.0, True),
        (60.0, 40.1, False),
    ],
)
def test_what_lasts_is_told_again_after_its_time_alone(again: float | None, told_at: float | None, expected: bool) -> None:
    assert may_be_told(NoticeKind("k", again=again), told_at, 100.0) is expected
