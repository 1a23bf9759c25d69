"""What opens a channel is in no database, log, backup or answer, whatever went wrong on the way."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from core import settings
from core.domain.accounts.actor import OWNER
from core.domain.notify.message import OutgoingMessage
from core.ops.backup.backups import Backups
from core.services.notify.dispatch import Dispatch
from core.services.notify.notifications import Notifications
from core.services.notify.sending import Sending
from core.store.db.database import Store
from core.store.db.vault import Vault
from core.store.notify import deliveries
from tests.fakes.notification_host import NotificationHost
from tests.new_database import new_database

MESSAGE = OutgoingMessage("m", "disk.low", 1.0, 1, ({},))
SECRETS = (b"horsestaple", b"batterystaple")


def test_after_every_kind_of_failure(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    store = Store(new_database(tmp_path))
    store.open()
    vault = Vault.beside(store.path)
    values = SimpleNamespace(allowed_private_hosts=("127.0.0.1",), public_url="")
    dispatch = Dispatch(SimpleNamespace(values=values), vault)  # type: ignore[arg-type]
    sending = Sending(store, dispatch)
    own = Notifications(store, vault, dispatch, wake=sending.wake)
    told = ""
    with NotificationHost() as host:
        host.answers, host.said = [403], b"horsestaple is unknown"
        channels = [
            own.add(OWNER, "webhook", {"address": f"{host.root}/horsestaple?k=batterystaple"}, {}),
            own.add(OWNER, "gotify", {"server": host.root, "token": "horsestaple"}, {}),
            own.add(OWNER, "gotify", {"server": "http://127.0.0.1:9", "token": "batterystaple"}, {}),
            own.add(OWNER, "webhook", {"address": "http://nobody.invalid/horsestaple"}, {}),
        ]
        for added in channels:
            told += repr(own.test(OWNER, added.channel.id))
            store.write(partial(deliveries.add, channel_id=added.channel.id, message=MESSAGE))
        sending.step()
        sending.settle()
        told += repr(own.channels(OWNER)) + repr(own.log(OWNER)) + caplog.text
    loaded = settings.load({}, environ={"CASTMIND_DATA_DIR": str(tmp_path)}).values
    backup = Backups(tmp_path, lambda: loaded).create("manual", media=False).path
    dispatch.close()
    store.close()
    unpacked = tmp_path / "castmind.db"
    for secret in (*SECRETS, *(added.secret.encode() for added in channels if added.secret)):
        assert secret.decode() not in told
        assert secret not in unpacked.read_bytes() and secret not in backup.read_bytes()
    assert {each.error["code"] for each in own_log(tmp_path) if each.error} == {
        "notify_refused",
        "connection_refused",
        "name_unknown",
    }


def own_log(data: Path) -> list[deliveries.Delivery]:
    store = Store(data / "castmind.db")
    found = deliveries.of_user(store.read(), 1, channel_id=None, limit=50, before=None)
    store.close()
    return found
