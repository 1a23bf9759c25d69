"""A home around a real server: a podcast that publishes, readers, recordings, deletions, backups. Real HTTP on loopback.

step, several times a second ─▶ one read ─┬─ every so often: publish, upload, delete what is old, back up, look at everything
                                          └─ an answer of 500 and up, or none, counts as an error
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from bench.processes import children, proportional, resident
from bench.soak.samples import Sample
from tests.fakes.podcast_host import SAMPLES, PodcastHost
from tests.running import RunningApp

MINUTE = 60.0
# Of each of its kind in the library; the oldest are deleted for good, so that sizes come to rest.
KEPT = 30
SETTINGS = {
    "CASTMIND_WHISPER_MODEL": "demo",
    "CASTMIND_NOTES_ENGINE": "extractive",
    "CASTMIND_BACKUP_KEEP": "3",
    "CASTMIND_ENV": "production",
}
WORDS = ("robots", "history", "meeting", "music", "时间", "the", "nothing at all")
READS = (
    *("/api/v1/episodes", "/api/v1/episodes?state=done", "/api/v1/jobs", "/api/v1/feeds", "/api/v1/statistics", "/api/v1/tasks"),
    *("/health", "/", "/queue", "/search", "/status", "/api/v1/highlights", "/api/v1/schedules"),
)


class House:
    """A context manager. `folder` keeps the library between two parts of a run."""

    reads_per_second = 4.0

    def __init__(self, folder: Path, *, pace: float = 1.0) -> None:
        self._data = folder / "data"
        self._data.mkdir(parents=True, exist_ok=True)
        self._app = RunningApp(self._data, **SETTINGS)
        self._app.parent = None  # type: ignore[misc]
        self._host = PodcastHost()
        self._random = random.Random(7)
        self._published = self._reads = self._errors = 0
        self._due: list[tuple[float, float, Callable[[], None]]] = []
        for minutes, act in (
            (10, self._publish),
            (15, self._upload),
            (20, self._delete_old),
            (60, self._back_up),
            (5, self._look),
        ):
            seconds = minutes * MINUTE / pace
            self._due.append((time.monotonic() + seconds * self._random.random(), seconds, act))

    def __enter__(self) -> Self:
        self._host.start()
        self._app.start()
        known = self._app.client.get("/api/v1/feeds").json()["items"]
        # The host has another port in each part of a run.
        for feed in known:
            self._app.client.delete(f"/api/v1/feeds/{feed['id']}")
        self._app.client.post("/api/v1/feeds", json={"url": self._host.feed_url}).raise_for_status()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._app.stop()
        self._app.__exit__()
        self._host.stop()

    def step(self) -> None:
        """Read once, and do what is due."""
        self._read()
        now = time.monotonic()
        for place, (at, seconds, act) in enumerate(self._due):
            if now >= at:
                self._due[place] = (now + seconds, seconds, act)
                act()

    def sample(self, at: float) -> Sample:
        pid = self._app.pid
        database = sum(each.stat().st_size for each in self._data.glob("castmind.db*"))
        states = self._ask("GET", "/api/v1/jobs?limit=1")
        counts = states.json()["counts"] if states is not None else {}
        return Sample(
            at=at,
            server_memory=resident(pid),
            all_memory=sum(proportional(each) for each in (pid, *children(pid))),
            threads=_count(Path(f"/proc/{pid}/task")),
            descriptors=_count(Path(f"/proc/{pid}/fd")),
            database=database,
            logs=_size(self._data / "logs"),
            media=_size(self._data / "media") + _size(self._data / "uploads"),
            episodes=len(self._episodes()),
            done=int(counts.get("done", 0)),
            failed=int(counts.get("failed", 0)),
            reads=self._reads,
            errors=self._errors + self._logged_errors(),
        )

    def _logged_errors(self) -> int:
        """Return how many lines of the log tell of an error."""
        with self._app.log.open(encoding="utf-8", errors="replace") as log:
            return sum(1 for line in log if " ERROR " in line)

    # --- what goes on -----------------------------------------------------------------------------------

    def _read(self) -> None:
        choice = self._random.random()
        if choice < 0.2:
            self._ask("GET", f"/api/v1/search?q={self._random.choice(WORDS)}")
        elif choice < 0.4 and (found := self._episodes()):
            number = self._random.choice(found)
            self._ask("GET", f"/api/v1/episodes/{number}")
            self._ask("GET", f"/api/v1/episodes/{number}/transcript")
            self._ask("PUT", f"/api/v1/episodes/{number}/position", json={"seconds": self._random.random() * 60})
        else:
            self._ask("GET", self._random.choice(READS))

    def _publish(self) -> None:
        """Publish an episode of the podcast, and have its feed read."""
        self._published += 1
        sample = (SAMPLES / "en_meeting.m4a").read_bytes()
        # Other bytes, so that it is another episode; decoders pass over what follows the last box.
        data = sample + self._published.to_bytes(8, "big")
        self._host.publish(f"soak-{time.time_ns()}.m4a", f"Part {self._published}", data=data)
        del self._host.items[:-KEPT]
        self._ask("POST", "/api/v1/refreshes", json={})

    def _upload(self) -> None:
        try:
            self._counted(self._app.upload(SAMPLES / "en_short.wav"))
        except httpx.HTTPError:
            self._errors += 1

    def _delete_old(self) -> None:
        """Delete all but the newest episodes for good."""
        old = self._episodes()[KEPT:]
        for action in ("delete", "purge"):
            if old:
                self._ask("POST", "/api/v1/episodes/bulk", json={"action": action, "episode_ids": old})

    def _back_up(self) -> None:
        self._ask("POST", "/api/v1/backups", json={})

    def _look(self) -> None:
        for place in READS:
            self._ask("GET", place)

    # --- asking -----------------------------------------------------------------------------------------

    def _episodes(self) -> list[int]:
        answer = self._ask("GET", "/api/v1/episodes?limit=200")
        return [each["id"] for each in answer.json()["items"]] if answer is not None and answer.status_code == 200 else []

    def _ask(self, method: str, path: str, **more: object) -> httpx.Response | None:
        self._reads += 1
        try:
            return self._counted(self._app.client.request(method, path, timeout=30.0, **more))  # type: ignore[arg-type]
        except httpx.HTTPError:
            self._errors += 1
            return None

    def _counted(self, answer: httpx.Response) -> httpx.Response:
        if answer.status_code >= 500:
            self._errors += 1
        return answer


def _count(folder: Path) -> int:
    return sum(1 for _ in folder.iterdir())


def _size(folder: Path) -> int:
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file()) if folder.is_dir() else 0
