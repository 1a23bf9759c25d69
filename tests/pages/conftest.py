"""The pages over a real CastMind with a data folder of its own, without Ollama."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from core import app, settings
from core.domain.transcripts.transcript import Segment, SpeechEngine, Transcript
from core.speech.client.client import SpeechClient
from core.speech.request import Probe, SpeechRequest
from core.store.db.sqlite import Database
from core.store.feeds import feeds
from core.store.jobs import jobs
from core.store.library import episodes
from core.store.text import transcripts
from tests.new_database import new_database

PROJECT = Path(__file__).resolve().parent.parent.parent
Open = Callable[..., AppTest]
TALK = Transcript("en", 60.0, (Segment(0, 0.0, 2.0, "A talk about cats."),), SpeechEngine("demo"))
_ask = SpeechClient.probe
_probes: dict[tuple[str, str], Probe] = {}


def probe_once(
    client: SpeechClient,
    request: SpeechRequest,
    *,
    fresh: bool = False,
    timeout: float = 120.0,
    check: Callable[[], None] = lambda: None,
) -> Probe:
    """A starting CastMind lets a speech worker probe this computer, which takes 1.4 s of processor time: for the demo model,
    which is part of the project, all starts share the first answer.
    """
    if request.model != "demo":
        return _ask(client, request, fresh=fresh, timeout=timeout, check=check)
    wanted = (request.device, request.compute_type)
    if wanted not in _probes:
        _probes[wanted] = _ask(client, request, fresh=fresh, timeout=timeout, check=check)
    return _probes[wanted]


@pytest.fixture(scope="session", autouse=True)
def scanned_once() -> Iterator[None]:
    """Each run of an AppTest looks for components in the metadata of every installed package, as a server does once at its
    start: that took half of the time of these tests. No package comes or goes while they run.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@contextmanager
def built(data: Path, **environ: str) -> Iterator[app.CastMind]:
    """A CastMind over this folder and environment, while the context lasts; nothing is opened."""
    new_database(data)
    environ = {
        "CASTMIND_ENV": "test",
        "CASTMIND_DATA_DIR": str(data),
        "CASTMIND_ALLOWED_PRIVATE_HOSTS": "127.0.0.1",
        "CASTMIND_NOTES_ENGINE": "extractive",
        "CASTMIND_WHISPER_MODEL": "demo",
        "CASTMIND_DEVICE": "cpu",
    } | environ
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        patch.setattr(SpeechClient, "probe", probe_once)
        yield app.build(settings.load())


@pytest.fixture
def castmind(tmp_path: Path) -> Iterator[app.CastMind]:
    with built(tmp_path / "data") as made:
        made.start()
        try:
            yield made
        finally:
            made.stop()


@contextmanager
def at_rest(data: Path, **environ: str) -> Iterator[app.CastMind]:
    """A CastMind whose library is open while nothing runs: jobs and tasks stay as the test leaves them."""
    with built(data, **environ) as made:
        for name in app.FOLDERS:
            (made.data / name).mkdir(exist_ok=True)
        made._open()
        try:
            yield made
        finally:
            made._fetcher.close()
            made._store.close()


@pytest.fixture
def resting(tmp_path: Path) -> Iterator[app.CastMind]:
    with at_rest(tmp_path / "data") as made:
        yield made


def open_page(page: str = "library/page.py", **query: str) -> AppTest:
    test = AppTest.from_file(str(PROJECT / "pages" / "shell.py"), default_timeout=60)
    for name, value in query.items():
        test.query_params[name] = value
    test.run()
    if page != "library/page.py":
        test.switch_page(page).run()
    assert not test.exception, test.exception
    return test


@pytest.fixture
def opened(castmind: app.CastMind) -> Open:
    return open_page


def given(page: AppTest, component: str) -> Any:
    """Return the data of the page's one component of that name."""
    (found,) = [each.proto for each in page.get("bidi_component") if each.proto.component_name == component]
    (data,) = json.loads(found.json)
    return data


def faults(page: AppTest) -> list[str]:
    """Return the errors under fields, without their icon and colour."""
    marked = [each.value for each in page.caption if each.value.startswith(":red[:material/error: ")]
    return [words.removeprefix(":red[:material/error: ").removesuffix("]") for words in marked]


@pytest.fixture
def two(castmind: app.CastMind) -> list[int]:
    """Return two episodes from files."""

    def add(db: Database) -> list[int]:
        return [episodes.add(db, {"title": title, "source": "upload", "duration": 100.0}, now=1000.0) for title in ("One", "Two")]

    return castmind.library._store.write(add)


@pytest.fixture
def seven(castmind: app.CastMind) -> list[int]:
    """Return seven episodes from files, newest first."""

    def add(db: Database) -> list[int]:
        return [episodes.add(db, {"title": f"Talk {n}", "source": "upload", "duration": 100.0}, now=1000.0 + n) for n in range(7)]

    return castmind.library._store.write(add)[::-1]


@pytest.fixture
def talks(castmind: app.CastMind) -> list[int]:
    """Return two transcribed episodes of feed 1, with ten bytes of audio each."""

    def fill(db: Database) -> list[int]:
        number = feeds.add(db, {"url": "https://f/", "title": "F", "next_poll_at": 4e9}, now=1.0)
        ids = []
        for n in (1, 2):
            row = {
                "feed_id": number,
                "title": f"Talk {n}",
                "source": "feed",
                "guid": str(n),
                "bytes": 10,
                "published_at": float(n),
            }
            ids.append(
                episodes.add(db, row | {"enclosure_url": "https://127.0.0.1:9/a", "media_path": f"media/{n}.mp3"}, now=1.0)
            )
            jobs.enqueue(db, ids[-1], priority=0, now=1.0)
            transcripts.save(db, ids[-1], TALK, now=1.0)
        db.execute("UPDATE jobs SET state = 'done'")  # type: ignore[attr-defined]
        return ids

    for n in (1, 2):
        (castmind.data / "media" / f"{n}.mp3").write_bytes(b"0123456789")
    return castmind.library._store.write(fill)


@pytest.fixture
def away(tmp_path: Path) -> Iterator[app.CastMind]:
    """Return a library at rest whose language model is looked for where nobody answers."""
    with at_rest(tmp_path / "data", CASTMIND_NOTES_ENGINE="auto", OLLAMA_HOST="http://no.such.host.invalid:11434") as made:
        yield made
