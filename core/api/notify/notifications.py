"""Notification channels of who asks, what they may hear of, and the log of messages. Addresses are taken, and never given."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query
from pydantic import BaseModel, ConfigDict, Field

from core.api import schemas
from core.api.asking import Asking
from core.api.bounds import Id
from core.api.server.outbound import outbound
from core.api.services import Services
from core.domain.notify.channel import GATHER, Channel
from core.domain.notify.delivery import Delivery
from core.domain.notify.kinds import KINDS
from core.domain.notify.services import SERVICES

Minute = Annotated[int, Field(ge=0, le=1439)]
Text = Annotated[str, Field(max_length=4000)]
Fields = Annotated[dict[str, Text], Field(max_length=12)]


class ChannelChoices(BaseModel):
    """What can be chosen of a channel; what is left out stays. `quiet_from` and `quiet_to` are minutes of the day in `zone`."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    kinds: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=40)] | None = None
    language: Annotated[str, Field(max_length=10)] | None = None
    titles: bool | None = None
    gather: Annotated[int, Field(ge=0, le=max(GATHER))] | None = None
    quiet_from: Minute | None = None
    quiet_to: Minute | None = None
    zone: Annotated[str, Field(max_length=80)] | None = None
    urgent_anyway: bool | None = None
    enabled: bool | None = None

    def given(self) -> dict[str, Any]:
        return self.model_dump(exclude_none=True)


class NewChannel(ChannelChoices):
    """A channel to add. `fields`: those of its service, by name."""

    service: Annotated[str, Field(max_length=40)]
    fields: Fields

    def given(self) -> dict[str, Any]:
        return self.model_dump(exclude_none=True, exclude={"service", "fields"})


def router(services: Services) -> APIRouter:
    api = APIRouter(tags=["notifications"])
    own = services.notifications

    @api.get("/notifications/kinds")
    def kinds() -> schemas.Json:
        """What notifications can be about, and the services with the fields of their forms."""
        return {
            "kinds": [asdict(kind) for kind in KINDS],
            "services": [{"name": each.name, "fields": [asdict(field) for field in each.fields]} for each in SERVICES],
        }

    @api.get("/notifications/channels")
    def channels(actor: Asking) -> schemas.Json:
        return {"items": [_shown(channel) for channel in own.channels(actor)]}

    @api.post("/notifications/channels", status_code=201)
    @outbound
    def add(actor: Asking, body: NewChannel) -> schemas.Json:
        """Adds a channel. A webhook's `secret` is in this answer alone."""
        added = own.add(actor, body.service, body.fields, body.given())
        return {"channel": _shown(added.channel), "secret": added.secret or None}

    @api.patch("/notifications/channels/{channel_id}")
    def change(actor: Asking, channel_id: Id, body: ChannelChoices) -> schemas.Json:
        return _shown(own.change(actor, channel_id, body.given()))

    @api.put("/notifications/channels/{channel_id}/address")
    @outbound
    def readdress(actor: Asking, channel_id: Id, fields: Annotated[Fields, Body(embed=True)]) -> schemas.Json:
        """Gives a channel another address of its service."""
        return _shown(own.readdress(actor, channel_id, fields))

    @api.delete("/notifications/channels/{channel_id}", status_code=204)
    def remove(actor: Asking, channel_id: Id) -> None:
        own.remove(actor, channel_id)

    @api.post("/notifications/channels/{channel_id}/test")
    @outbound
    def test(actor: Asking, channel_id: Id) -> schemas.Json:
        """Sends a test message and answers how that went."""
        return _logged(own.test(actor, channel_id))

    @api.post("/notifications/channels/{channel_id}/secret")
    def rotate_secret(actor: Asking, channel_id: Id) -> schemas.Json:
        """Makes a new secret for a webhook. The former one signs beside it for a day."""
        return {"secret": own.rotate_secret(actor, channel_id)}

    @api.get("/notifications/deliveries")
    def deliveries(
        actor: Asking,
        channel_id: Annotated[Id | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        before: Annotated[Id | None, Query()] = None,
    ) -> schemas.Json:
        """The messages of the last thirty days, newest first; `before` is the id to go on from."""
        found = own.log(actor, channel_id=channel_id, limit=limit, before=before)
        return {"items": [_logged(delivery) for delivery in found]}

    @api.post("/notifications/deliveries/{delivery_id}/retry")
    def retry(actor: Asking, delivery_id: Id) -> schemas.Json:
        """Tries a message again that was given up, or that waits."""
        return _logged(own.send_again(actor, delivery_id))

    return api


def _shown(channel: Channel) -> schemas.Json:
    found = {name: value for name, value in asdict(channel).items() if name != "user_id"}
    return found | {"created_at": schemas.moment(channel.created_at)}


def _logged(delivery: Delivery) -> schemas.Json:
    times = {name: schemas.moment(getattr(delivery, name)) for name in ("next_at", "created_at", "ended_at")}
    return asdict(delivery) | times
