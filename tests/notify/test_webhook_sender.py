"""Webhooks over real HTTP, to a host that behaves and to one that does not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest

from core.domain.notify.message import Outcome, OutgoingMessage
from core.errors import ShuttingDown
from core.notify.standard_webhooks import new_secret
from core.notify.webhook_sender import WebhookSender
from tests.fakes.notification_host import NotificationHost

SECRET = new_secret(b"a" * 32)
MESSAGE = OutgoingMessage("msg_1", "notes.ready", 1796126400.0, 1, ({"episode_id": 3},), "One", "Text")
NOW = 1796126500.0


def post(url: str, *, allowed: tuple[str, ...] = ("127.0.0.1",), seconds: float = 5.0, **more: Any) -> Outcome:
    sender = WebhookSender(lambda: allowed, seconds=seconds, **more)
    try:
        return sender.send(url, [SECRET], MESSAGE, now=NOW, check=lambda: None)
    finally:
        sender.close()


def code(outcome: Outcome) -> str | None:
    return outcome.error.code if outcome.error else None


def test_what_arrives_can_be_verified(host: NotificationHost) -> None:
    outcome = post(f"{host.root}/hook?key=1")
    assert (outcome.error, outcome.status, outcome.said) == (None, 200, "")
    (arrived,) = host.arrived
    assert arrived.path == "/hook?key=1"
    assert arrived.headers["content-type"] == "application/json"
    signed = f"msg_1.{int(NOW)}.".encode() + arrived.body
    expected = base64.b64encode(hmac.new(b"a" * 32, signed, hashlib.sha256).digest()).decode()
    assert arrived.headers["webhook-signature"] == f"v1,{expected}"
    assert json.loads(arrived.body)["type"] == "notes.ready"


@pytest.mark.parametrize(
    ("status", "expected"), [(401, "notify_refused"), (404, "notify_not_found"), (500, "notify_failed"), (429, "notify_busy")]
)
def test_what_the_other_side_says_is_told_without_the_key(host: NotificationHost, status: int, expected: str) -> None:
    host.answers, host.said, host.headers = [status], b"no access with horse-staple", {"Retry-After": "120"}
    outcome = post(f"{host.root}/horse-staple")
    assert (code(outcome), outcome.status, outcome.retry_after) == (expected, status, 120.0)
    assert outcome.said == "no access with …"


@pytest.mark.parametrize("target", ["http://127.0.0.1:1/", "http://169.254.169.254/latest/meta-data", "/elsewhere"])
def test_a_redirect_is_not_followed(host: NotificationHost, target: str) -> None:
    host.behaviour = f"redirect:{target}"
    assert code(post(f"{host.root}/hook")) == "notify_sent_on"
    assert len(host.arrived) == 1


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "http://169.254.169.254/", "http://[::1]/", "http://0x7f000001/", "http://localhost/"]
)
def test_addresses_of_the_inside_are_refused(url: str) -> None:
    assert code(post(url, allowed=())) == "bad_address"


def test_a_name_that_turns_to_the_inside_is_refused(host: NotificationHost) -> None:
    answers = iter([["127.0.0.1"], ["93.184.216.34"]])

    def rebinding(name: str, port: int) -> list[str]:
        assert (name, port) == ("rebind.example", int(host.place.partition(":")[2]))
        return next(answers)

    url = f"http://rebind.example:{host.place.partition(':')[2]}/"
    assert code(post(url, allowed=(), lookup=rebinding)) == "bad_address"
    assert host.arrived == []


def test_an_answer_without_an_end_costs_no_memory_and_little_time(host: NotificationHost) -> None:
    host.behaviour = "huge"
    outcome = post(f"{host.root}/hook")
    assert (code(outcome), len(outcome.said)) == ("notify_failed", 300)


@pytest.mark.parametrize(("behaviour", "expected"), [("silent", "timed_out"), ("slow", "notify_failed")])
def test_a_host_that_takes_its_time_is_left(host: NotificationHost, behaviour: str, expected: str) -> None:
    host.behaviour = behaviour
    began = time.monotonic()
    assert code(post(f"{host.root}/hook", seconds=0.5)) == expected
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("url", "expected"), [("http://127.0.0.1:9/", "connection_refused"), ("http://nobody.invalid/", "name_unknown")]
)
def test_a_host_that_is_not_there_is_named(url: str, expected: str) -> None:
    assert code(post(url)) == expected


def test_a_stop_ends_it(host: NotificationHost) -> None:
    host.behaviour = "silent"
    sender = WebhookSender(lambda: ("127.0.0.1",))
    calls: list[int] = []

    def check() -> None:
        calls.append(1)
        if len(calls) > 3:
            raise ShuttingDown()

    with pytest.raises(ShuttingDown):
        sender.send(f"{host.root}/hook", [SECRET], MESSAGE, now=NOW, check=check)
    sender.close()
