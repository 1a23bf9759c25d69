"""Apprise in its child process, over real HTTP, to a host that behaves and to one that does not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.domain.notify.message import Outcome, OutgoingMessage
from core.domain.notify.services import address_of
from core.errors import NotifyAddressInvalid, ShuttingDown
from core.notify.apprise_sender import AppriseSender
from tests.fakes.mail_host import MailHost
from tests.fakes.notification_host import NotificationHost

MESSAGE = OutgoingMessage("msg_1", "notes.ready", 0.0, 1, (), "Title 标题", "First line\nhttp://nas.home/episode?id=3")


def deliver(url: str, *, allowed: tuple[str, ...] = ("127.0.0.1",), seconds: float = 30.0, **more: Any) -> Outcome:
    sender = AppriseSender(lambda: allowed, seconds=seconds, **more)
    return sender.send(url, MESSAGE, warning=False, now=0.0, check=lambda: None)


def code(outcome: Outcome) -> str | None:
    return outcome.error.code if outcome.error else None


def test_a_message_arrives_as_the_service_wants_it(host: NotificationHost) -> None:
    outcome = deliver(f"ntfy://{host.place}/alerts")
    assert (outcome.error, outcome.status, outcome.said) == (None, 200, "")
    (arrived,) = host.arrived
    body = json.loads(arrived.body)
    assert (body["topic"], body["title"], body["message"]) == ("alerts", MESSAGE.title, MESSAGE.text)


def test_what_the_service_says_is_told_without_the_key(host: NotificationHost) -> None:
    host.answers, host.said, host.headers = [401], b'{"error": "unknown horsestaple1"}', {"Retry-After": "7"}
    outcome = deliver(f"gotify://{host.place}/horsestaple1")
    assert (code(outcome), outcome.status, outcome.retry_after) == ("notify_refused", 401, 7.0)
    assert outcome.said == '{"error": "unknown …"}'


@pytest.mark.parametrize("target", ["http://169.254.169.254/latest", "http://127.0.0.2:1/", "http://[::1]:1/"])
def test_a_redirect_to_the_inside_is_refused(host: NotificationHost, target: str) -> None:
    host.behaviour = f"redirect:{target}"
    outcome = deliver(f"json://{host.place}/hook")
    assert code(outcome) == "bad_address"
    assert len(host.arrived) == 1


def test_addresses_of_the_inside_are_refused_whatever_their_name_says(host: NotificationHost) -> None:
    port = host.place.partition(":")[2]
    assert code(deliver(f"json://{host.place}/hook", allowed=())) == "bad_address"
    rebound = deliver(f"json://rebind.example:{port}/hook", allowed=(), lookup=lambda _name, _port: ["127.0.0.1"])
    assert code(rebound) == "bad_address"
    assert host.arrived == []


def test_an_answer_without_an_end_is_cut_off(host: NotificationHost) -> None:
    host.behaviour = "huge"
    assert code(deliver(f"json://{host.place}/hook")) == "notify_too_large"


def test_a_service_that_never_answers_is_left(host: NotificationHost) -> None:
    host.behaviour = "silent"
    assert code(deliver(f"json://{host.place}/hook", seconds=4.0)) == "timed_out"


def test_a_service_that_is_not_there_is_named() -> None:
    assert code(deliver("json://127.0.0.1:9/hook")) == "connection_refused"


def test_a_stop_ends_the_child(host: NotificationHost) -> None:
    host.behaviour = "silent"

    def check() -> None:
        if host.arrived:
            raise ShuttingDown()

    sender = AppriseSender(lambda: ("127.0.0.1",))
    with pytest.raises(ShuttingDown):
        sender.send(f"json://{host.place}/hook", MESSAGE, warning=True, now=0.0, check=check)


def test_an_address_is_tried_for_its_form_without_sending(host: NotificationHost) -> None:
    sender = AppriseSender(tuple)
    sender.understood(f"ntfy://{host.place}/alerts")
    for url in ("discord://", "discord://only-one-part", "tgram://nonsense/"):
        with pytest.raises(NotifyAddressInvalid):
            sender.understood(url)
    assert host.arrived == []


def test_mail_goes_through_the_guard_too() -> None:
    outcome = deliver("mailto://127.0.0.1:9/?smtp=127.0.0.1&from=a@b.example&to=c@d.example&mode=insecure", allowed=())
    assert code(outcome) == "bad_address"


def mail_to(host: MailHost) -> str:
    fields = {"server": host.place, "user": "me@x.example", "password": "horse/staple", "to": "you@y.example"}
    return address_of("mail", fields).replace("mailtos://", "mailto://").replace("mode=starttls", "mode=insecure")


def test_mail_arrives_over_smtp() -> None:
    with MailHost() as host:
        assert deliver(mail_to(host)).error is None
    assert {"mail FROM:<me@x.example>", "rcpt TO:<you@y.example>", "First line"} <= set(host.lines)
    assert host.lines[0] == "ehlo castmind.local"


def test_mail_that_is_turned_away_says_why_without_the_password() -> None:
    with MailHost(refuses=True) as host:
        outcome = deliver(mail_to(host))
    assert code(outcome) == "notify_failed"
    assert "nobody of that name" in outcome.said and "staple" not in outcome.said
