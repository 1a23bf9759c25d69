from __future__ import annotations

import base64
import json

from core.domain.notify.message import OutgoingMessage
from core.notify.standard_webhooks import body_of, new_secret, signed_headers

# The example of the specification's reference libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
UID, STAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_signature_is_that_of_the_specifications_example() -> None:
    assert signed_headers(UID, BODY, [SECRET], STAMP + 0.9) == {
        "webhook-id": UID,
        "webhook-timestamp": str(STAMP),
        "webhook-signature": SIGNATURE,
    }


def test_two_secrets_sign_beside_each_other() -> None:
    other = new_secret(b"b" * 32)
    first, second = signed_headers(UID, BODY, [other, SECRET], STAMP)["webhook-signature"].split(" ")
    assert second == SIGNATURE and first != second


def test_a_secret_has_its_form() -> None:
    made = new_secret(bytes(range(32)))
    assert made.startswith("whsec_") and base64.b64decode(made[6:]) == bytes(range(32))


def test_the_body_says_what_when_and_in_words() -> None:
    items = ({"episode_id": 3, "title": "播客"},)
    message = OutgoingMessage("msg_1", "notes.ready", 1796126400.0, 12, items, "12 notes are ready", "播客")
    assert json.loads(body_of(message)) == {
        "type": "notes.ready",
        "timestamp": "2026-12-01T12:00:00Z",
        "data": {
            "count": 12,
            "title": "12 notes are ready",
            "text": "播客",
            "items": [{"episode_id": 3, "title": "播客"}],
        },
    }
