from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.domain.notify.channel import Channel
from core.store.db.database import Store
from core.store.notify import channels

AddChannel = Callable[..., Channel]


@pytest.fixture
def add_channel(store: Store) -> AddChannel:
    def add(**values: Any) -> Channel:
        given = {
            "id": 0,
            "user_id": 1,
            "name": "Phone",
            "service": "ntfy",
            "shown": "ntfys://…",
            "kinds": ("notes.ready",),
        } | values
        return store.write(lambda db: channels.add(db, Channel(**given), "sealed"))

    return add
