from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.notification_host import NotificationHost


@pytest.fixture
def host() -> Iterator[NotificationHost]:
    with NotificationHost() as running:
        yield running
