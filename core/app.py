"""The composition root: makes every part, joins them, and starts and stops them in one visible order.

build()  settings from files and environment; nothing is opened
start()    lock the data folder ▶ open the store ▶ take leases back ▶ pipeline ▶ scheduler ▶ inbox
stop()     inbox ▶ scheduler ▶ pipeline and speech worker ▶ store ▶ unlock
           no library, or one that cannot be opened ▶ core.ops.rescue asks what to do ▶ start()
restore()  core.ops.restore: a stop that keeps the lock ▶ the folder is exchanged ▶ a start
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from core import settings
from core.confined import landlock, seccomp
from core.domain.job import Stage, State
from core.errors import CastMindError, Conflict, OllamaBroke, ShuttingDown
from core.events import CancelRequested, Event, JobsQueued, ModelPulled, QueuePaused, QueueResumed, StepRequeued
from core.export import files
from core.ops import health, logs, upgrade
from core.ops.backup import Backups
from core.ops.health import Check, CheckFunction
from core.ops.last_run import End, LastRun
from core.ops.orphans import Orphans
from core.ops.rescue import Rescue
from core.ops.restore import Restorer, RestoreResult, RestoreState, Server
from core.ops.verifying import Verifying
from core.pipeline.annotations import Annotations
from core.pipeline.arrivals import Arrivals
from core.pipeline.bulk import Bulk
from core.pipeline.bundles import Bundles
from core.pipeline.clips import Clips
from core.pipeline.covers import Covers
from core.pipeline.executor import LocalExecutor
from core.pipeline.exports import Exports
from core.pipeline.finding import Finding
from core.pipeline.gpu import GpuLease
from core.pipeline.gpu_queue import Priority, Taker
from core.pipeline.graph import steps
from core.pipeline.imports import Imports
from core.pipeline.keeping import Keeping
from core.pipeline.language_model import LanguageModel
from core.pipeline.library import Library
from core.pipeline.notebook import Notebook
from core.pipeline.preferences import Preferences
from core.pipeline.queue import Queue
from core.pipeline.recordings import Recordings
from core.pipeline.refreshing import Refreshing
from core.pipeline.renewing import Renewing
from core.pipeline.runner import Runner
from core.pipeline.scheduler import Scheduler
from core.pipeline.search import Search
from core.pipeline.selection import Selection
from core.pipeline.setup import Setup
from core.pipeline.statistics import Statistics
from core.pipeline.step import Resources
from core.pipeline.strays import Strays
from core.pipeline.subscriptions import Subscriptions
from core.pipeline.supplied import Supplied
from core.pipeline.trash import Trash
from core.pipeline.unsubscribing import Unsubscribing
from core.settings import VERSION, Loaded
from core.sources import parts
from core.sources.download import part_name
from core.sources.inbox import Inbox
from core.sources.web import Fetcher
from core.speech.client import SpeechClient
from core.store import damage, jobs, leases
from core.store.db import DataFolderLock, Store

log = logging.getLogger(__name__)

FOLDERS = ("uploads", "media", "inbox", "exports", "models", "backups", "logs", "reports")


class CastMind:
    """All of CastMind over one data folder. Pages reach it by `current()`."""

    version = VERSION

    def __init__(self, loaded: Loaded) -> None:
        values = loaded.values
        self.data = values.data
        self._listening = values
        self._lock = DataFolderLock(self.data)
        self._last_run = LastRun(self.data)
        self._store = Store(self.data / "castmind.db")
        self.events = self._store.events
        self.preferences = Preferences(loaded, self._store)
        self._speech = SpeechClient(lambda: self.preferences.values.speech_idle_seconds)
        self._fetcher = Fetcher(lambda: self.preferences.values.allowed_private_hosts)
        self._language_model = LanguageModel(
            lambda: self.preferences.values, publish=self.events.publish, card=lambda: self.setup.card_memory
        )
        self.setup = Setup(
            self._store,
            self.preferences,
            self._speech,
            self._language_model,
            self.data,
            hold=lambda: self.gpu.proof(Taker("trial of the device", Priority.PERSON)),
        )
        self.gpu = GpuLease(
            self._speech,
            card=self.setup.card,
            ollama=self._language_model.client,
            on_processor=self._language_model.on_processor,
            folder=self.data,
        )
        lent = Resources(self.data, self._speech, self._language_model, self.gpu, self._fetcher)
        self._runner = Runner(self._store, self.preferences, steps(), LocalExecutor(lent))
        self.library = Library(self._store, self.preferences, self.data)
        self.trash = Trash(self._store, self.preferences, self.data, abandon=self._runner.abandon)
        self.keeping = Keeping(self._store, self.preferences, self.data, self.trash)
        self.selection = Selection(self._store, self.trash)
        self.bulk = Bulk()
        self.annotations = Annotations(self._store)
        self.notebook = Notebook(self._store)
        self.clips = Clips(self.library, self.data)
        self.covers = Covers(self._store, self._fetcher, self.data)
        self.supplied = Supplied(self._store, self._fetcher)
        self.arrivals = Arrivals(self._store, self.preferences, self.data)
        self._strays = Strays(self._store, self.arrivals, self.data)
        self._renewing = Renewing(self._store, self.arrivals, self.data)
        self.recordings = Recordings(self.arrivals)
        self.queue = Queue(self._store, retry=self.library.retry)
        self.subscriptions = Subscriptions(self._store, self.preferences, self._fetcher)
        self.search = Search(self._store)
        self.statistics = Statistics(self._store, self.data)
        self.exports = Exports(self._store)
        self.bundles = Bundles(self.exports, self.bulk, self.data)
        self._scheduler = Scheduler(self.subscriptions)
        self.finding = Finding(self._store, self.preferences, self._fetcher)
        self.refreshing = Refreshing(self.subscriptions, hand_out=self._scheduler.hand_out)
        self.unsubscribing = Unsubscribing(self._store, self.subscriptions, self.trash)
        self.imports = Imports(self._store, self.subscriptions, discover=self.finding.discover, hand_out=self._scheduler.hand_out)
        self._inbox = Inbox(self.data / "inbox", self._take_from_inbox, polling=values.inbox_polling)
        self.backups = Backups(self.data, lambda: self.preferences.values, publish=self.events.publish)
        self.verifying = Verifying(self.backups)
        self._restorer = Restorer(self.data, self.backups, Server(stop=self._pause, start=self._go_on))
        self.rescue = Rescue(self.data, self.backups, self.start)
        self._health = health.Health(self._checks(), version=VERSION)
        self._orphans = Orphans(self._store, self.data, backups=self.backups.listing, began=self.backups.began)
        self._started = threading.Event()
        self._ending = threading.Event()
        for name, kinds, hear in LISTENERS:
            self.events.listen(name, partial(hear, self), *kinds)

    # --- life -----------------------------------------------------------------------------------

    def start(self) -> None:
        """Raises StartError when the data folder cannot be used."""
        self._lock.acquire()
        try:
            with damage.told_at_start(self._store.path):
                self._prepare()
        except BaseException:
            self._store.close()
            self._lock.release()
            raise
        # What deletes by itself rests while the library holds much less than its backups.
        careful = self.backups.shrinking.unless_shrunk
        self._scheduler.every(5.0, "unload the idle speech model", self._speech.step)
        self._scheduler.every(15.0, "look whether what jobs wait for is there", self._look_for_what_jobs_wait_for)
        self._scheduler.every(15.0, "note what tells of an end", self._last_run.note)
        self._scheduler.every(1.0, "go on with imports", self.imports.step)
        self._scheduler.every(3600.0, "forget old imports", self.imports.forget_old)
        self._scheduler.every(3600.0, "forget feeds that were removed", careful(self.unsubscribing.step))
        self._scheduler.every(60.0, "nightly backup", self.backups.step)
        self._scheduler.every(60.0, "empty the trash", careful(self.trash.step))
        self._scheduler.every(600.0, "take old exports away", self.bundles.step)
        self._scheduler.every(3600.0, "sweep covers", careful(self.covers.tidy))
        self._scheduler.every(3600.0, "sweep audio that no episode names", careful(self._orphans.step))
        self._scheduler.every(300.0, "let go of what is not kept", careful(self.keeping.step))
        self._scheduler.every(60.0, "look after unfinished uploads", self.arrivals.step)
        self._scheduler.every(10.0, "bring back recordings that no episode names", self._strays.step)
        self._scheduler.every(10.0, "follow recordings that go on growing", self._renewing.step)
        self._scheduler.every(60.0, "fetch what publishers supply", self.supplied.step)
        self._scheduler.every(5.0, "index what came in", self.search.look)
        self._scheduler.every(2.0, "fetch covers that were looked at", self.covers.step)
        self._scheduler.every(2.0, "count what the data folder takes", self.statistics.step)
        self._start_work()

    def _prepare(self) -> None:
        """The data folder as work needs it, and the store open."""
        for folder in FOLDERS:
            (self.data / folder).mkdir(exist_ok=True)
        logs.configure(self.data / "logs", self.preferences.values.log_level)
        if (found := self.access()).status != "pass":
            log.warning(found.output)
        upgrade.make_ready(self.data, self.backups)
        self._open(ended=self._last_run.how_it_ended())
        self._last_run.begin()
        with damage.said(self._store.path):
            self._sweep()

    def leave(self) -> None:
        """The end was asked for: from here on it is no crash, however long the rest takes. Safe in a signal handler."""
        self._last_run.end()

    def stop(self) -> None:
        """Running work goes back to the queue; takes about two seconds at most."""
        self.leave()
        self._ending.set()
        self.rescue.end()
        self.backups.cancel()
        self.verifying.cancel()
        self._end_work()
        self._fetcher.close()
        self._store.close()
        self._last_run.close()
        self._lock.release()

    def _open(self, *, ended: End | None = None) -> None:
        self._store.open()
        with damage.said(self._store.path):
            self.preferences.read_saved()
            if ended:
                self._take_back_crashed(ended)
            taken_back = self._store.write(jobs.requeue_running)
        if taken_back:
            log.info("%d jobs of the last run go on", taken_back)

    def _take_back_crashed(self, ended: End) -> None:
        log.warning("the server before this one ended without a word (%s)", ended)
        if ended is End.GONE:
            return  # Power, or whoever restarted the machine: no job is to blame.
        fault = ended is End.FAULT
        for job in self._store.write(lambda db: leases.take_back_crashed(db, now=time.time(), fault=fault)):
            names = {"job_id": job.id, "episode_id": job.episode_id, "stage": job.stage.value}
            log.warning("%s is %s: %s", job.stage.value, job.state.value, (job.error or {}).get("detail", ""), extra=names)

    def _start_work(self) -> None:
        self.setup.speech()
        self._runner.start()
        self.imports.start()
        self.refreshing.start()
        self._scheduler.start()
        self._inbox.start()
        self.search.start()
        self.statistics.start()
        self._started.set()

    def _end_work(self) -> bool:
        """Says whether all of it has ended."""
        self._started.clear()
        self.bulk.stop()
        self.search.stop()
        self.statistics.stop()
        self._inbox.stop()
        polls_ended = self._scheduler.stop()
        # The worker hands its window in while the runs are told to end: both at once.
        ending = threading.Thread(target=self._speech.stop, name="speech-stop")
        ending.start()
        runs_ended = self._runner.stop()
        ending.join()
        return polls_ended and runs_ended

    # --- restoring ------------------------------------------------------------------------------

    def restore(self, name: str) -> RestoreResult:
        """Puts a backup back, in this thread. Raises what `Restorer.restore` raises; all is as before then."""
        return self._restorer.restore(name)

    def start_restore(self, name: str) -> None:
        """The same in a thread of its own; `restore_state` tells how it goes."""
        self._restorer.start(name)

    def restore_state(self) -> RestoreState | None:
        return self._restorer.state()

    def _pause(self) -> None:
        """Ends all work and lets go of the database; who asks for it gets Restoring."""
        # What a backup calls running was not running now.
        self._last_run.end()
        self.backups.cancel()
        self.verifying.cancel()
        try:
            ended = self._end_work()
        finally:
            self._store.give_up()
        if not ended:
            self._try_to_go_on()
            raise Conflict("Work that runs could not be ended. Nothing was changed; try again in a minute.", state="running")

    def _try_to_go_on(self) -> None:
        try:
            self._go_on()
        except Exception:
            log.exception("CastMind did not go on after a restore that could not begin; restart it")

    def _go_on(self) -> None:
        """Opens what lies in the data folder now. Raises when it does not work."""
        if self._ending.is_set():
            raise ShuttingDown()
        self._speech.resume()
        self._open()
        self._last_run.begin()
        self._start_work()
        if health.database(self._store).status == "fail" or not self._runner.alive():
            raise CastMindError("CastMind did not come up with what was restored.")

    @property
    def ready(self) -> bool:
        return self._started.is_set()

    def health(self) -> dict[str, Any]:
        """The body of GET /health."""
        return self._health.report()

    # --- joints ---------------------------------------------------------------------------------

    def _take_from_inbox(self, path: Path) -> None:
        listed = self.arrivals.take_file(path, path.relative_to(self.data / "inbox").parts[:-1])
        log.info("took %s from the inbox", path.name, extra={"episode_id": listed.episode.id})

    def _wake_runner(self, _event: Event) -> None:
        self._runner.wake()

    def _language_model_arrived(self, _event: Event | None = None) -> None:
        self._store.write(lambda db: jobs.wake(db, Stage.SUMMARISE))

    def _look_for_what_jobs_wait_for(self) -> None:
        """Notes wait for Ollama: as soon as it answers with a model, they go on. What broke off comes back in its own time."""
        rows = self.queue.jobs([State.WAITING], limit=20)
        waiting = any(row.job.stage is Stage.SUMMARISE and (row.job.error or {}).get("code") != OllamaBroke.code for row in rows)
        if waiting and self.setup.ollama(refresh=True).usable:
            self._language_model_arrived()

    def _sweep(self) -> None:
        """Deletes what uploads and downloads left half done, but for downloads that will be resumed."""
        fetching = {part_name(row.job.episode_id) for row in self.queue.jobs() if row.job.stage is Stage.FETCH}
        parts.sweep(self.data / "uploads")
        files.sweep(self.data / "exports")
        parts.sweep(self.data / "media", fetching)
        if found := self.arrivals.resumable.recover():
            log.warning("%d uploads had lost their notes; what they hold is taken in", found)

    def access(self) -> Check:
        """Who can reach this server; its address is fixed while it runs."""
        return health.access(self._listening, container=settings.in_container())

    def _checks(self) -> dict[str, CheckFunction]:
        return {
            "database": lambda: health.database(self._store),
            "writes": lambda: health.writes(self._store),
            "data_folder": lambda: health.mount(self.data),
            "disk": lambda: health.disk(self.data, self.preferences.values.min_free_gb),
            "access": self.access,
            "library": lambda: health.library(self.backups),
            "backup": lambda: health.backup(self.backups, self.preferences.values.backup_nightly),
            "confinement": lambda: health.confinement(files=landlock.available(), calls=seccomp.available()),
            "pipeline": lambda: health.pipeline(self._runner.alive()),
            "speech": lambda: health.speech(self.setup.speech()),
            "ollama": lambda: health.ollama(self.setup.ollama(), wanted=self.preferences.values.notes_engine != "extractive"),
        }


LISTENERS: tuple[tuple[str, tuple[type[Event], ...], Callable[[CastMind, Any], object]], ...] = (
    ("runner", (JobsQueued, StepRequeued, CancelRequested, QueuePaused, QueueResumed), CastMind._wake_runner),
    ("notes that wait for a model", (ModelPulled,), CastMind._language_model_arrived),
)
"""A name for logs, the kinds that are heard, and what is called with each event, in a thread of its own."""

_current: CastMind | None = None


def build(loaded: Loaded | None = None) -> CastMind:
    """Makes CastMind and remembers it for `current()`. Raises StartError for settings that do not fit."""
    global _current  # noqa: PLW0603
    _current = CastMind(loaded or settings.load())
    return _current


def current() -> CastMind:
    """The one that this process runs."""
    if _current is None:
        raise CastMindError("CastMind is not built yet.")
    return _current
