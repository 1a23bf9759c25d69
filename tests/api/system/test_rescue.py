"""The page at the app's port in place of a start without a library: the program itself, a real process."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import httpx
import pytest

from tests.api.conftest import is_problem
from tests.ops.backup import library
from tests.ops.backup.library import backups_of, rows
from tests.running import PROJECT, RunningApp, wait_for


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Recordings and a backup, but no database."""
    folder = tmp_path / "data"
    library.fill(folder)
    backups_of(folder).create("nightly", media=True)
    (folder / "castmind.db").unlink()
    return folder


class Asking(RunningApp):
    """One that is not expected to get ready by itself."""

    def __enter__(self) -> Self:
        return self.start(wait=False)


def asking(app: RunningApp) -> httpx.Response:
    """The page, once it waits for a choice."""

    def page() -> httpx.Response | None:
        try:
            answer = app.client.get("/")
        except httpx.HTTPError:
            return None
        return answer if "/rescue/new" in answer.text else None

    answer: httpx.Response = wait_for(page, why=app.last_words)
    return answer


def press(app: RunningApp, what: str, origin: str | None = None, **fields: str) -> httpx.Response:
    headers = {"Origin": origin or app.url, "Sec-Fetch-Site": "cross-site" if origin else "same-origin"}
    return app.client.post(f"/rescue/{what}", data=fields, headers=headers)


def told_to_deploy(app: RunningApp) -> bool:
    """Return the answer of the container's program that deploy.sh calls."""
    done = subprocess.run([PROJECT / "docker" / "run" / "asks", str(app.port)], check=False, capture_output=True, timeout=30)
    return done.returncode == 0


def test_it_asks_says_why_and_restores(data: Path) -> None:
    with Asking(data) as app:
        page = asking(app)
        assert told_to_deploy(app)
        assert (page.status_code, page.headers["cache-control"]) == (503, "no-store")
        assert "<script" not in page.text and "default-src 'self'" in page.headers["content-security-policy"]
        health = app.client.get("/health")
        assert health.status_code == 503 and health.json()["status"] == "unhealthy"
        check = health.json()["checks"]["library"]
        assert (check["status"], check["code"]) == ("fail", "library_missing") and "castmind.db" in check["output"]
        assert app.client.get("/health/ready").status_code == 503
        assert app.client.get("/health/live").status_code == 200
        for path in ("/api/v1/episodes", "/api/v1/backups", "/api/docs"):
            assert is_problem(app.client.get(path), 503, "library_missing")
        for path in ("/library", "/episode?id=1", "/_stcore/health", "/rescue/restore"):
            assert app.client.get(path).status_code == 503
        # Pages of other addresses, and other ports, press nothing.
        (name,) = re.findall(r'name="backup" value="([^"]+)"', page.text)
        for origin in ("https://evil.example", "http://127.0.0.1:1", "null"):
            assert is_problem(press(app, "new", origin=origin, sure="yes"), 403, "forbidden_origin")
            assert is_problem(press(app, "restore", origin=origin, backup=name), 403, "forbidden_origin")
        assert app.client.get("/", headers={"Host": "evil.example"}).status_code == 403
        assert not (data / "castmind.db").exists()
        assert press(app, "new").status_code == 422, "the box was not ticked"
        assert press(app, "restore", backup="../../etc/passwd").status_code == 404
        assert press(app, "elsewhere").status_code == 422
        assert app.client.post("/rescue/new", json={"sure": "yes"}, headers={"Origin": app.url}).status_code == 422
        assert press(app, "restore", backup="x" * 20_000).status_code == 422
        answer = press(app, "restore", backup=name, lang="zh")
        assert (answer.status_code, answer.headers["location"]) == (303, "/?lang=zh")
        wait_for(app.ready, why=app.last_words)
        assert not told_to_deploy(app)
        assert len(app.client.get("/api/v1/episodes").json()["items"]) == 4
        assert app.client.get("/health").status_code == 200
        page = app.client.get("/")
        assert page.status_code == 200 and "/rescue/" not in page.text


