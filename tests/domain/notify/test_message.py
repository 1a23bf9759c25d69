from __future__ import annotations

import pytest

from core.domain.notify.message import failure_of


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (199, "notify_refused"),
        (200, None),
        (299, None),
        (300, "notify_sent_on"),
        (399, "notify_sent_on"),
        (405, "notify_not_found"),
        (408, "notify_busy"),
        (409, "notify_refused"),
        (425, "notify_busy"),
        (499, "notify_refused"),
        (204, None),
        (301, "notify_sent_on"),
        (400, "notify_refused"),
        (401, "notify_refused"),
        (404, "notify_not_found"),
        (410, "notify_not_found"),
        (413, "notify_too_large"),
        (429, "notify_busy"),
        (500, "notify_failed"),
        (503, "notify_failed"),
    ],
)
def test_a_status_says_what_to_do(status: int, code: str | None) -> None:
    found = failure_of(status)
    assert (found and found.code) == code
    assert found is None or found.params == {"status": status}
