"""Channels as their user adds, tries, changes and removes them, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.domain.accounts.actor import OWNER, Actor
from core.domain.notify.kinds import BY_NAME, KINDS
from core.domain.notify.message import OutgoingMessage
from core.errors import Conflict, NotFound, NotifyAddressInvalid, UserError
from core.services.notify import notifications
from core.services.notify.dispatch import ChannelSecrets, Dispatch
from core.services.notify.notifications import Notifications
from core.store.db.database import Store
from core.store.db.vault import Vault
from core.store.notify import channels, deliveries, notices
from core.store.sealed import key_rotation
from tests.fakes.notification_host import Clock, NotificationHost
from tests.new_database import new_database

OTHER = Actor(2)


@pytest.fixture
def host() -> Iterator[NotificationHost]:
    with NotificationHost() as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(new_database(tmp_path))
    made.open()
    made.write(lambda db: db.execute("INSERT INTO users (id, role, created_at) VALUES (2, 'viewer', 0)"))
    yield made
    made.close()


@pytest.fixture
def clock() -> Clock:
    return Clock(1_796_126_400.0)


@pytest.fixture
def own(store: Store, clock: Clock) -> Notifications:
    vault = Vault.beside(store.path)
    values = SimpleNamespace(allowed_private_hosts=("127.0.0.1",), public_url="")
    dispatch = Dispatch(SimpleNamespace(values=values), vault)  # type: ignore[arg-type]
    return Notifications(store, vault, dispatch, wake=lambda: None, clock=clock)


def secrets_of(store: Store, channel_id: int) -> ChannelSecrets:
    return ChannelSecrets.opened(Vault.beside(store.path), channels.sealed_of(store.read(), channel_id))


def test_a_webhook_is_added_with_a_secret_that_is_given_once(own: Notifications, store: Store, host: NotificationHost) -> None:
    added = own.add(OWNER, "webhook", {"address": f"{host.root}/horse-staple"}, {"name": "Home", "language": "zh"})
    assert added.secret.startswith("whsec_")
    (channel,) = own.channels(OWNER)
    assert channel == added.channel
    assert (channel.name, channel.language, channel.shown) == ("Home", "zh", f"http://{host.place}/…")
    assert channel.kinds == tuple(kind.name for kind in KINDS if kind.chosen)
    assert "horse" not in repr(channel) and b"horse-staple" not in store.path.read_bytes()
    assert secrets_of(store, channel.id).secret == added.secret


def test_other_services_have_no_secret_and_an_address_that_is_understood(own: Notifications) -> None:
    added = own.add(OWNER, "ntfy", {"server": "https://ntfy.sh", "topic": "a-long-topic"}, {})
    assert (added.secret, added.channel.name) == ("", "ntfy")
    for service, fields in (("telegram", {"token": "x", "chat": "1"}), ("other", {"address": "syslog://localhost"})):
        with pytest.raises(NotifyAddressInvalid):
            own.add(OWNER, service, fields, {})
    with pytest.raises(Conflict):
        own.rotate_secret(OWNER, added.channel.id)
    assert len(own.channels(OWNER)) == 1


def test_a_test_says_how_it_went_in_the_words_of_the_other_side(own: Notifications, host: NotificationHost) -> None:
    channel = own.add(OWNER, "webhook", {"address": f"{host.root}/hook"}, {}).channel
    assert own.test(OWNER, channel.id).error is None
    host.answers, host.said = [403], b"wrong key"
    failed = own.test(OWNER, channel.id)
    assert failed.error and failed.error["code"] == "notify_refused"
    assert (failed.status, failed.said, failed.state.value, failed.tries) == (403, "wrong key", "given_up", 1)
    assert [each.id for each in own.log(OWNER)] == [failed.id, failed.id - 1]
    with pytest.raises(Conflict):
        own.send_again(OWNER, failed.id)


def test_choices_are_changed_and_checked(own: Notifications, store: Store, host: NotificationHost) -> None:
    channel = own.add(OWNER, "webhook", {"address": host.root}, {}).channel
    store.write(lambda db: notices.add(db, channel.id, "disk.low", "disk", {}, now=1.0))
    wished = {"kinds": ["disk.low"], "quiet_from": 60, "zone": "Asia/Shanghai", "enabled": False}
    changed = own.change(OWNER, channel.id, wished)
    assert own.channels(OWNER) == [changed] and changed.kinds == ("disk.low",)
    assert notices.waiting(store.read()) == {}
    for wrong in ({"kinds": ["nothing"]}, {"user_id": 2}, {"sealed": "x"}, {"zone": "Nowhere"}, {"name": ""}):
        with pytest.raises(UserError):
            own.change(OWNER, channel.id, wrong)
    assert own.channels(OWNER) == [changed]


def test_a_new_secret_stands_beside_the_former_one(
    own: Notifications, store: Store, host: NotificationHost, clock: Clock
) -> None:
    added = own.add(OWNER, "webhook", {"address": host.root}, {})
    renewed = own.rotate_secret(OWNER, added.channel.id)
    known = secrets_of(store, added.channel.id)
    assert renewed != added.secret
    assert known.signing(clock.now) == [renewed, added.secret]
    assert known.signing(clock.now + notifications.FORMER_SECONDS) == [renewed]


def test_another_address_keeps_the_secret_also_with_a_new_key(own: Notifications, store: Store, host: NotificationHost) -> None:
    added = own.add(OWNER, "webhook", {"address": "http://127.0.0.1:9/"}, {})
    key_rotation.rotate(store, Vault.beside(store.path))
    assert own.readdress(OWNER, added.channel.id, {"address": f"{host.root}/new"}).shown == f"http://{host.place}/…"
    assert secrets_of(store, added.channel.id) == ChannelSecrets(f"{host.root}/new", added.secret)
    Vault.beside(store.path).path.unlink()
    own.readdress(OWNER, added.channel.id, {"address": f"{host.root}/newer"})
    assert secrets_of(store, added.channel.id).url == f"{host.root}/newer"


def test_nobody_reaches_the_channels_of_somebody_else(own: Notifications, store: Store, host: NotificationHost) -> None:
    channel = own.add(OWNER, "webhook", {"address": host.root}, {}).channel
    number = store.write(lambda db: deliveries.add(db, channel.id, OutgoingMessage("m", "disk.low", 1.0, 1, ())))
    reach = (
        lambda: own.change(OTHER, channel.id, {"name": "Mine"}),
        lambda: own.readdress(OTHER, channel.id, {"address": host.root}),
        lambda: own.remove(OTHER, channel.id),
        lambda: own.rotate_secret(OTHER, channel.id),
        lambda: own.test(OTHER, channel.id),
        lambda: own.send_again(OTHER, number),
    )
    for attempt in reach:
        with pytest.raises(NotFound):
            attempt()
    assert own.channels(OTHER) == [] == own.log(OTHER) == own.log(OTHER, channel_id=channel.id)
    assert own.channels(OWNER) == [channel] and host.arrived == []


def test_what_was_given_up_is_sent_again_when_asked(own: Notifications, store: Store, host: NotificationHost) -> None:
    channel = own.add(OWNER, "webhook", {"address": host.root}, {}).channel
    message = OutgoingMessage("m", BY_NAME["disk.low"].name, 1.0, 1, ({},))
    number = store.write(lambda db: deliveries.add(db, channel.id, message))
    assert own.send_again(OWNER, number).state.value == "waiting"


def test_a_user_has_so_many_channels_and_removes_one(
    own: Notifications, host: NotificationHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications, "MOST_CHANNELS", 1)
    channel = own.add(OWNER, "webhook", {"address": host.root}, {}).channel
    with pytest.raises(Conflict):
        own.add(OWNER, "webhook", {"address": host.root}, {})
    own.remove(OWNER, channel.id)
    assert own.channels(OWNER) == []
