"""The figures of the status page in words: what each chart says, what it links to, and what it says of nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.episodes.statistics import Period, TranscriptionRun
from core.domain.feeds.feed import Feed
from core.domain.jobs.job import State
from core.services.library.disk_use import Disk
from core.services.library.statistics import FeedStanding, Figures, HeardHours
from pages.status import charts_data
from pages.text import texts

NOTHING = Figures(seconds=0, days=(), weeks=(), runs=(), factor=None, episodes=0, queue={}, feeds=())
HOUR = 3600.0
RUN = TranscriptionRun(1e9, 600.0, 150.0, "small", "cpu", "int8", 7, "A talk")
KINDS = dict.fromkeys(charts_data.KINDS, 0)


def feed(number: int, standing: Any, **more: Any) -> FeedStanding:
    return FeedStanding(Feed(number, f"https://{number}.example/", f"Show {number}", 0.0, **more), standing)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_chart_of_nothing_says_so(resting: CastMind, language: str) -> None:
    resting.settings.save(OWNER, "language", language)
    drawn = charts_data.all_charts(NOTHING, None)
    names = ("hours.none", "speed.none", "queue.none", "disk.counting", "feeds.none")
    assert [chart["empty"] for chart in drawn] == [texts(language)[f"charts.{name}"] for name in names]
    assert [chart["next"]["href"] for chart in drawn if "next" in chart] == ["/", "/feeds"]


@pytest.mark.parametrize(
    ("seconds", "said"), [(40, "40 s"), (720, "12 min"), (12_000, "3 h 20 min"), (100 * HOUR, "100 h"), (1.5e6, "417 h")]
)
def test_audio_is_measured_in_hours_and_never_in_days(resting: CastMind, seconds: float, said: str) -> None:
    assert charts_data.length(seconds) == said


def test_transcribed_hours_are_told_by_day_and_by_week(resting: CastMind) -> None:
    days = tuple(HeardHours(Period(n * 86400.0, (n + 1) * 86400.0), seconds) for n, seconds in enumerate((0, 1800.0)))
    weeks = (HeardHours(Period(0.0, 7 * 86400.0), 2 * HOUR),)
    chart = charts_data.hours(replace(NOTHING, seconds=5 * HOUR, days=days, weeks=weeks))
    assert chart["said"] == "30 min in the last 30 days, 5 h 0 min in total."
    short, long = chart["ranges"]
    assert [point["cells"][1] for point in short["points"]] == ["0 s", "30 min"]
    # Less than an hour is measured in minutes.
    assert [tick["said"] for tick in short["ticks"]] == ["0 min", "10 min", "20 min", "30 min"]
    assert [tick["said"] for tick in long["ticks"]] == ["0 h", "0.5 h", "1 h", "1.5 h", "2 h"]
    assert long["ticks"][-1]["value"] == 2 * HOUR


def test_runs_stand_oldest_first_and_lead_to_their_episode(resting: CastMind) -> None:
    gone = replace(RUN, finished_at=2e9, wall_seconds=30.0, device="cuda", episode_id=None, title=None)
    chart = charts_data.speed(replace(NOTHING, runs=(gone, RUN), factor=0.15))
    assert chart["said"] == "Median of 2 runs: 0.15. An hour of audio takes 9 min."
    (shown,) = chart["ranges"]
    assert [point.get("href") for point in shown["points"]] == ["/episode?id=7", None]
    assert [point["cells"][1] for point in shown["points"]] == ["0.25", "0.05"]
    assert shown["points"][1]["cells"][4] == ""
    assert [entry["shape"] for entry in shown["legend"]] == ["cuda", "cpu", "median"]


def test_the_queue_counts_what_is_not_done(resting: CastMind) -> None:
    queue = {State.DONE: 1200, State.FAILED: 2, State.QUEUED: 3}
    chart = charts_data.queue(replace(NOTHING, episodes=1205, queue=queue))
    assert chart["said"] == "1,200 of 1,205 episodes are done; 5 are in progress or stopped."
    (bar,) = chart["bars"]
    assert [(part["value"], part["href"]) for part in bar["parts"]] == [(3, "/queue"), (2, "/queue?show=failed")]
    idle = charts_data.queue(replace(NOTHING, episodes=1200, queue={State.DONE: 1200}))
    assert idle["bars"] == [] and idle["said"] == "1,200 of 1,200 episodes are done; nothing left to do."


def test_the_disk_is_told_by_kind_and_as_a_whole(resting: CastMind) -> None:
    disk = Disk(KINDS | {"media": 1_000, "database": 3_000}, 0.0, total=10_000, free=5_000)
    chart = charts_data.disk_chart(disk)
    assert chart["said"] == "CastMind uses 4 kB; 5 kB free."
    kinds, whole = chart["bars"]
    assert [(part["name"], part["value"]) for part in kinds["parts"]] == [("Database", 3_000), ("Downloaded audio", 1_000)]
    assert [part["value"] for part in whole["parts"]] == [4_000, 1_000, 5_000]


def test_feeds_that_cannot_be_read_are_named_with_the_reason(resting: CastMind) -> None:
    error = {"code": "feed_gone", "detail": "It is gone."}
    rows = [feed(1, "fine"), *(feed(n, "gone", error=error) for n in range(2, 10))]
    chart = charts_data.feeds(rows)
    assert chart["said"] == "8 of 9 feeds can’t be read right now."
    assert len(chart["rows"]) == charts_data.FEEDS_SHOWN and chart["more"]["name"] == "and 2 more"
    first = chart["rows"][0]
    assert (first["said"], first["href"]) == (
        f"Not read successfully yet. {texts('en')['error.feed_gone']}"[:324],
        "/feeds?q=Show+2",
    )
    well = charts_data.feeds(rows[:1])
    assert (well["rows"], well["more"], well["said"]) == ([], None, "1 feed works.")
