"""The composition root: creates every part, connects them, and starts and stops them in one visible order.

build()  settings from files and environment; nothing is opened
start()    lock the data folder ▶ open the store ▶ take leases back ▶ pipeline ▶ scheduler ▶ inbox
stop()     inbox ▶ scheduler ▶ pipeline and speech worker ▶ store ▶ unlock
           no library, or one that cannot be opened ▶ core.ops.backup.rescue asks the user ▶ start()
restorer   core.ops.backup.restore: a stop that keeps the lock ▶ the folder is swapped ▶ a start
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
from core.app import rights
from core.app.checks import CHECKS, OPTIONAL, left_out
from core.app.chores import CHORES
from core.app.listeners import LISTENERS
from core.app.mended import mended
from core.app.services import SERVICES, Parts
from core.app.task_kinds import TASK_KINDS
from core.background.tasks import Tasks
from core.domain.accounts.actor import SYSTEM
from core.domain.jobs.gpu_line import Priority
from core.errors import CastMindError, Conflict, ShuttingDown
from core.message import Message
from core.net.web import Fetcher
from core.notes.language_model import LanguageModel
from core.ops import console_token, health, part_checks, recovery
from core.ops.backup import upgrade
from core.ops.healing.supervisor import Supervisor
from core.ops.health import Check
from core.ops.incidents.keeper import last_sign_of_life
from core.ops.last_run import End, LastRun
from core.pipeline.executor import LocalExecutor
from core.pipeline.gpu import GpuLease
from core.pipeline.gpu_queue import Taker
from core.pipeline.graph import steps
from core.pipeline.runner import Runner
from core.pipeline.step import Resources
from core.services.settings.settings_service import SettingsService
from core.services.settings.setup_checklist import SetupChecklist
from core.settings import VERSION, Loaded
from core.sources.uploads.inbox import Inbox
from core.speech.client.client import SpeechClient
from core.store.accounts import users
from core.store.db import damage
from core.store.db.database import Store
from core.store.db.folder_lock import DataFolderLock
from core.store.db.vault import Vault
from core.store.sealed import key_rotation, sealed_columns

log = logging.getLogger(__name__)

FOLDERS = ("uploads", "media", "inbox", "exports", "models", "backups", "logs", "reports")


class CastMind(Parts):
    """The whole application over one data folder. Pages reach it by `current()`."""

    version = VERSION

    def __init__(self, loaded: Loaded) -> None:
        self.data = loaded.values.data
        self._lock = DataFolderLock(self.data)
        self._last_run = LastRun(self.data)
        self._store = Store(self.data / "castmind.db")
        self.events = self._store.events
        self.settings = SettingsService(loaded, self._store)
        self._tasks = Tasks(self._store)
        self.device: int | None = None
        self._started, self._ending, self._up = threading.Event(), threading.Event(), threading.Event()
        self._make_engine()
        for name, make in SERVICES:
            setattr(self, name, make(self))
        rights.hold(self, ("settings", "setup_checklist", *dict(SERVICES)), self.audit.note)
        self._inbox = Inbox(self.data / "inbox", self._take_from_inbox, polling=loaded.values.inbox_polling)
        self._supervisor = Supervisor(mended(self), publish=self.events.publish)
        checks = {name: partial(check, self) for name, check in CHECKS.items()}
        self._health = health.Health(checks, version=VERSION, optional=OPTIONAL, left_out=partial(left_out, self))
        self._tasks.register(*(kind(self) for kind in TASK_KINDS))
        for name, kinds, hear in LISTENERS:
            self.events.listen(name, partial(hear, self), *kinds)

    def _make_engine(self) -> None:
        """Create the parts that run jobs, and the resources that they use."""
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
            tasks=self._tasks,
            hold=lambda check: self._gpu.proof(Taker(Message("trial of the device", "taker.trial"), Priority.PERSON, check)),
        )
        self._gpu = GpuLease(
            self._speech,
            card=self.setup_checklist.card,
            ollama=self._language_model.client,
            on_processor=self._language_model.on_processor,
            folder=self.data,
        )
        lent = LocalExecutor(Resources(self.data, self._speech, self._language_model, self._gpu, self._fetcher))
        rest = lambda: self.quiet_hours.resting()  # noqa: E731, PLW0108  # it is made later
        self._runner = Runner(self._store, self.settings, steps(), lent, rest=rest)

    # --- life -----------------------------------------------------------------------------------

    def start(self) -> None:
        """Start everything. Raises StartError if the data folder cannot be used."""
        self._lock.acquire()
        try:
            with damage.told_at_start(self._store.path):
                self._prepare()
        except BaseException:
            self._store.close()
            self._lock.release()
            raise
        for seconds, name, do, careful in CHORES:
            work: Callable[[], None] = partial(do, self)
            self._scheduler.every(seconds, name, self._backups.shrinking.unless_shrunk(work) if careful else work)
        self._start_work()

    def _prepare(self) -> None:
        """Prepare the data folder and open the store."""
        seen = last_sign_of_life(self.data)
        for folder in FOLDERS:
            (self.data / folder).mkdir(exist_ok=True)
        self.device = health.device_of(self.data)
        self.logs.start()
        self._litestream.release()
        console_token.write(self.data, self.sessions.local_token())
        if (found := self.access()).status != "pass":
            log.warning(found.output)
        upgrade.make_ready(self.data, self._backups)
        if ended := self._last_run.how_it_ended():
            self._incident_keeper.crashed(ended, seen)
        self._open(ended=ended)
        self._last_run.begin()
        with damage.said(self._store.path):
            recovery.sweep(self.data, self.queue, self.ingest)

    def leave(self) -> None:
        """Note that the end was requested, so that it is not taken for a crash, however long the rest takes.

        Safe in a signal handler.
        """
        self._last_run.end()

    def stop(self) -> None:
        """Stop everything; running jobs are requeued. Takes about two seconds at most."""
        self.leave()
        self._ending.set()
        self.rescue.end()
        self._end_work()
        self._fetcher.close()
        self._dispatch.close()
        self._store.close()
        self._last_run.close()
        self._lock.release()

    def _open(self, *, ended: End | None = None) -> None:
        self._store.open()
        with damage.said(self._store.path):
            self._check_secrets()
            self.settings.read_saved()
            if not users.has_owner(self._store.read()):
                self._store.write(partial(users.add_owner_if_missing, now=time.time()))
            self.logs.apply_levels()
            self.user_preferences.read_saved()
            self.front_door.read_saved()
            recovery.take_back(self._store, ended)
            self._schedule_engine.prepare()
        if self.settings.values.replica:
            self._litestream.make_folder()
        self._litestream.follow()

    def _check_secrets(self) -> None:
        vault = Vault.beside(self._store.path)
        key_rotation.settle(self._store, vault)
        if lost := sealed_columns.unreadable(self._store.read(), vault):
            log.warning("data/secret.key is missing or another than the one that sealed: %s", "; ".join(lost))

    def _start_work(self) -> None:
        self._runner.start()
        self.imports.start()
        self._scheduler.start()
        self._inbox.start()
        self.statistics.start()
        self._sending.start()
        self._tasks.start()
        self.setup_checklist.speech(SYSTEM)
        self._supervisor.start()
        self._started.set()
        self._up.set()

    def _end_work(self) -> bool:
        """End all work; return whether it has ended."""
        self._started.clear()
        self._supervisor.stop()
        tasks_ended = self._tasks.stop()
        self.statistics.stop()
        self._sending.stop()
        self._inbox.stop()
        polls_ended = self._scheduler.stop()
        # The speech worker returns its window while the runs are told to end, so both run at once.
        ending = threading.Thread(target=self._speech.stop, name="speech-stop")
        ending.start()
        runs_ended = self._runner.stop()
        ending.join()
        return tasks_ended and polls_ended and runs_ended

    # --- restoring ------------------------------------------------------------------------------

    def _pause(self) -> None:
        """End all work and close the database; its users get Restoring."""
        # Jobs that a backup lists as running were not running at this end, so it is no crash.
        self._last_run.end()
        try:
            ended = self._end_work()
        finally:
            self._litestream.release()
            self._store.give_up()
        if not ended:
            self._try_to_go_on()
            raise Conflict(
                "Work that runs could not be ended. Nothing was changed; try again in a minute.",
                state="running",
                case="still_running",
            )

    def _try_to_go_on(self) -> None:
        try:
            self._go_on()
        except Exception:
            log.exception("CastMind did not go on after a restore that could not begin; restart it")

    def _go_on(self) -> None:
        """Open the present library in the data folder. Raises if that fails."""
        if self._ending.is_set():
            raise ShuttingDown()
        self._speech.resume()
        self._open()
        # Sessions that were revoked may be rows of the restored library.
        self.sessions.end_all()
        self._last_run.begin()
        self._start_work()
        if health.database(self._store).status == "fail" or not self._runner.alive():
            raise CastMindError("CastMind did not come up with what was restored.")

    @property
    def ready(self) -> bool:
        return self._started.is_set()

    @property
    def up(self) -> bool:
        """Whether the first start is over; also while a restore makes the server wait."""
        return self._up.is_set()

    def health(self) -> dict[str, Any]:
        """Return the body of GET /health."""
        return self._health.report()

    # --- joints ---------------------------------------------------------------------------------

    def _take_from_inbox(self, path: Path) -> None:
        listed = self.ingest.take_file(path, path.relative_to(self.data / "inbox").parts[:-1])
        log.info("took %s from the inbox", path.name, extra={"episode_id": listed.episode.id})

    def access(self) -> Check:
        """Check who can open this server."""
        return part_checks.access(self.front_door)


_current: CastMind | None = None


def build(loaded: Loaded | None = None) -> CastMind:
    """Create CastMind and register it for `current()`. Raises StartError for invalid settings."""
    global _current  # noqa: PLW0603
    _current = CastMind(loaded or settings.load())
    return _current


def current() -> CastMind:
    """Return the CastMind of this process."""
    if _current is None:
        raise CastMindError("CastMind is not built yet.")
    return _current
