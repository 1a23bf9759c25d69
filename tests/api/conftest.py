"""A real server on its own port: uvicorn, the host guard, the routes, a real store. The pipeline does not run."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from core import settings
from core.api.server.answer_cache import Remembered
from core.api.server.host_guard import Guard, host_names
from core.background.tasks import Tasks
from core.domain.accounts.actor import IN_SCOPE, OWNER, SYSTEM
from core.domain.jobs.gpu_line import QueueState
from core.llm.locate import find
from core.net.web import Fetcher
from core.notes.language_model import LanguageModel
from core.ops.backup.backups import Backups
from core.ops.backup.restore import Restorer, Server
from core.ops.backup.service.backup_service import BackupService
from core.ops.backup.service.backup_task import BackupTask
from core.ops.backup.service.verify_task import VerifyTask
from core.ops.doctor.service.doctor_service import DoctorService
from core.ops.doctor.service.server_patient import server_patient
from core.ops.incidents.service.incident_service import IncidentService
from core.ops.logs.log_service import LogService
from core.services.accounts.accounts import Accounts
from core.services.accounts.audit import Audit
from core.services.accounts.front_door import FrontDoor
from core.services.feeds.discovery import PodcastDiscovery
from core.services.feeds.imports.import_line import LineImporter
from core.services.feeds.imports.import_task import ImportTask
from core.services.feeds.imports.imports import Imports
from core.services.feeds.imports.line_queue import LineQueue
from core.services.feeds.refresh import FeedRefresh
from core.services.feeds.refresh_task import RefreshTask
from core.services.feeds.subscriptions import Subscriptions
from core.services.feeds.unsubscribe import Unsubscribe
from core.services.ingest.ingest import Ingest
from core.services.ingest.uploads import Uploads
from core.services.jobs.queue import Queue
from core.services.jobs.tasks import TaskService
from core.services.library.bulk_actions import BulkActions
from core.services.library.bulk_task import BulkTask, BulkTasks
from core.services.library.covers import Covers
from core.services.library.export_archives import ExportArchives
from core.services.library.export_task import ExportTask
from core.services.library.exports import Exports
from core.services.library.library import Library
from core.services.library.retention import Retention
from core.services.library.statistics import Statistics
from core.services.library.trash import Trash
from core.services.notify.dispatch import Dispatch
from core.services.notify.notifications import Notifications
from core.services.reading.annotations import Annotations
from core.services.reading.clips import Clips
from core.services.reading.highlights import Highlights
from core.services.reading.note_versions import NoteVersions
from core.services.reading.publisher_extras import PublisherExtras
from core.services.reading.waveforms import Waveforms
from core.services.schedules.builtin import BUILTIN
from core.services.schedules.computer import Computer
from core.services.schedules.engine import ScheduleEngine
from core.services.schedules.kinds.export_library import ExportLibrary
from core.services.schedules.kinds.refresh_feeds import RefreshFeeds
from core.services.schedules.kinds.retry_failed import RetryFailed
from core.services.schedules.kinds.sweep import Sweep
from core.services.schedules.kinds.transcribe import TranscribeWaiting
from core.services.schedules.quiet_hours import QuietHours
from core.services.schedules.schedule_service import Schedules
from core.services.search.index_task import IndexTask
from core.services.search.search import Search
from core.services.settings.pull_task import PullTask
from core.services.settings.settings_service import SettingsService
from core.services.settings.setup_checklist import SetupChecklist
from core.speech.client.client import SpeechClient
from core.store.db.database import Store
from core.store.db.vault import Vault
from tests.api.contract_checker import ContractChecker
from tests.api.shared_server import SharedServer
from tests.new_database import new_database
from tests.runner_fixture import until

NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # reading them takes longer than a test
SAMPLES = Path(__file__).resolve().parents[2] / "demo" / "samples"


@dataclass
class Running:
    """The objects of core.app without threads. Tests change `healthy` and `ready`."""

    data: Path
    store: Store
    audit: Audit
    accounts: Accounts
    settings: SettingsService
    library: Library
    ingest: Ingest
    uploads: Uploads
    queue: Queue
    subscriptions: Subscriptions
    discovery: PodcastDiscovery
    refresh: FeedRefresh
    unsubscribe: Unsubscribe
    imports: Imports
    trash: Trash
    retention: Retention
    bulk_actions: BulkActions
    bulk_tasks: BulkTasks
    annotations: Annotations
    highlights: Highlights
    note_versions: NoteVersions
    clips: Clips
    waveforms: Waveforms
    covers: Covers
    publisher_extras: PublisherExtras
    backups: BackupService
    doctor: DoctorService
    incidents: IncidentService
    search: Search
    exports: Exports
    background: Tasks
    tasks: TaskService
    export_archives: ExportArchives
    setup_checklist: SetupChecklist
    statistics: Statistics
    notifications: Notifications
    schedules: Schedules
    quiet_hours: QuietHours
    logs: LogService
    ready: bool = True
    up: bool = True
    status: str = "healthy"
    version: str = "0.0.test"

    def health(self) -> dict[str, Any]:
        return {"status": self.status, "timestamp": "", "uptime": 0.0, "version": self.version, "checks": {}}


def at_once(name: str, run: Callable[[Callable[[], None]], None], *, url: str) -> None:
    """Run in place of the scheduler's threads."""
    run(lambda: None)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Running]:
    for name in ("uploads", "media", "exports", "backups"):
        (tmp_path / name).mkdir()
    environ = {"CASTMIND_DATA_DIR": str(tmp_path), "CASTMIND_ENV": "test", "CASTMIND_ALLOWED_PRIVATE_HOSTS": "127.0.0.1"}
    loaded = settings.load(environ=environ)
    store = Store(new_database(tmp_path))
    store.open()
    preferences = SettingsService(loaded, store, environ=environ)
    library = Library(store, preferences, tmp_path)
    fetcher = Fetcher(lambda: preferences.values.allowed_private_hosts)
    trash = Trash(store, preferences, tmp_path)
    selection = BulkActions(store, trash)
    annotations = Annotations(store)
    notebook = NoteVersions(store)
    feeds = Subscriptions(store, preferences, fetcher)
    finding = PodcastDiscovery(store, preferences, fetcher)
    ingest = Ingest(store, preferences, tmp_path)
    queue = Queue(store, retry=library.retry, gpu=QueueState)
    backups = Backups(tmp_path, lambda: preferences.values)
    restorer = Restorer(tmp_path, backups, Server(stop=store.give_up, start=store.open))
    language_model = LanguageModel(lambda: preferences.values, locate=lambda host: find([host]))
    exports = Exports(store)
    tasks = Tasks(store)
    tasks.register(BulkTask(selection), ExportTask(exports, tmp_path), IndexTask(store), PullTask(language_model))
    lines = LineQueue(store, LineImporter(store, feeds, discover=finding.discover), hand_out=at_once)
    tasks.register(RefreshTask(feeds, hand_out=at_once), ImportTask(store, lines))
    checklist = SetupChecklist(store, preferences, SpeechClient(), language_model, tmp_path, tasks=tasks)
    search = Search(store, tasks)
    doctor = DoctorService(
        tasks, server_patient(preferences, checklist, tasks, backups), rebuild_index=lambda: search.rebuild(SYSTEM)
    )
    tasks.register(BackupTask(backups), VerifyTask(backups), doctor.task_kind())
    tasks.start()
    dispatch = Dispatch(preferences, Vault.beside(store.path))
    own = (TranscribeWaiting(), RefreshFeeds(feeds), RetryFailed(selection), ExportLibrary(exports, selection))
    sweeps = [Sweep(name, lambda: 0, careful=False) for name in BUILTIN]
    engine = ScheduleEngine(store, preferences, tasks, hand_out=lambda _, run: run(lambda: None), kinds=lambda: (*own, *sweeps))
    engine.prepare()
    yield Running(
        tmp_path,
        store,
        Audit(store, store.events.publish),
        Accounts(store, FrontDoor(store, preferences, container=False)),
        preferences,
        library,
        ingest,
        Uploads(ingest),
        queue,
        feeds,
        finding,
        FeedRefresh(feeds, tasks),
        Unsubscribe(store, feeds, trash),
        Imports(store, tasks, lines),
        trash,
        Retention(store, preferences, tmp_path, trash),
        selection,
        BulkTasks(tasks),
        annotations,
        Highlights(store),
        notebook,
        Clips(library, tmp_path),
        Waveforms(store, tmp_path),
        Covers(store, fetcher, tmp_path),
        PublisherExtras(store, fetcher),
        BackupService(backups, restorer, tasks),
        doctor,
        IncidentService(store),
        search,
        exports,
        tasks,
        TaskService(tasks),
        ExportArchives(exports, tasks, tmp_path),
        checklist,
        Statistics(store, tmp_path),
        Notifications(store, Vault.beside(store.path), dispatch, wake=lambda: None),
        Schedules(store, preferences, engine),
        QuietHours(store, lambda: ["transcribe", "summarise"], Computer()),
        LogService(tmp_path / "logs", preferences),
    )
    tasks.stop()
    fetcher.close()
    dispatch.close()
    store.close()


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()


