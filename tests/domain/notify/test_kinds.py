from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.domain.notify.kinds import BY_NAME, KINDS, TEST, Audience, NoticeKind, kind_named, may_be_told


def test_names_are_unique_and_found() -> None:
    assert len(BY_NAME) == len(KINDS)
    assert [kind_named(kind.name) for kind in (*KINDS, TEST)] == [*KINDS, TEST]
    with pytest.raises(KeyError):
        kind_named("episode.added")


@pytest.mark.parametrize(
    ("again", "told_at", "expected"),
    [
        (None, None, True),
        (None, 0.0, False),
        (0.0, 100.0, True),
        (60.0, 40.0, True),
        (60.0, 40.1, False),
    ],
)
def test_what_lasts_is_told_again_after_its_time_alone(again: float | None, told_at: float | None, expected: bool) -> None:
    assert may_be_told(NoticeKind("k", again=again), told_at, 100.0) is expected


DOCS = Path(__file__).resolve().parents[3] / "docs" / "architecture" / "notifications.md"


def test_the_table_of_the_docs_is_that_of_the_code() -> None:
    rows = re.findall(r"^\| `(\S+)` \| ([^|]+) \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    told = {Audience.EVERYONE: "everyone", Audience.ADMINS: "admins", Audience.SELF: "whom it is about"}
    assert rows == [(kind.name, told[kind.audience] + (", urgent" if kind.urgent else "")) for kind in KINDS]


def test_what_lasts_is_told_again_when_the_docs_say() -> None:
    hour, day = 3600.0, 86400.0
    assert {kind.name: kind.again for kind in KINDS} == {
        "notes.ready": day,
        "job.failed": hour,
        "feed.failing": None,
        "feed.recovered": 0.0,
        "disk.low": 7 * day,
        "backup.failed": 3 * day,
        "health.unhealthy": day,
        "health.recovered": 0.0,
        "signin.new_place": 0.0,
    }
    assert [kind.name for kind in KINDS if not kind.chosen] == ["feed.recovered"]
