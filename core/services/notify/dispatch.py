"""Send one message through one channel: its address is opened, its words and links are made, its sender is chosen.

channel ─▶ sealed address ─▶ Vault ─┐
kind, items ─▶ links ─▶ words ──────┴─▶ webhook │ Apprise ─▶ Outcome
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.domain.notify.channel import WEBHOOK, Channel
from core.domain.notify.kinds import kind_named
from core.domain.notify.message import Item, Outcome, OutgoingMessage
from core.errors import NotifyAddressLost
from core.notify.apprise_sender import AppriseSender
from core.notify.texts import rendered
from core.notify.webhook_sender import WebhookSender
from core.settings import InForce
from core.store.db.vault import Vault

WARNINGS = ("job.failed", "feed.failing", "disk.low", "backup.failed", "health.unhealthy", "signin.new_place")


@dataclass(frozen=True, slots=True)
class ChannelSecrets:
    """`url`: the whole address. A webhook has a `secret` to sign with; `former`, the one before, counts until `former_until`."""

    url: str
    secret: str = ""
    former: str = ""
    former_until: float = 0.0

    def sealed(self, vault: Vault) -> str:
        found = {"url": self.url, "secret": self.secret, "former": self.former, "former_until": self.former_until}
        return vault.seal(json.dumps(found))

    @classmethod
    def opened(cls, vault: Vault, sealed: str) -> ChannelSecrets:
        """Raises NotifyAddressLost."""
        text = vault.readable(sealed)
        if text is None:
            raise NotifyAddressLost()
        found: dict[str, Any] = json.loads(text)
        return cls(**found)

    def signing(self, now: float) -> list[str]:
        return [self.secret, self.former] if self.former and now < self.former_until else [self.secret]


class Dispatch:
    """Thread-safe."""

    def __init__(self, settings: InForce, vault: Vault) -> None:
        self._settings = settings
        self._vault = vault
        self.apprise = AppriseSender(self._allowed)
        self._webhooks = WebhookSender(self._allowed)

    def _allowed(self) -> tuple[str, ...]:
        return self._settings.values.allowed_private_hosts

    def close(self) -> None:
        self._webhooks.close()

    def send(
        self,
        channel: Channel,
        sealed: str,
        given: OutgoingMessage,
        *,
        now: float,
        check: Callable[[], None] = lambda: None,
    ) -> Outcome:
        """Send once. `given` has no words yet. An address that cannot be opened is an outcome too."""
        try:
            secrets = ChannelSecrets.opened(self._vault, sealed)
        except NotifyAddressLost as error:
            return Outcome(error)
        items = self._linked(given.items, kind=given.kind, titles=channel.titles)
        title, text = rendered(given.kind, items, given.count, language=channel.language, titles=channel.titles)
        message = OutgoingMessage(given.uid, given.kind, given.at, given.count, tuple(items), title, text)
        if channel.service == WEBHOOK:
            return self._webhooks.send(secrets.url, secrets.signing(now), message, now=now, check=check)
        return self.apprise.send(secrets.url, message, warning=given.kind in WARNINGS, now=now, check=check)

    def _linked(self, items: Sequence[Item], *, kind: str, titles: bool) -> list[Item]:
        base = self._settings.values.public_url.rstrip("/")
        return [_linked(item, base, kind, titles=titles) for item in items]


def _linked(item: Item, base: str, kind: str, *, titles: bool) -> Mapping[str, Any]:
    shown = {name: value for name, value in item.items() if titles or name != "title"}
    if not base:
        return shown
    if "episode_id" in item:
        return shown | {"url": f"{base}/episode?id={item['episode_id']}"}
    if "feed_id" in item:
        return shown | {"url": f"{base}/show?id={item['feed_id']}"}
    return shown if kind_named(kind).name == "test" else shown | {"url": f"{base}/status"}
