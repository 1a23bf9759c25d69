from __future__ import annotations

import time

import pytest

from core.net import web
from core.services.feeds import deadline


def test_a_block_has_its_deadline_and_leaves_that_of_the_outside() -> None:
    outside = web.deadline.get()
    before = time.monotonic()
    with deadline.within(60.0):
        assert before + 60.0 <= web.deadline.get() <= time.monotonic() + 60.0
    assert web.deadline.get() == outside


def test_a_block_that_fails_leaves_none_behind() -> None:
    outside = web.deadline.get()
    with pytest.raises(ValueError, match="broken"), deadline.within(60.0):
        raise ValueError("broken")
    assert web.deadline.get() == outside
