"""The composition root: makes every part, joins them, and starts and stops them in one visible order.

build()  settings from files and environment; nothing is opened
start()    lock the data folder ▶ open the store ▶ take leases back ▶ pipeline ▶ scheduler ▶ inbox
stop()     inbox ▶ scheduler ▶ pipeline and speech worker ▶ store ▶ unlock
           no library, or one that cannot be opened ▶ core.ops.backup.rescue asks what to do ▶ start()
restore()  core.ops.backup.restore: a stop that keeps the lock ▶ the folder is exchanged ▶ a start
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
from core.background.scheduler import Scheduler
from core.background.task_kind import TaskKind
from core.background.tasks import Tasks
from core.domain.jobs.gpu_line import Priority
from core.domain.jobs.job import Stage, State
from core.errors import CastMindError, Conflict, OllamaBroke, ShuttingDown
from core.events import CancelRequested, Event, JobsQueued, ModelPulled, QueuePaused, QueueResumed, StepRequeued
from core.export import export_files
from core.files import partial_files
from core.message import Message
from core.net.web import Fetcher
from core.notes.language_model import LanguageModel
from core.ops import health, logs
from core.ops.backup import upgrade
from core.ops.backup.backups import Backups
from core.ops.backup.rescue import Rescue
from core.ops.backup.restore import Restorer, RestoreResult, RestoreState, Server
from core.ops.backup.verification import Verification
from core.ops.health import Check, CheckFunction
from core.ops.last_run import End, LastRun
from core.ops.orphans import Orphans
from core.pipeline.executor import LocalExecutor
from core.pipeline.gpu import GpuLease
from core.pipeline.gpu_queue import Taker
from core.pipeline.graph import steps
from core.pipeline.runner import Runner
from core.pipeline.step import Resources
from core.sandbox import landlock, seccomp
from core.services.feeds.discovery import PodcastDiscovery
from core.services.feeds.imports import Imports
from core.services.feeds.refresh import FeedRefresh
from core.services.feeds.subscriptions import Subscriptions
from core.services.feeds.unsubscribe import Unsubscribe
from core.services.ingest.growing_files import GrowingFiles
from core.services.ingest.ingest import Ingest
from core.services.ingest.recordings import Recordings
from core.services.ingest.strays import Strays
from core.services.ingest.uploads import Uploads
from core.services.jobs.queue import Queue
from core.services.library.bulk_actions import BulkActions
from core.services.library.bulk_task import BulkTask
from core.services.library.covers import Covers
from core.services.library.export_archives import ExportArchives
from core.services.library.export_task import ExportTask
from core.services.library.exports import Exports
from core.services.library.library import Library
from core.services.library.retention import Retention
from core.services.library.search import Search
from core.services.library.statistics import Statistics
from core.services.library.trash import Trash
from core.services.reading.annotations import Annotations
from core.services.reading.clips import Clips
from core.services.reading.note_versions import NoteVersions
from core.services.reading.publisher_extras import PublisherExtras
from core.services.settings.settings_service import SettingsService
from core.services.settings.setup_checklist import SetupChecklist
from core.settings import VERSION, Loaded
from core.sources.media.download import part_name
from core.sources.uploads.inbox import Inbox
from core.speech.client.client import SpeechClient
from core.store.db import damage
from core.store.db.database import DataFolderLock, Store
from core.store.jobs import jobs, leases

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
        self.tasks = Tasks(self._store)
        self.settings = SettingsService(loaded, self._store)
        self._speech = SpeechClient(lambda: self.settings.values.speech_idle_seconds)
        self._fetcher = Fetcher(lambda: self.settings.values.allowed_private_hosts)
        self._language_model = LanguageModel(
            lambda: self.settings.values, publish=self.events.publish, card=lambda: self.setup_checklist.card_memory
        )
        self.setup_checklist = SetupChecklist(
            self._store,
            self.settings,
            self._speech,
            self._language_model,
            self.data,
            hold=lambda: self.gpu.proof(Taker(Message("trial of the device", "taker.trial"), Priority.PERSON)),
        )
        self.gpu = GpuLease(
            self._speech,
            card=self.setup_checklist.card,
            ollama=self._language_model.client,
            on_processor=self._language_model.on_processor,
            folder=self.data,
        )
        lent = Resources(self.data, self._speech, self._language_model, self.gpu, self._fetcher)
        self._runner = Runner(self._store, self.settings, steps(), LocalExecutor(lent))
        self.library = Library(self._store, self.settings, self.data)
        self.trash = Trash(self._store, self.settings, self.data, abandon=self._runner.abandon)
        self.retention = Retention(self._store, self.settings, self.data, self.trash)
        self.bulk_actions = BulkActions(self._store, self.trash)
        self.annotations = Annotations(self._store)
        self.note_versions = NoteVersions(self._store)
        self.clips = Clips(self.library, self.data)
        self.covers = Covers(self._store, self._fetcher, self.data)
        self.publisher_extras = PublisherExtras(self._store, self._fetcher)
        self.ingest = Ingest(self._store, self.settings, self.data)
        self.uploads = Uploads(self.ingest)
        self._strays = Strays(self._store, self.ingest, self.data)
        self._renewing = GrowingFiles(self._store, self.ingest, self.data)
        self.recordings = Recordings(self.ingest)
        self.queue = Queue(self._store, retry=self.library.retry)
        self.subscriptions = Subscriptions(self._store, self.settings, self._fetcher)
        self.search = Search(self._store)
        self.statistics = Statistics(self._store, self.data)
        self.exports = Exports(self._store)
        self.export_archives = ExportArchives(self.exports, self.tasks, self.data)
        self._scheduler = Scheduler(self.subscriptions)
        self.discovery = PodcastDiscovery(self._store, self.settings, self._fetcher)
        self.refresh = FeedRefresh(self.subscriptions, hand_out=self._scheduler.hand_out)
        self.unsubscribe = Unsubscribe(self._store, self.subscriptions, self.trash)
        self.imports = Imports(
            self._store, self.subscriptions, discover=self.discovery.discover, hand_out=self._scheduler.hand_out
        )
        self._inbox = Inbox(self.data / "inbox", self._take_from_inbox, polling=values.inbox_polling)
        self.backups = Backups(self.data, lambda: self.settings.values, publish=self.events.publish)
        self.verification = Verification(self.backups)
        self._restorer = Restorer(self.data, self.backups, Server(stop=self._pause, start=self._go_on))
        self.rescue = Rescue(self.data, self.backups, self.start)
        self._health = health.Health(self._checks(), version=VERSION)
        self._orphans = Orphans(self._store, self.data, backups=self.backups.listing, began=self.backups.began)
        self._started, self._ending = threading.Event(), threading.Event()
        self._join()

    def _join(self) -> None:
        """What stands in the tables below."""
        self.tasks.register(*(kind(self) for kind in TASK_KINDS))
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
        self._scheduler.every(3600.0, "forget feeds that were removed", careful(self.unsubscribe.step))
        self._scheduler.every(60.0, "nightly backup", self.backups.step)
        self._scheduler.every(60.0, "empty the trash", careful(self.trash.step))
        self._scheduler.every(60.0, "look after tasks", self.tasks.step)
        self._scheduler.every(600.0, "take old exports away", self.export_archives.step)
        self._scheduler.every(3600.0, "sweep covers", careful(self.covers.tidy))
        self._scheduler.every(3600.0, "sweep audio that no episode names", careful(self._orphans.step))
        self._scheduler.every(300.0, "let go of what is not kept", careful(self.retention.step))
        self._scheduler.every(60.0, "look after unfinished uploads", self.ingest.step)
        self._scheduler.every(10.0, "bring back recordings that no episode names", self._strays.step)
        self._scheduler.every(10.0, "follow recordings that go on growing", self._renewing.step)
        self._scheduler.every(60.0, "fetch what publishers supply", self.publisher_extras.step)
        self._scheduler.every(5.0, "index what came in", self.search.look)
        self._scheduler.every(2.0, "fetch covers that were looked at", self.covers.step)
        self._scheduler.every(2.0, "count what the data folder takes", self.statistics.step)
        self._start_work()

    def _prepare(self) -> None:
        """The data folder as work needs it, and the store open."""
        for folder in FOLDERS:
            (self.data / folder).mkdir(exist_ok=True)
        logs.configure(self.data / "logs", self.settings.values.log_level)
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
        self.verification.cancel()
        self._end_work()
        self._fetcher.close()
        self._store.close()
        self._last_run.close()
        self._lock.release()

    def _open(self, *, ended: End | None = None) -> None:
        self._store.open()
        with damage.said(self._store.path):
            self.settings.read_saved()
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
            names = {"job_id": job.id, "episode_id": job.episode_id, "stage": job.stage}
            log.warning("%s is %s: %s", job.stage, job.state.value, (job.error or {}).get("detail", ""), extra=names)

    def _start_work(self) -> None:
        self.setup_checklist.speech()
        self._runner.start()
        self.imports.start()
        self.refresh.start()
        self._scheduler.start()
        self._inbox.start()
        self.search.start()
        self.statistics.start()
        self.tasks.start()
        self._started.set()

    def _end_work(self) -> bool:
        """Says whether all of it has ended."""
        self._started.clear()
        tasks_ended = self.tasks.stop()
        self.search.stop()
        self.statistics.stop()
        self._inbox.stop()
        polls_ended = self._scheduler.stop()
        # The worker hands its window in while the runs are told to end: both at once.
        ending = threading.Thread(target=self._speech.stop, name="speech-stop")
        ending.start()
        runs_ended = self._runner.stop()
        ending.join()
        return tasks_ended and polls_ended and runs_ended

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
        self.verification.cancel()
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
        listed = self.ingest.take_file(path, path.relative_to(self.data / "inbox").parts[:-1])
        log.info("took %s from the inbox", path.name, extra={"episode_id": listed.episode.id})

    def _wake_runner(self, _event: Event) -> None:
        self._runner.wake()

    def _language_model_arrived(self, _event: Event | None = None) -> None:
        self._store.write(lambda db: jobs.wake(db, Stage.SUMMARISE))

    def _look_for_what_jobs_wait_for(self) -> None:
        """Notes wait for Ollama: as soon as it answers with a model, they go on. What broke off comes back in its own time."""
        rows = self.queue.jobs([State.WAITING], limit=20)
        waiting = any(row.job.stage == Stage.SUMMARISE and (row.job.error or {}).get("code") != OllamaBroke.code for row in rows)
        if waiting and self.setup_checklist.ollama(refresh=True).usable:
            self._language_model_arrived()

    def _sweep(self) -> None:
        """Deletes what uploads and downloads left half done, but for downloads that will be resumed."""
        fetching = {part_name(row.job.episode_id) for row in self.queue.jobs() if row.job.stage == Stage.FETCH}
        partial_files.sweep(self.data / "uploads")
        export_files.sweep(self.data / "exports")
        partial_files.sweep(self.data / "media", fetching)
        if found := self.ingest.resumable.recover():
            log.warning("%d uploads had lost their notes; what they hold is taken in", found)

    def access(self) -> Check:
        """Who can reach this server; its address is fixed while it runs."""
        return health.access(self._listening, container=settings.in_container())

    def _checks(self) -> dict[str, CheckFunction]:
        return {
            "database": lambda: health.database(self._store),
            "writes": lambda: health.writes(self._store),
            "data_folder": lambda: health.mount(self.data),
            "disk": lambda: health.disk(self.data, self.settings.values.min_free_gb),
            "access": self.access,
            "library": lambda: health.library(self.backups),
            "backup": lambda: health.backup(self.backups, self.settings.values.backup_nightly),
            "confinement": lambda: health.confinement(files=landlock.available(), calls=seccomp.available()),
            "pipeline": lambda: health.pipeline(self._runner.alive()),
            "speech": lambda: health.speech(self.setup_checklist.speech()),
            "ollama": lambda: health.ollama(
                self.setup_checklist.ollama(), wanted=self.settings.values.notes_engine != "extractive"
            ),
        }


LISTENERS: tuple[tuple[str, tuple[type[Event], ...], Callable[[CastMind, Any], object]], ...] = (
    ("runner", (JobsQueued, StepRequeued, CancelRequested, QueuePaused, QueueResumed), CastMind._wake_runner),
    ("notes that wait for a model", (ModelPulled,), CastMind._language_model_arrived),
)
"""A name for logs, the kinds that are heard, and what is called with each event, in a thread of its own."""

TASK_KINDS: tuple[Callable[[CastMind], TaskKind], ...] = (
    lambda castmind: BulkTask(castmind.bulk_actions),
    lambda castmind: ExportTask(castmind.exports, castmind.data),
)
"""Each kind of long work in the background."""

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
