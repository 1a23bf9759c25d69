"""Channels, a sender that notes what it is given, and the services around them over a real database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from core import settings
from core.domain.notify.channel import Channel
from core.domain.notify.message import Outcome, OutgoingMessage
from core.pipeline import graph
from core.services.notify.outbox import Outbox
from core.services.notify.sending import Sending
from core.settings import Settings
from core.store.db.database import Store
from core.store.notify import channels
from tests.fakes.notification_host import Clock
from tests.new_database import new_database

assert graph.steps()
NOON = 1_796_126_400.0


@dataclass
class FakeDispatch:
    """In place of the network: notes each message, and answers by `outcomes`, the last of which stays."""

    sent: list[tuple[str, OutgoingMessage]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=lambda: [Outcome(status=200)])
    before: Callable[[Channel], None] = lambda _: None

    def send(self, channel: Channel, sealed: str, given: OutgoingMessage, **_: Any) -> Outcome:
        assert sealed == "sealed"
        self.before(channel)
        self.sent.append((channel.name, given))
        return self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]


@dataclass
class NotifyRig:
    store: Store
    clock: Clock
    dispatch: FakeDispatch
    sending: Sending
    outbox: Outbox
    settings: Settings

    @property
    def values(self) -> Settings:
        return self.settings

    def channel(self, name: str = "Phone", *kinds: str, **values: Any) -> Channel:
        given = {"id": 0, "user_id": 1, "name": name, "service": "ntfy", "shown": "ntfys://…"}
        given |= {"kinds": kinds or ("notes.ready",), "gather": 0} | values
        return self.store.write(lambda db: channels.add(db, Channel(**given), "sealed"))

    def step(self, seconds: float = 0.0) -> None:
        """Let time pass, and do what is due then."""
        self.clock.now += seconds
        self.sending.step()
        self.sending.settle()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[NotifyRig]:
    store = Store(new_database(tmp_path))
    store.open()
    store.write(lambda db: db.execute("INSERT INTO users (id, role, created_at) VALUES (2, 'viewer', 0)"))
    clock, dispatch = Clock(NOON), FakeDispatch()
    sending = Sending(store, dispatch, clock=clock, jitter=lambda: 0.0)  # type: ignore[arg-type]
    outbox = Outbox(store, wake=sending.wake, clock=clock)
    yield NotifyRig(store, clock, dispatch, sending, outbox, settings.load({}, environ={}).values)
    sending.stop()
    store.close()
