"""An upload: whole or not, and until when it is kept."""

from __future__ import annotations

import pytest

from core.domain.episodes.upload import EMPTY_KEPT_SECONDS, KEPT_SECONDS, Upload


@pytest.mark.parametrize(("length", "offset", "whole"), [(9, 0, False), (9, 8, False), (9, 9, True), (0, 0, True)])
def test_an_upload_is_whole_with_its_last_byte(length: int, offset: int, whole: bool) -> None:
    assert Upload("a", length, offset, {}, "", 0.0, 0.0).whole is whole


def test_it_is_kept_from_its_last_byte_on_and_without_any_for_less_long() -> None:
    begun = Upload("a", 9, 1, {}, "", created_at=0.0, touched_at=100.0)
    empty = Upload("b", 9, 0, {}, "", created_at=0.0, touched_at=100.0)
    assert begun.expires_at == 100.0 + KEPT_SECONDS
    assert empty.expires_at == 100.0 + EMPTY_KEPT_SECONDS < begun.expires_at
