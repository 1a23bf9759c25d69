"""Notification channels of a user: added, changed, tried out, and their log.

add(actor, wish) ─▶ fields ─▶ address ─▶ understood? ─▶ sealed ─▶ a row; a webhook's secret is returned this once
test(actor, id)  ─▶ a message at once, and how it went, in the words of the other side
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.domain.accounts.actor import Actor
from core.domain.notify import services
from core.domain.notify.channel import WEBHOOK, Channel, checked
from core.domain.notify.delivery import Delivery
from core.domain.notify.kinds import BY_NAME, KINDS, TEST
from core.domain.notify.masking import masked
from core.domain.notify.message import OutgoingMessage
from core.errors import Conflict, UserError
from core.notify import standard_webhooks
from core.services.notify.dispatch import ChannelSecrets, Dispatch
from core.services.notify.sending import new_uid
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.db.vault import Vault
from core.store.notify import channels, deliveries, notices

MOST_CHANNELS = 20
# A secret that was replaced signs beside the new one for a day, so that a receiver can be changed without a gap.
FORMER_SECONDS = 86400.0
CHANGEABLE = frozenset(
    {"name", "kinds", "language", "titles", "gather", "quiet_from", "quiet_to", "zone", "urgent_anyway", "enabled"}
)


@dataclass(frozen=True, slots=True)
class AddedChannel:
    """`secret`: of a webhook, shown this once; "" otherwise."""

    channel: Channel
    secret: str


class Notifications:
    """Every call sees the channels of its actor alone."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        dispatch: Dispatch,
        *,
        wake: Callable[[], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._vault = vault
        self._dispatch = dispatch
        self._wake = wake
        self._clock = clock

    def channels(self, actor: Actor) -> list[Channel]:
        return channels.of_user(self._store.read(), actor.user_id)

    def add(self, actor: Actor, service: str, fields: Mapping[str, str], choices: Mapping[str, Any]) -> AddedChannel:
        """Add a channel. `choices`: values of CHANGEABLE. Raises NotifyAddressInvalid, UserError, Conflict."""
        known = ChannelSecrets(self._address(service, fields), self._new_secret() if service == WEBHOOK else "")
        made = Channel(
            id=0,
            user_id=actor.user_id,
            name=service,
            service=service,
            shown=masked(known.url),
            kinds=tuple(kind.name for kind in KINDS if kind.chosen),
            created_at=self._clock(),
        )
        wished = _changed(made, choices)
        sealed = known.sealed(self._vault)

        def change(db: Database) -> Channel:
            if channels.count(db, actor.user_id) >= MOST_CHANNELS:
                said = f"There are {MOST_CHANNELS} channels already. Remove one first."
                raise Conflict(said, case="channels", most=MOST_CHANNELS)
            return channels.add(db, wished, sealed)

        return AddedChannel(self._store.write(change), known.secret)

    def change(self, actor: Actor, channel_id: int, choices: Mapping[str, Any]) -> Channel:
        """Change choices of a channel. Raises NotFound, UserError."""

        def change(db: Database) -> Channel:
            changed = _changed(channels.get(db, actor.user_id, channel_id), choices)
            channels.change(db, channel_id, {name: getattr(changed, name) for name in choices})
            if not changed.enabled:
                notices.delete_of(db, channel_id)
            return changed

        done = self._store.write(change)
        self._wake()
        return done

    def readdress(self, actor: Actor, channel_id: int, fields: Mapping[str, str]) -> Channel:
        """Give a channel another address of its service; a webhook keeps its secret. Raises NotFound, NotifyAddressInvalid."""
        channel = channels.get(self._store.read(), actor.user_id, channel_id)
        url = self._address(channel.service, fields)
        try:
            known = replace(self._secrets(channel_id), url=url)
        except UserError:  # the key is gone, and with it the secret
            known = ChannelSecrets(url, self._new_secret() if channel.service == WEBHOOK else "")
        values = {"sealed": known.sealed(self._vault), "shown": masked(url)}
        self._store.write(lambda db: channels.change(db, channel_id, values))
        return replace(channel, shown=values["shown"])

    def remove(self, actor: Actor, channel_id: int) -> None:
        """Remove a channel, with its log and what waits for it. Raises NotFound."""

        def change(db: Database) -> None:
            channels.get(db, actor.user_id, channel_id)
            channels.delete(db, channel_id)

        self._store.write(change)

    def rotate_secret(self, actor: Actor, channel_id: int) -> str:
        """Give a webhook a new secret, and return it this once; the former one signs too for a day. Raises NotFound, Conflict."""
        channel = channels.get(self._store.read(), actor.user_id, channel_id)
        if channel.service != WEBHOOK:
            raise Conflict("Only a webhook signs what it sends.", case="no_webhook")
        known = self._secrets(channel_id)
        until = self._clock() + FORMER_SECONDS
        renewed = ChannelSecrets(known.url, self._new_secret(), known.secret, until)
        sealed = renewed.sealed(self._vault)
        self._store.write(lambda db: channels.change(db, channel_id, {"sealed": sealed}))
        return renewed.secret

    def test(self, actor: Actor, channel_id: int) -> Delivery:
        """Send a test message now, and return how it went; it is not tried again. Raises NotFound."""
        db, now = self._store.read(), self._clock()
        channel, sealed = channels.get(db, actor.user_id, channel_id), channels.sealed_of(db, channel_id)
        message = OutgoingMessage(new_uid(), TEST.name, now, 1, ({},))
        outcome = self._dispatch.send(channel, sealed, message, now=now)

        def note(db: Database) -> Delivery:
            number = deliveries.add(db, channel_id, message)
            deliveries.end_try(db, number, outcome, next_at=None, now=self._clock())
            return deliveries.get(db, actor.user_id, number)

        return self._store.write(note)

    def log(self, actor: Actor, *, channel_id: int | None = None, limit: int = 50, before: int | None = None) -> list[Delivery]:
        """Return the messages of the actor's channels, newest first."""
        return deliveries.of_user(self._store.read(), actor.user_id, channel_id=channel_id, limit=limit, before=before)

    def send_again(self, actor: Actor, delivery_id: int) -> Delivery:
        """Have a message that was given up tried again. Raises NotFound, Conflict."""

        def change(db: Database) -> Delivery:
            found = deliveries.get(db, actor.user_id, delivery_id)
            if found.state.value == "delivered" or found.kind == TEST.name:
                raise Conflict("This message was delivered, or is a test.", case="delivered")
            deliveries.try_again(db, delivery_id, now=self._clock())
            return deliveries.get(db, actor.user_id, delivery_id)

        done = self._store.write(change)
        self._wake()
        return done

    def _address(self, service: str, fields: Mapping[str, str]) -> str:
        url = services.address_of(service, fields)
        if service != WEBHOOK:
            self._dispatch.apprise.understood(url)
        return url

    def _secrets(self, channel_id: int) -> ChannelSecrets:
        return ChannelSecrets.opened(self._vault, channels.sealed_of(self._store.read(), channel_id))

    @staticmethod
    def _new_secret() -> str:
        return standard_webhooks.new_secret(secrets.token_bytes(standard_webhooks.BYTES))


def _changed(channel: Channel, choices: Mapping[str, Any]) -> Channel:
    if unknown := set(choices) - CHANGEABLE:
        raise UserError(f"There is no choice {sorted(unknown)[0]!r}.", case="channel_value", name=sorted(unknown)[0][:40])
    if bad := [name for name in choices.get("kinds", ()) if name not in BY_NAME]:
        raise UserError(f"There is no kind {bad[0]!r}.", case="channel_value", name="kinds")
    values = {**choices, **({"kinds": tuple(choices["kinds"])} if "kinds" in choices else {})}
    return checked(replace(channel, **values))
