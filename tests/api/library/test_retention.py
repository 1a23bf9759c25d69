from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from core.store.jobs import jobs
from core.store.library import episodes
from core.store.text import transcripts
from tests.api.conftest import Running, is_problem

TALK = Transcript("en", 60.0, (Segment(0, 0.0, 2.0, "A talk about cats."),), SpeechEngine("demo"))


@pytest.fixture
def feed(services: Running) -> int:
    """A feed with three transcribed episodes, ten bytes of audio each."""

    def fill(db: Database) -> int:
        number = feeds.add(db, {"url": "https://f/", "title": "F"}, now=1.0)
        for n in (1, 2, 3):
            path = f"media/{n}.mp3"
            row = {
                "feed_id": number,
                "title": f"Talk {n}",
                "source": "feed",
                "guid": str(n),
                "bytes": 10,
                "published_at": float(n),
            }
            episode_id = episodes.add(db, row | {"enclosure_url": f"https://f/{n}.mp3", "media_path": path}, now=float(n))
            jobs.enqueue(db, episode_id, priority=0, now=1.0)
            db.execute("UPDATE jobs SET state = 'done'")  # type: ignore[attr-defined]
            transcripts.save(db, episode_id, TALK, now=1.0)
        return number

    for n in (1, 2, 3):
        (services.data / "media" / f"{n}.mp3").write_bytes(b"0123456789")
    return services.store.write(fill)


def audio(services: Running) -> list[str]:
    return sorted(path.name for path in Path(services.data / "media").iterdir())


def test_a_feeds_rule_is_looked_ahead_at_saved_and_followed(api: httpx.Client, services: Running, feed: int) -> None:
    wanted = {"feed_id": feed, "keep": {"audio": "text", "episodes": "newest", "newest": 2}}
    ahead = api.post("/pruning", json=wanted).json()
    assert (ahead["audio"], ahead["episodes"], ahead["bytes"]) == (2, 1, 30)
    assert ahead["items"][0] == {"episode_id": 1, "title": "Talk 1", "what": "episode", "why": "newest", "bytes": 10}
    assert audio(services) == ["1.mp3", "2.mp3", "3.mp3"]
    kept = api.patch(f"/feeds/{feed}", json={"keep": wanted["keep"]}).json()["keep"]
    assert (kept["audio"], kept["audio_days"], kept["newest"], kept["applies"]["audio_days"]) == ("text", None, 2, 7)
    assert api.get(f"/feeds/{feed}").json()["keep"] == kept
    done = api.post("/pruning", json={"dry_run": False}).json()
    assert (done["audio"], done["episodes"]) == (2, 1)
    assert audio(services) == ["1.mp3"]
    rows = api.get("/pruning").json()["items"]
    assert sorted((row["episode_id"], row["what"], row["why"]) for row in rows) == [
        (1, "episode", "newest"),
        (2, "audio", "text"),
        (3, "audio", "text"),
    ]
    gone = api.get("/episodes/3").json()
    assert (gone["has_audio"], gone["audio_dropped_why"], bool(gone["audio_dropped_at"])) == (False, "text", True)
    assert api.get("/episodes/3/transcript").status_code == 200
    again = api.post("/episodes/3/fetch").json()
    assert [stage["state"] for stage in again["stages"]] == ["queued", "done", "done", "done"]
    assert is_problem(api.post("/episodes/3/fetch"), 409, "conflict")
    cleared = api.patch(f"/feeds/{feed}", json={"keep": {"audio": None, "episodes": None}}).json()["keep"]
    assert (cleared["audio"], cleared["applies"]["audio"]) == (None, "all")


def test_the_settings_hold_for_every_feed(api: httpx.Client, feed: int) -> None:
    assert api.patch("/settings", json={"keep_audio": "text", "keep_newest": 5}).status_code == 200
    assert api.post("/pruning", json={}).json()["audio"] == 3
    assert is_problem(api.patch("/settings", json={"keep_audio": "some"}), 422, "invalid")
    assert is_problem(api.patch("/settings", json={"keep_newest": 0}), 422, "invalid")


def test_what_does_not_fit_is_refused(api: httpx.Client, feed: int) -> None:
    for keep in ({"audio": "some"}, {"newest": 0}, {"days": "three"}, {"colour": "red"}):
        assert is_problem(api.patch(f"/feeds/{feed}", json={"keep": keep}), 422, "invalid")
    assert is_problem(api.patch("/feeds/99", json={"keep": {"audio": "all"}}), 404, "not_found")
    assert is_problem(api.post("/pruning", json={"feed_id": 99}), 404, "not_found")
    assert is_problem(api.post("/pruning", json={"dry_run": False, "feed_id": feed}), 422, "invalid")
    assert is_problem(api.post("/episodes/99/fetch"), 404, "not_found")


def test_a_person_may_have_it_transcribed_here(api: httpx.Client, feed: int) -> None:
    changed = api.post("/episodes/1/transcribe", json={"publisher_transcript": "never"}).json()
    assert changed["publisher_transcript"] == "never"
    assert [stage["state"] for stage in changed["stages"]] == ["done", "queued", "queued", "queued"]
    assert is_problem(api.post("/episodes/1/transcribe", json={"publisher_transcript": "some"}), 422, "invalid")