@pytest.mark.long
def test_a_new_library_gets_the_recordings_back(data: Path) -> None:
    (data / "castmind.db").write_bytes(b"broken" * 1000)
    sample = (PROJECT / "demo" / "samples" / "en_short.wav").read_bytes()
    (data / "uploads" / "interview.wav").write_bytes(sample)
    with Asking(data, CASTMIND_NOTES_ENGINE="extractive") as app:
        page = asking(app)
        assert app.client.get("/health").json()["checks"]["library"]["code"] == "database_damaged"
        assert "can’t be opened" in page.text
        assert press(app, "new", sure="yes").status_code == 303
        wait_for(app.ready, why=app.last_words)
        titles = wait_for(lambda: [e["title"] for e in app.client.get("/api/v1/episodes").json()["items"]])
        assert titles == ["interview"]
    assert [path.read_bytes() for path in data.glob("damaged-*/castmind.db")] == [b"broken" * 1000]


@pytest.mark.parametrize(
    ("accepted", "query", "language"),
    [
        ("zh-CN,zh;q=0.9", "", "zh"),
        ("de-DE, zh-TW;q=0.8, en;q=0.5", "", "zh"),
        ("fr", "", "en"),
        ("", "", "en"),
        ("zh", "?lang=en", "en"),
        ("en", "?lang=zh", "zh"),
        ("en", "?lang=%3Cscript%3E", "en"),
        ("\xff" * 3000, "", "en"),
    ],
)
def test_it_speaks_the_readers_language(shared: RunningApp, accepted: str, query: str, language: str) -> None:
    page = shared.client.get(f"/{query}", headers={"Accept-Language": accepted.encode("latin-1")}).text
    assert ("资料库不见了" in page, "Your library is missing" in page) == (language == "zh", language == "en")
    assert "<script" not in page


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    folder = tmp_path_factory.mktemp("rescue") / "data"
    library.fill(folder)
    (folder / "castmind.db").unlink()
    with Asking(folder) as app:
        asking(app)
        yield app


def test_without_any_backup_it_says_so(shared: RunningApp) -> None:
    page = asking(shared).text
    assert "No good backup found" in page and "/rescue/restore" not in page


@pytest.mark.long
def test_the_command_line_says_it_in_a_sentence(data: Path) -> None:
    for arguments, status in ((["migrate"], 5), (["reindex"], 1), (["backup"], 1)):
        done = subprocess.run(
            [sys.executable, "-m", "core", *arguments],
            cwd=PROJECT,
            env={"PATH": "/usr/bin:/bin", "CASTMIND_DATA_DIR": str(data), "CASTMIND_ENV": "test"},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr and done.stderr.rstrip().endswith("]")
    assert not (data / "castmind.db").exists()


@pytest.mark.long
def test_the_command_line_restores_while_the_page_waits(data: Path) -> None:
    (backup,) = (data / "backups").glob("*.zip")
    with Asking(data) as app:
        asking(app)
        subprocess.run(
            [sys.executable, "-m", "core", "restore", "--yes", backup.name],
            cwd=PROJECT,
            env={"PATH": "/usr/bin:/bin", "CASTMIND_DATA_DIR": str(data), "CASTMIND_ENV": "test"},
            capture_output=True,
            check=True,
            timeout=60,
        )
        assert len(rows(data / "castmind.db")["episodes"]) == 4
        assert press(app, "again").status_code == 303
        wait_for(app.ready, why=app.last_words)


def test_a_database_deleted_under_the_server_is_said_and_comes_back_with_a_stop(tmp_path: Path) -> None:
    sample = PROJECT / "demo" / "samples" / "silence.wav"
    with RunningApp(tmp_path / "data", CASTMIND_NOTES_ENGINE="extractive", CASTMIND_WHISPER_MODEL="demo") as app:
        assert app.upload(sample, title="Kept").status_code == 201
        for path in app.data.glob("castmind.db*"):
            path.unlink()
        health = app.client.get("/health")
        assert health.status_code == 503 and health.json()["checks"]["database"]["code"] == "deleted"
        assert is_problem(app.client.patch("/api/v1/settings", json={"backlog": 7}), 503, "database_gone")
        app.stop()
        app.start()
        assert [row["title"] for row in app.client.get("/api/v1/episodes").json()["items"]] == ["Kept"]
        assert app.client.get("/health").status_code == 200