def contract_of(app: Starlette) -> dict[str, Any]:
    """Return the answer of /api/v1/openapi.json."""
    mounted = next(route.app for route in app.routes if isinstance(route, Mount) and isinstance(route.app, FastAPI))
    return mounted.openapi()


@pytest.fixture(scope="session")
def known_contract() -> Callable[[Starlette], dict[str, Any]]:
    """Cache the first server's contract for all tests: it depends on the code only, and generating it takes half a second."""
    known: list[dict[str, Any]] = []

    def of(app: Starlette) -> dict[str, Any]:
        if not known:
            known.append(contract_of(app))
        return known[0]

    return of


@pytest.fixture(scope="package")
def shared_server() -> Iterator[SharedServer]:
    server = SharedServer()
    yield server
    server.close()


class AsOwner:
    """Lets every request in as the owner, as the gate does on a computer without a login."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[IN_SCOPE] = OWNER
        await self._app(scope, receive, send)


@pytest.fixture
def address(
    services: Running, shared_server: SharedServer, known_contract: Callable[[Starlette], dict[str, Any]]
) -> Iterator[str]:
    names = host_names("127.0.0.1", ["castmind.home"])
    served = Starlette(
        routes=[*shared_server.routes(services), WebSocketRoute("/stream", echo)],
        middleware=[
            Middleware(Guard, names=names),
            Middleware(AsOwner),
            Middleware(Remembered, mark=partial(services.library.mark, SYSTEM)),
        ],
    )
    app = ContractChecker(served, known_contract(served))
    with shared_server.serving(app) as url:
        yield url
    assert app.broken == []


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=30, verify=NO_CERTIFICATES) as made:
        yield made


@pytest.fixture
def api(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{address}/api/v1", timeout=30, verify=NO_CERTIFICATES) as made:
        yield made


@pytest.fixture
def episode(api: httpx.Client) -> dict[str, Any]:
    """Return an uploaded sample."""
    sample = SAMPLES / "en_short.wav"
    answer = api.post("/episodes", files={"file": (sample.name, sample.read_bytes(), "audio/wav")})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def imported(api: httpx.Client, answer: httpx.Response) -> dict[str, Any]:
    """Return the import that the answer is about, once it has ended."""
    own = f"/imports/{answer.json()['id']}"
    until(lambda: not api.get(own).json()["running"])
    return dict(api.get(own).json())


def is_problem(answer: httpx.Response, status: int, code: str) -> bool:
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "code", "detail"} <= body.keys()
    return (answer.status_code, body["status"], body["code"]) == (status, status, code)
