"""Expressions in plain words, and the translation of each."""

from __future__ import annotations

import pytest

from core.domain.schedules.cron import Cron
from core.domain.schedules.cron_words import DAYS, MONTHS, reading
from core.message import Message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("* * * * *", "every minute"),
        ("*/15 * * * *", "every 15 minutes"),
        ("7 * * * *", "every hour at :07"),
        ("5 */6 * * *", "every 6 hours at :05"),
        ("0 3 * * *", "every day at 03:00"),
        ("@daily", "every day at 00:00"),
        ("0 3 * * 0-6", "every day at 03:00"),
        ("0 18,8 * * *", "every day at 08:00 and 18:00"),
        ("0 6,12,18 * * *", "every day at 06:00, 12:00 and 18:00"),
        ("30 18 * * 5", "every Friday at 18:30"),
        ("30 18 * * fri", "every Friday at 18:30"),
        ("0 9 * * SUN,MON,3", "every Monday, Wednesday and Sunday at 09:00"),
        ("0 9 * * 5-7", "every Friday, Saturday and Sunday at 09:00"),
        ("0 9 * * MON-FRI", "Monday to Friday at 09:00"),
        ("0 9 * * 6,7", "every Saturday and Sunday at 09:00"),
        ("0 0 1 * *", "on day 1 of every month at 00:00"),
        ("0 0 28 * *", "on day 28 of every month at 00:00"),
        ("0 0 29 * *", "on day 29 of each month that has one, at 00:00"),
        ("0 0 L * *", "on the last day of every month at 00:00"),
        ("0 12 24 DEC *", "every year on 24 December at 12:00"),
        ("0 12 29 2 *", "on 29 February of each leap year at 12:00"),
    ],
)
def test_common_expressions_read_as_words(text: str, words: str) -> None:
    said = reading(Cron.of(text))
    assert (str(said), said.key[:5]) == (words, "cron.")


@pytest.mark.parametrize(
    "text",
    [
        "*/7 * * * *",
        "1-5 * * * *",
        "0 */5 * * *",
        "0 0 * * 1#2",
        "0 0 * * */2",
        "0 0 1 * 1",
        "0 0 1,15 * *",
        "0 1,2,3,4,5 * * *",
        "*/5 3 * * *",
    ],
)
def test_an_expression_without_plain_words_is_its_own_reading(text: str) -> None:
    assert (str(reading(Cron.of(text))), reading(Cron.of(text)).key) == (text, "")


def test_a_reading_carries_the_keys_of_its_parts() -> None:
    said = reading(Cron.of("0 9 * * 1,5"))
    days, times = said.params["days"], said.params["times"]
    assert isinstance(days, Message) and (days.key, str(times)) == ("cron.and", "09:00")
    first, last = days.params["a"], days.params["b"]
    assert isinstance(first, Message) and isinstance(last, Message)
    assert (first.key, last.key) == ("cron.monday", "cron.friday")
    assert (len(DAYS), len(MONTHS)) == (7, 12)
