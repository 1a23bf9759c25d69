from __future__ import annotations

from dataclasses import replace

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.notify.delivery import Delivery, DeliveryState
from core.domain.notify.message import Outcome, OutgoingMessage
from core.errors import NotifyRefused
from core.store.notify import deliveries
from pages.settings.notifications import delivery_log
from pages.text import texts
from tests.pages.conftest import open_page

EN = texts("en")
FAILED = Delivery(
    1,
    1,
    "m",
    "disk.low",
    1,
    DeliveryState.GIVEN_UP,
    4,
    None,
    1.0,
    2.0,
    401,
    0.5,
    NotifyRefused(status=401).to_dict(),
    "bad *key*",
)


def test_a_failure_is_told_in_plain_words_and_in_those_of_the_other_side(resting: CastMind) -> None:
    assert resting
    said = delivery_log.reason(FAILED).replace("\\", "")
    assert said == f"{EN['error.notify_refused']} It answered: 401 bad *key*"
    assert delivery_log.reason(replace(FAILED, status=None, said="")) == delivery_log.reason(FAILED).partition(" It answered")[0]


def test_each_state_has_its_sentence(resting: CastMind) -> None:
    assert resting
    waiting = replace(FAILED, state=DeliveryState.WAITING)
    assert delivery_log.sentence(waiting).startswith("Tried 4 times")
    assert delivery_log.sentence(replace(waiting, error=None)).startswith("Waiting since")
    assert delivery_log.sentence(replace(FAILED, state=DeliveryState.DELIVERED)).startswith("Delivered")
    assert delivery_log.sentence(FAILED).startswith("Given up")


def test_what_was_given_up_can_be_tried_again(resting: CastMind) -> None:
    channel = resting.notifications.add(OWNER, "webhook", {"address": "http://127.0.0.1:9/"}, {"enabled": False}).channel
    store = resting._store
    number = store.write(lambda db: deliveries.add(db, channel.id, OutgoingMessage("m", "disk.low", 1.0, 3, ({},))))
    store.write(lambda db: deliveries.end_try(db, number, Outcome(NotifyRefused(status=401), 401), next_at=None, now=2.0))
    page = open_page("settings/page.py", group="notifications")
    page.button(key=f"notify.again.{number}").click().run()
    assert not page.exception
    (again,) = resting.notifications.log(OWNER)
    assert again.state is DeliveryState.WAITING and again.tries == 0
