"""A channel's own sender, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.domain.notify.channel import Channel
from core.domain.notify.message import OutgoingMessage
from core.errors import NotifyAddressLost
from core.notify.standard_webhooks import new_secret, signed_headers
from core.services.notify.dispatch import ChannelSecrets, Dispatch
from core.store.db.vault import Vault
from tests.fakes.notification_host import NotificationHost

ITEMS = ({"episode_id": 3, "title": "A talk"}, {"feed_id": 4, "title": "A show"}, {})
MESSAGE = OutgoingMessage("msg_1", "notes.ready", 1.0, 3, ITEMS)


@pytest.fixture
def host() -> Iterator[NotificationHost]:
    with NotificationHost() as running:
        yield running


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "secret.key")


def dispatch(vault: Vault, public_url: str = "http://nas.home/") -> Dispatch:
    values = SimpleNamespace(allowed_private_hosts=("127.0.0.1",), public_url=public_url)
    return Dispatch(SimpleNamespace(values=values), vault)  # type: ignore[arg-type]


def channel(service: str, **values: object) -> Channel:
    return Channel(1, 1, "A", service, "", (), **values)  # type: ignore[arg-type]


def test_a_webhook_has_links_words_and_both_signatures_for_a_day(host: NotificationHost, vault: Vault) -> None:
    secrets = ChannelSecrets(f"{host.root}/hook", new_secret(b"a" * 32), new_secret(b"b" * 32), former_until=100.0)
    for now, count in ((99.0, 2), (100.0, 1)):
        assert dispatch(vault).send(channel("webhook", language="zh"), secrets.sealed(vault), MESSAGE, now=now).error is None
        arrived = host.arrived[-1]
        signed = [secrets.secret, secrets.former][:count]
        assert arrived.headers["webhook-signature"] == signed_headers("msg_1", arrived.body, signed, now)["webhook-signature"]
    data = json.loads(host.arrived[0].body)["data"]
    assert [item.get("url") for item in data["items"]] == [
        "http://nas.home/episode?id=3",
        "http://nas.home/show?id=4",
        "http://nas.home/status",
    ]
    assert data["title"] == "3 篇笔记已完成" and "A talk" in data["text"]


def test_without_titles_and_address_there_are_neither(host: NotificationHost, vault: Vault) -> None:
    secrets = ChannelSecrets(f"{host.root}/hook", new_secret(b"a" * 32))
    dispatch(vault, "").send(channel("webhook", titles=False), secrets.sealed(vault), MESSAGE, now=1.0)
    body = host.arrived[0].body.decode()
    assert "A talk" not in body and "A show" not in body and "url" not in body and '"episode_id": 3' in body


def test_other_services_go_through_apprise(host: NotificationHost, vault: Vault) -> None:
    secrets = ChannelSecrets(f"ntfy://{host.place}/alerts")
    assert dispatch(vault).send(channel("ntfy"), secrets.sealed(vault), MESSAGE, now=1.0).error is None
    assert json.loads(host.arrived[0].body)["title"] == "3 notes are ready"


def test_an_address_that_no_key_opens_is_an_outcome(vault: Vault, tmp_path: Path) -> None:
    sealed = ChannelSecrets("ntfy://a").sealed(Vault(tmp_path / "other.key"))
    outcome = dispatch(vault).send(channel("ntfy"), sealed, MESSAGE, now=1.0)
    assert isinstance(outcome.error, NotifyAddressLost)


def test_nothing_of_an_address_is_in_its_row(vault: Vault) -> None:
    secrets = ChannelSecrets("ntfy://horse-staple", "whsec_battery")
    sealed = secrets.sealed(vault)
    assert "horse" not in sealed and "battery" not in sealed
    assert ChannelSecrets.opened(vault, sealed) == secrets
