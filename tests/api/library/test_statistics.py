"""GET /api/v1/statistics: the figures of the status page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx

from core.domain.transcripts.transcript import SpeechEngine, Transcript
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from core.store.jobs import jobs
from core.store.library import episodes, transcription_runs
from tests.api.conftest import Running, is_problem

HOUR = Transcript("en", 3600.0, (), SpeechEngine("small", "cuda", "float16", 8), wall_seconds=180.0)


def fill(services: Running, moment: float) -> None:
    def write(db: Database) -> None:
        episode_id = episodes.add(db, {"title": "A talk", "source": "upload"}, now=moment)
        jobs.enqueue(db, episode_id, priority=0, now=moment)
        transcription_runs.add(db, episode_id, HOUR, now=moment)
        feed_id = feeds.add(db, {"url": "https://a.example/feed?key=secret", "title": "A feed"}, now=moment)
        error = {"code": "feed_unavailable", "detail": "The server says no.", "params": {"status": 403}}
        feeds.change(db, feed_id, {"failures": 2, "error": error})

    services.store.write(write)


def test_the_figures(services: Running, api: httpx.Client) -> None:
    now = datetime.now(UTC)
    fill(services, now.timestamp())
    found = api.get("/statistics", params={"zone": "UTC"}).json()
    assert (found["hours"], found["real_time_factor"], found["episodes"]) == (1.0, 0.05, 1)
    assert found["queue"] == {"queued": 1}
    assert sum(day["hours"] for day in found["days"]) == 1.0
    assert len(found["days"]) == 30 and len(found["weeks"]) == 12
    assert all(spell["start"].endswith("T00:00:00Z") for spell in (*found["days"], *found["weeks"]))
    (run,) = found["transcriptions"]
    assert run["title"] == "A talk" and run["factor"] == 0.05
    assert (run["model"], run["device"], run["compute_type"]) == ("small", "cuda", "float16")
    (feed,) = found["feeds"]
    assert (feed["title"], feed["standing"], feed["failures"], feed["error"]) == ("A feed", "failing", 2, "The server says no.")
    assert "secret" not in api.get("/statistics").text


def test_days_begin_at_midnight_in_the_zone_that_is_named(services: Running, api: httpx.Client) -> None:
    day = api.get("/statistics", params={"zone": "Asia/Shanghai"}).json()["days"][-1]
    assert day["start"].endswith("T16:00:00Z")
    begin, end = (datetime.fromisoformat(day[name]) for name in ("start", "end"))
    assert begin <= datetime.now(UTC) and end - begin == timedelta(days=1)
    for zone in ("Nowhere/Town", "../../etc/passwd", "x" * 500):
        assert is_problem(api.get("/statistics", params={"zone": zone}), 422, "invalid")


def test_the_disk_is_told_when_it_was_counted(services: Running, api: httpx.Client) -> None:
    assert api.get("/statistics").json()["disk"] is None
    (services.data / "media" / "a.mp3").write_bytes(b"x" * 1234)
    services.statistics.step()
    disk = api.get("/statistics").json()["disk"]
    assert disk["kinds"]["media"] == 1234 and disk["kinds"]["database"] > 0
    assert disk["total"] > disk["free"] > 0
