from __future__ import annotations

import random
import re
from datetime import UTC, datetime

import pytest

from core.sources.feeds import dates
from core.sources.feeds.dates import moment


def said(text: str) -> str | None:
    found = moment(text)
    return None if found is None else f"{datetime.fromtimestamp(found, UTC):%Y-%m-%d %H:%M:%S}"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Tue, 05 Mar 2024 06:07:08 +0000", "2024-03-05 06:07:08"),
        ("Tue, 05 Mar 2024 06:07:08", "2024-03-05 06:07:08"),
        ("Tue, 05 Mar 2024", "2024-03-05 00:00:00"),
        ("Thu, 5 Mar 2024 06:07 GMT", "2024-03-05 06:07:00"),  # the wrong day of the week
        ("5-Mar-24 06:07:08 Z", "2024-03-05 06:07:08"),
        ("5 Mar 99 06:07:08 Z", "1999-03-05 06:07:08"),
        ("Tue Mar 05 2024 06:07:08 GMT+0800 (China Standard Time)", "2024-03-04 22:07:08"),
        ("Tue Mar  5 06:07:08 2024", "2024-03-05 06:07:08"),
        ("Tue Mar  5 06:07:08 JST 2024", "2024-03-04 21:07:08"),
        ("March 5th, 2024, 6:07 p.m.", "2024-03-05 18:07:00"),
        ("Sept 5, 2024 12:10 AM", "2024-09-05 00:10:00"),
        ("Di, 05 Mär 2024 06:07:08 +0100", "2024-03-05 05:07:08"),
        ("mar., 6 août 2024 06:07:08 +0200", "2024-08-06 04:07:08"),
        ("5 de marzo de 2024", "2024-03-05 00:00:00"),
        ("Вт, 05 мая 2024 06:07:08 MSK", "2024-05-05 03:07:08"),
        ("Tue, 05 Mar 2024 24:00:00 +0000", "2024-03-06 00:00:00"),
        ("Tue, 05 Mar 2024 25:61:00 +0000", "2024-03-05 00:00:00"),  # the day is sure, the time is none
        ("Tue, 05 Mar 2024 06:07:60 +0000", "2024-03-05 06:07:59"),
    ],
)
def test_days_with_names(text: str, meant: str) -> None:
    assert said(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2024-03-05T06:07:08Z", "2024-03-05 06:07:08"),
        ("2024-03-05T06:07:08.999+08:00", "2024-03-04 22:07:08"),
        ("2024-03-05 06:07", "2024-03-05 06:07:00"),
        ("2024/3/5 6:07:08", "2024-03-05 06:07:08"),
        ("2024.03.05", "2024-03-05 00:00:00"),
        ("20240305T060708Z", "2024-03-05 06:07:08"),
        ("2024年3月5日", "2024-03-05 00:00:00"),
        ("2024年03月05日 下午3:07", "2024-03-05 15:07:00"),
        ("2024年3月5日 上午12点", "2024-03-05 00:00:00"),
        ("2024년 3월 5일 오후 3:07", "2024-03-05 15:07:00"),
        ("２０２４－０３－０５", "2024-03-05 00:00:00"),
        ("25/12/2023 06:07", "2023-12-25 06:07:00"),
        ("12/25/2023", "2023-12-25 00:00:00"),
        ("05.03.2024 06:07", "2024-03-05 06:07:00"),
        ("1709618828", "2024-03-05 06:07:08"),
        ("1709618828000", "2024-03-05 06:07:08"),
    ],
)
def test_days_in_numbers(text: str, meant: str) -> None:
    assert said(text) == meant


ZONES = (
    *(("CET", 1), ("CEST", 2), ("BST", 1), ("JST", 9), ("HKT", 8), ("PDT", -7), ("EST", -5), ("AEDT", 11), ("IST", 5.5)),
    *(("QQQ", 0), ("+05:45", 5.75), ("-0330", -3.5), ("+8", 8), ("UTC+2", 2), ("+9900", 0)),
)


@pytest.mark.parametrize(("zone", "hours"), ZONES)
def test_zones(zone: str, hours: float) -> None:
    noon = moment("Tue, 05 Mar 2024 12:00:00 +0000")
    assert noon is not None
    assert moment(f"Tue, 05 Mar 2024 12:00:00 {zone}") == noon - hours * 3600.0


@pytest.mark.parametrize(
    ("text", "month"), [("5. marraskuuta 2024", 11), ("5. lipnja 2024", 6), ("5 lipca 2024", 7), ("5 marca 2024", 3)]
)
def test_months_that_begin_like_those_of_another_language(text: str, month: int) -> None:
    assert moment(text) == moment(f"2024-{month:02d}-05")


NO_DATES = (
    *("", "today", "Tuesday", "Tue, 12:00", "12:30", "03/04/2024", "3-4-2024 06:07", "2024", "Mar 2024", "5 Foo 2024", "99999"),
    *("Tue, 31 Feb 2024 06:07:08 GMT", "2024-13-05", "2023-02-29", "0000-00-00 00:00:00", "0001-01-01T00:00:00Z", "5 Mar 20240"),
    *("Thu, 01 Jan 1970 00:00:00 GMT", "3月5日", "下午3:30", "\x00", "9" * 5000, "2024-" * 2000, "(" * 5000),
)


@pytest.mark.parametrize("text", NO_DATES)
def test_unknown_is_better_than_wrong(text: str) -> None:
    assert moment(text) is None


DAY_NAMES, MONTH_NAMES = (
    ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Mai"],
)


def written(rng: random.Random) -> str:
    """As RFC 2822 has it, or nearly."""
    number, choice = rng.randint, rng.choice
    day, clock = f"{number(0, 32):0{choice((1, 2))}}", f"{number(0, 24):02}:{number(0, 60):02}:{number(0, 61):02}"
    year = choice((number(1850, 2150), number(1970, 2030), 1970))
    offset = f"{choice('+-')}{choice((number(0, 16), 0)):02}{choice((0, 30, 59, number(0, 99))):02}"
    zone = choice((offset, offset, "GMT", "UTC", "Z", "EST", "", "gmt", "+0:00", "GMT+0100", "0000"))
    front = choice(("", f"{choice(DAY_NAMES)}, ", f"{choice(DAY_NAMES)} ", "Tues, ", " "))
    return (
        f"{front}{day} {choice(MONTH_NAMES)} {year} {choice((clock, clock, clock, clock[:5]))} {zone}{choice(('', '', ' ', 'x'))}"
    )


def test_the_common_form_is_read_as_all_others_would_be(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(7)
    texts = [written(rng) for _ in range(20_000)] + ["Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 01 Jan 1970 01:00:00 +0100"]
    quick = [moment(text) for text in texts]
    common = [text for text in texts if dates._COMMON.fullmatch(text.strip())]
    assert len(common) > len(texts) // 10
    monkeypatch.setattr(dates, "_COMMON", re.compile(r"(?!)"))
    assert quick == [moment(text) for text in texts]
