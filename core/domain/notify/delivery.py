"""A message in the log: to which channel, how often it was tried, and how that went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Times are Unix seconds. Of the last try: `status`, `seconds`, `said`, and `error` as `{code, detail, params}`."""

    id: int
    channel_id: int
    uid: str
    kind: str
    count: int
    state: DeliveryState
    tries: int
    next_at: float | None
    created_at: float
    ended_at: float | None
    status: int | None
    seconds: float | None
    error: Mapping[str, Any] | None
    said: str
