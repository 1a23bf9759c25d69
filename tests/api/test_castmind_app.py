"""The program itself: `python castmind_app.py` as a process of its own, stopped by SIGTERM."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from streamlit.components.v2 import manifest_scanner

from tests.api.conftest import SAMPLES, is_problem
from tests.api.server.test_host_guard import handshake
from tests.warm_parent import PARENT

PROJECT = Path(__file__).resolve().parents[2]
SELF_MADE = [sys.executable, "castmind_app.py"]
BY_STREAMLIT = [sys.executable, "-m", "streamlit", "run", "castmind_app.py", "--server.port", "0"]


def environment(data: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "CASTMIND_ENV": "test", "CASTMIND_DATA_DIR": str(data), "CASTMIND_PORT": "0", **more}


@contextmanager
def serving(data: Path, command: Sequence[str] = SELF_MADE) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address that it prints once it is ready, and the process. It is always stopped."""
    log = (data / "stderr").open("w")
    process = subprocess.Popen(command, cwd=PROJECT, env=environment(data), stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert process.stdout
        lines = iter(process.stdout.readline, "")
        found = next((m for line in lines if (m := re.search(r"ready at (http://\S+)", line))), None)
        assert found, (data / "stderr").read_text()
        yield found[1], process
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close() if process.stdout else None
        log.close()


def refused(data: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(SELF_MADE, cwd=PROJECT, env=environment(data, **more), capture_output=True, text=True, check=False)


def test_it_serves_pages_and_api_behind_one_guard_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    with serving(tmp_path) as (address, process):
        with httpx.Client(base_url=address) as client:
            assert client.get("/health/ready").status_code == 200
            page = client.get("/episode?id=1")
            assert "script-src 'self' blob: 'sha256-" in page.headers["content-security-policy"]
            assert client.get("/api/v1/episodes").json() == {"items": [], "next_cursor": None}
            for path in ("/", "/_stcore/health", "/api/v1/episodes"):
                assert is_problem(client.get(path, headers={"Host": "evil.example"}), 403, "forbidden_origin")
        stream = address + "/_stcore/stream"
        host = urlsplit(address).netloc
        assert handshake(stream, host, f"http://{host}").startswith("101")
        assert handshake(stream, host, "https://evil.example").startswith("403")
        again = refused(tmp_path)
        assert again.returncode != 0
        assert "Another CastMind" in again.stderr
        assert "Traceback" not in again.stderr
        with half_sent_upload(address, tmp_path):
            process.send_signal(signal.SIGTERM)
            assert process.wait() in (0, -signal.SIGTERM)
    assert list(tmp_path.rglob("*.part")) == []
    assert "Traceback" not in (tmp_path / "stderr").read_text()


def test_nothing_is_missed_by_leaving_out_the_search_for_components_of_other_packages() -> None:
    assert manifest_scanner.scan_component_manifests() == []


def test_the_start_leaves_out_that_search_and_turns_the_garbage_collector_on_again(tmp_path: Path) -> None:
    script, said = tmp_path / "script.py", tmp_path / "said.txt"
    script.write_text(
        "import gc, castmind_app\n"
        "from streamlit.components.v2 import manifest_scanner\n"
        "print(manifest_scanner.scan_component_manifests is castmind_app.no_components, gc.isenabled())\n"
    )
    with said.open("wb") as file:
        assert PARENT.start(str(script), env=environment(tmp_path), stdout=file, stderr=file).wait(60) == 0
    assert said.read_text() == "True True\n"


@pytest.mark.long
def test_streamlit_can_start_it_too(tmp_path: Path) -> None:
    with serving(tmp_path, BY_STREAMLIT) as (address, _process):
        assert httpx.get(f"{address}/health/ready").status_code == 200
        assert httpx.get(address, headers={"Host": "evil.example"}).status_code == 403


@pytest.mark.parametrize(
    ("variable", "value"), [("CASTMIND_PORT", "many"), pytest.param("CASTMIND_DEVICE", "toaster", marks=pytest.mark.long)]
)
def test_a_setting_that_does_not_fit_is_named(tmp_path: Path, variable: str, value: str) -> None:
    ended = refused(tmp_path, **{variable: value})
    assert ended.returncode == 1
    assert variable.removeprefix("CASTMIND_").lower() in ended.stderr
    assert "Traceback" not in ended.stderr


@contextmanager
def half_sent_upload(address: str, data: Path) -> Iterator[None]:
    """A client that has sent the beginning of an upload and then says nothing more."""
    url = urlsplit(address)
    head = (
        f"POST /api/v1/episodes HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: 50000000\r\n"
        "Content-Type: multipart/form-data; boundary=B\r\n\r\n"
        '--B\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
    )
    with socket.create_connection((url.hostname or "", url.port or 0)) as line:
        line.sendall(head.encode() + (SAMPLES / "en_short.wav").read_bytes())
        while not list(data.rglob("*.part")):
            assert httpx.get(f"{address}/health/live").status_code == 200
        yield


@pytest.mark.long
def test_a_path_that_the_frame_refuses_is_a_problem_like_any_other(tmp_path: Path) -> None:
    paths = (
        "episodes/%00",
        "episodes/..%2f..%2fetc%2fpasswd",
        "tags/a%00b",
        "uploads/%2e%2e%2fkey",
        "backups/..%5c..%5cx",
        "%00",
    )
    with serving(tmp_path) as (address, _):
        for path in paths:
            for method in ("GET", "DELETE", "POST"):
                answer = httpx.request(method, f"{address}/api/v1/{path}")
                assert is_problem(answer, 404, "not_found"), (method, path, answer.text)
        assert httpx.get(f"{address}/media/..%2f..%2fkey").status_code == 400
