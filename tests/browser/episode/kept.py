"""A feed whose publisher says much of its episodes, all of them transcribed and with their audio here.

fill(data): the newest two are starred, so that no rule lets go of them: the publisher's own transcript, and one that did not fit
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import core.pipeline.graph  # noqa: F401 (registers the steps that an episode is queued for)
from core.domain.accounts.actor import OWNER
from core.domain.feeds import people
from core.domain.feeds.people import Person
from core.domain.transcripts.provenance import PUBLISHER, Checked, CheckedPlace, Misfit
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.store.db.database import Store
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from core.store.jobs import jobs
from core.store.library import episodes, reading_states
from core.store.text import transcripts
from tests.running import PROJECT

SOUND = PROJECT / "demo" / "samples" / "en_short.wav"
DAY = 86_400.0
SHOW = "Harbour talks"
TITLES = (
    "Who keeps the lighthouse now",
    "The night the ferry turned back",
    "Ropes, knots and other inheritances",
    "A harbour pilot's first winter",
    "What the tide tables leave out",
    "Three generations of net makers",
)
THEIRS, DIFFERING = TITLES[:2]
PEOPLE = (
    Person("Anna Harbour", "host", "https://127.0.0.1:9/anna"),
    Person("Bo Lantern", "guest"),
    Person("Cy Tern", "sound design"),
)
PLACES = (CheckedPlace(0.2, 1.8, 0.98, 0.1), CheckedPlace(2.0, 3.4, 1.0, 0.1), CheckedPlace(3.6, 4.8, 0.93, 0.2))
SAID = (
    Segment(0, 0.0, 2.4, "Every lamp on this coast was once somebody's whole evening."),
    Segment(1, 2.4, 5.0, "Now they switch themselves on, and we still look up."),
)


def fill(data: Path) -> None:
    """Before the server starts; the episodes are numbered from 1, the newest first."""
    (data / "media").mkdir(parents=True, exist_ok=True)
    store = Store(data / "castmind.db")
    store.open()
    try:
        store.write(lambda db: _add(db, data, time.time()))
    finally:
        store.close()


def _add(db: Database, data: Path, now: float) -> None:
    read = {"last_polled_at": now - 900, "last_success_at": now - 900, "next_poll_at": now + 2700}
    feed_id = feeds.add(db, {"url": "https://127.0.0.1:9/feed.xml", "title": SHOW, **read}, now=now)
    for number, title in enumerate(TITLES):
        row = {"feed_id": feed_id, "title": title, "source": "feed", "guid": title, "published_at": now - (number + 1) * DAY}
        episode_id = episodes.add(db, row | _sound(data, number) | _said_of(number, now), now=now - 900)
        jobs.enqueue(db, episode_id, priority=0, now=now - 900)
        transcripts.save(db, episode_id, _transcript(number), now=now - 600)
        if number <= 1:
            reading_states.mark(db, OWNER.user_id, [episode_id], column="starred_at", at=now)
    db.execute("UPDATE jobs SET state = 'done', progress = 1, started_at = ?, finished_at = ?", [now - 800, now - 600])


def _sound(data: Path, number: int) -> dict[str, Any]:
    path = data / "media" / f"{number}.wav"
    shutil.copyfile(SOUND, path)
    return {
        "media_path": f"media/{path.name}",
        "media_type": "audio/wav",
        "bytes": path.stat().st_size,
        "duration": 5.0,
        "enclosure_url": f"https://127.0.0.1:9/{path.name}",
    }


def _said_of(number: int, now: float) -> dict[str, Any]:
    if number > 1:
        return {}
    about = {"season": 2, "number": 7.0 - number, "kind": "full" if number else "bonus", "people": people.written(PEOPLE)}
    return about | {"description": "<p>Lamps, keepers, and the last one of them. Begins at 0:02.</p>"}


def _transcript(number: int) -> Transcript:
    engine = SpeechEngine(PUBLISHER, "", "", 0) if number == 0 else SpeechEngine("demo")
    differing = Checked(Misfit.WORDS, (*PLACES[:2], CheckedPlace(3.6, 4.8, 0.31, 0.0, False)))
    checked = {0: Checked(None, PLACES), 1: differing}.get(number)
    return Transcript("en", 5.0, SAID, engine, checked=checked)
