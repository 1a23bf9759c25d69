from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.sources.dates import moment


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


NO_DATES = (
    *("", "today", "Tuesday", "Tue, 12:00", "12:30", "03/04/2024", "3-4-2024 06:07", "2024", "Mar 2024", "5 Foo 2024", "99999"),
    *("Tue, 31 Feb 2024 06:07:08 GMT", "2024-13-05", "2023-02-29", "0000-00-00 00:00:00", "0001-01-01T00:00:00Z", "5 Mar 20240"),
    *("Thu, 01 Jan 1970 00:00:00 GMT", "3月5日", "下午3:30", "\x00", "9" * 5000, "2024-" * 2000, "(" * 5000),
)


@pytest.mark.parametrize("text", NO_DATES)
def test_unknown_is_better_than_wrong(text: str) -> None:
    assert moment(text) is None
