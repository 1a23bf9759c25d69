"""A newcomer's first steps: clone, `make run`, open the page, try the sample; a second `make run` finds everything ready."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, cards
from tests.running import PROJECT, free_port, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.long]

INSTALLING = 420.0


@dataclass(frozen=True)
class Started:
    """A CastMind that `make run` started."""

    url: str
    client: httpx.Client
    guests: list[Callable[[], object]] = field(default_factory=list)


@contextmanager
def make_run(clone: Path, log: Path) -> Iterator[Started]:
    port = free_port()
    settings = {"CASTMIND_PORT": str(port), "OLLAMA_HOST": "http://127.0.0.1:9"}
    with log.open("ab") as output:
        # A group of its own, so that the server goes with make.
        process = subprocess.Popen(
            ["make", "run"],
            cwd=clone,
            env=os.environ | settings,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10.0, trust_env=False)

    def ready() -> bool:
        assert process.poll() is None, log.read_text()
        try:
            return client.get("/health/ready").status_code == 200
        except httpx.HTTPError:
            return False

    try:
        wait_for(ready, patience=INSTALLING, pause=0.5, why=log.read_text)
        started = Started(str(client.base_url), client)
        yield started
        for leave in list(started.guests):
            leave()
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)
        client.close()


def test_clone_run_sample_and_run_again(tmp_path: Path, visit: Visit) -> None:
    clone, log = tmp_path / "castmind", tmp_path / "log"
    subprocess.run(["git", "clone", "--quiet", str(PROJECT), str(clone)], check=True)
    with make_run(clone, log) as started:
        page = visit(started)
        page.get_by_role("button", name="Try the sample").click()
        cards(page, "episode").first.get_by_role("link").click()
        expect(page.get_by_test_id("gist")).not_to_be_empty()
        expect(page.get_by_test_id("point-0-quote")).to_be_visible()
        expect(page.get_by_test_id("segment-0")).not_to_be_empty()
        page.close()  # before its server goes
    installed = log.read_text()
    with make_run(clone, log) as started:
        assert started.client.get("/api/v1/episodes/1").json()["title"].startswith("CastMind sample")
    # Nothing was installed a second time.
    assert "Installing" not in log.read_text()[len(installed) :]
    assert (clone / "data" / "castmind.db").is_file()
