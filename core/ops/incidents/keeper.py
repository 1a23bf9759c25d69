"""Keep incidents: a step looks at /health and at what happened, writes rows, and a report when all is well again.

step ─▶ checks, ends of the speech worker, happenings ─▶ IncidentWatch ─▶ changed? ─▶ row ─▶ closed? ─▶ report
                                           nothing can be saved ─▶ kept in memory, written by a later step
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from core.domain.dependencies import Ability, Effect
from core.domain.incident import Happening, Incident, IncidentWatch
from core.domain.jobs.job import MAX_TRIES
from core.errors import CastMindError, NotFound
from core.events import Event, PartRestarted, StepFailed
from core.ops import sentences
from core.ops.incidents import report
from core.ops.incidents.first_lines import first_lines
from core.ops.last_run import NAME, End
from core.store.db.database import Store
from core.store.incidents import incidents
from core.store.jobs import jobs

log = logging.getLogger(__name__)

# Conditions that a person chose or must change: no incidents.
STANDING = frozenset({"access", "confinement"})
SIGNS_OF_LIFE = (NAME, "castmind.db", "castmind.db-wal")


def last_sign_of_life(data: Path) -> float | None:
    """Return when the server before this one last wrote something. Call it before anything is opened."""
    files = [*(data / name for name in SIGNS_OF_LIFE), *(data / "logs").glob("*.log")]
    return max((path.stat().st_mtime for path in files if path.is_file()), default=None)


class IncidentKeeper:
    """`health` returns the body of /health; `worker_ends` when the speech worker ended unexpectedly, in Unix seconds.

    `step` is called by one thread; `happened` by any.
    """

    def __init__(
        self,
        store: Store,
        data: Path,
        health: Callable[[], Mapping[str, Any]],
        worker_ends: Callable[[], Sequence[float]],
        *,
        language: Callable[[], str] = lambda: "auto",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._data = data
        self._health = health
        self._worker_ends = worker_ends
        self._language = language
        self._clock = clock
        self._happened: SimpleQueue[Happening] = SimpleQueue()
        self._watch: IncidentWatch | None = None
        self._unsaved: Incident | None = None
        self._worker_seen = 0.0

    def happened(self, happening: Happening) -> None:
        """Tell of something that happened; the next step takes it in."""
        self._happened.put(happening)

    def crashed(self, ended: End, since: float | None) -> None:
        """Tell that the server before this one was not stopped, and showed its last sign of life at `since`."""
        now = self._clock()
        effects = dict.fromkeys(Ability, Effect.STOPS)
        self.happened(Happening("crash", ended.value, now if since is None else since, now, "restarted", effects))

    def hear(self, event: Event) -> None:
        """Take in that a part was started again, or that a job failed which had been tried as often as jobs are."""
        if isinstance(event, PartRestarted):
            self.happened(Happening("part", event.part, self._clock(), deed="part_restarted"))
        elif isinstance(event, StepFailed) and self._tried(event.job_id):
            self.happened(Happening("job", event.code, self._clock(), deed="job_tried"))

    def _tried(self, job_id: int) -> bool:
        try:
            return jobs.get(self._store.read(), job_id).tries >= MAX_TRIES
        except NotFound:
            return False  # its episode was deleted meanwhile

    def step(self) -> None:
        """Look once. The scheduler calls this."""
        now = self._clock()
        watch = self._watch or IncidentWatch(incidents.newest(self._store.read()))
        checks = {name: (row["status"], row["code"]) for name, row in self._health()["checks"].items() if name not in STANDING}
        changed = watch.look(checks, self._news(), now)
        self._watch = watch
        self._unsaved = changed or self._unsaved
        if self._unsaved is not None and checks.get("writes", ("pass", ""))[0] != "fail":
            self._save(watch, self._unsaved)

    def _news(self) -> list[Happening]:
        found = []
        while True:
            try:
                found.append(self._happened.get_nowait())
            except Empty:
                break
        ends = [at for at in self._worker_ends() if at > self._worker_seen]
        self._worker_seen = max(ends, default=self._worker_seen)
        waits = {Ability.TRANSCRIBE: Effect.WAITS}
        return [*found, *(Happening("worker_ended", "ended", at, deed="worker_restarted", effects=waits) for at in ends)]

    def _save(self, watch: IncidentWatch, incident: Incident) -> None:
        lines = first_lines(self._data / "logs", incident.opened_at, incident.closed_at)
        try:
            stored = self._store.write(partial(incidents.put, incident=incident, log=lines))
        except CastMindError as error:
            log.warning("an incident could not be saved yet: %s", error)
            return
        watch.incident, self._unsaved = stored, None
        if stored.closed_at is None:
            log.warning("incident %d: %s", stored.id, ", ".join(cause.what for cause in stored.causes))
            return
        log.info("incident %d is over after %d s", stored.id, stored.closed_at - stored.opened_at)
        try:
            report.keep(self._data / "reports", stored, lines, sentences.language_of(self._language(), {}))
        except OSError as error:
            log.warning("the report of an incident could not be written: %s", error)
