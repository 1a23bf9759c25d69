from __future__ import annotations

import pytest

from pages.parts import formats


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.text.language", lambda: "en")


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00"), (59.6, "1:00"), (247, "4:07"), (3723, "1:02:03")])
def test_clock(seconds: float, shown: str) -> None:
    assert formats.clock(seconds) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(40, "40 s"), (59.7, "1 min"), (180, "3 min"), (3599, "1 h 0 min"), (7800, "2 h 10 min"), (5 * 86400, "5 days")],
)
def test_span(seconds: float, shown: str) -> None:
    assert formats.span(seconds) == shown


@pytest.mark.parametrize(
    ("count", "shown"), [(0, "0 B"), (312_000, "312 kB"), (1_400_000, "1.4 MB"), (2e9, "2.0 GB"), (5e12, "5.0 TB")]
)
def test_size(count: float, shown: str) -> None:
    assert formats.size(count) == shown


def test_almost_all_is_not_all() -> None:
    assert formats.percent(0.999) == "99 %"
