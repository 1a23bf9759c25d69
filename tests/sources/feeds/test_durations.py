from __future__ import annotations

import pytest

from core.sources.feeds.durations import seconds


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2:03:04", 7384.0),
        ("123:04", 7384.0),
        ("7384", 7384.0),
        (" 7384.5 ", 7384.5),
        ("0:75:00", 4500.0),
        ("7,384", 7384.0),
        ("2h 3m 4s", 7384.0),
        ("2h03", 7380.0),
        ("123m4s", 7384.0),
        ("2 hrs, 3 mins and 4 secs", 7384.0),
        ("2 Stunden 3 Minuten", 7380.0),
        ("48 Min.", 2880.0),
        ("1.5 hours", 5400.0),
        ("PT2H3M4S", 7384.0),
        ("PT123M", 7380.0),
        ("P0DT2H3M4.0S", 7384.0),
        ("2小时3分4秒", 7384.0),
        ("48分钟", 2880.0),
        ("２：０３：０４", 7384.0),
        ("12'34\"", 754.0),
        ("1:05 h", 3900.0),
        ("1:02:03 hours", 3723.0),
        ("1 hrs. 5 mins.", 3900.0),
        ("1 hora e 5 minutos", 3900.0),
        ("2 ore e 1 minuto", 7260.0),
        ("1 час 5 минут", 3900.0),
    ],
)
def test_what_is_meant(text: str, meant: float) -> None:
    assert seconds(text) == meant


NO_DURATIONS = (
    *(
        "",
        "0",
        "0:00",
        "-5",
        "long",
        "1:2:3:4",
        "1.2.3",
        "inf",
        "nan",
        "1e5",
        "P",
        "PT",
        "h",
        "12 monkeys",
        "5 m 3 h",
        "99999999",
    ),
    *("9" * 5000, "1h " * 2000),
)


@pytest.mark.parametrize("text", NO_DURATIONS)
def test_anything_else_is_unknown(text: str) -> None:
    assert seconds(text) is None
