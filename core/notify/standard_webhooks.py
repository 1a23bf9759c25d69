"""Webhooks as the Standard Webhooks specification has them (https://www.standardwebhooks.com).

    secret: whsec_ and 24 to 64 random bytes in base64
    webhook-id, webhook-timestamp, webhook-signature: "v1," and base64(HMAC-SHA256(secret, id.timestamp.body)), one a secret

A receiver compares one of the signatures with its own, refuses timestamps more than five minutes away, and drops an id that
it has seen. Each try is signed anew with its own time, under the same id.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from core.domain.notify.message import OutgoingMessage

PREFIX = "whsec_"
BYTES = 32


def new_secret(random: bytes) -> str:
    """Return the secret of these random bytes."""
    return PREFIX + base64.b64encode(random).decode()


def body_of(message: OutgoingMessage) -> bytes:
    """Return the JSON that is sent and signed."""
    when = datetime.fromtimestamp(message.at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    data = {"count": message.count, "title": message.title, "text": message.text, "items": list(message.items)}
    return json.dumps({"type": message.kind, "timestamp": when, "data": data}, ensure_ascii=False).encode()


def signed_headers(uid: str, body: bytes, secrets: Sequence[str], now: float) -> dict[str, str]:
    """Return the three headers for a body that is sent at `now` (Unix seconds)."""
    stamp = str(int(now))
    return {
        "webhook-id": uid,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(_signature(secret, f"{uid}.{stamp}.".encode() + body) for secret in secrets),
    }


def _signature(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
