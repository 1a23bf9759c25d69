"""What a newcomer does: clone, `make run`, wait for the page, try the sample; the second `make run` finds everything ready."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.running import PROJECT, free_port, wait_for

INSTALLING = 420.0


@contextmanager
def make_run(clone: Path, log: Path) -> Iterator[httpx.Client]:
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
        yield client
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)
        client.close()


def test_clone_run_sample_and_run_again(tmp_path: Path) -> None:
    clone, log = tmp_path / "castmind", tmp_path / "log"
    subprocess.run(["git", "clone", "--quiet", str(PROJECT), str(clone)], check=True)
    with make_run(clone, log) as client:
        episode_id = client.post("/api/v1/episodes/sample").json()["id"]
        wait_for(lambda: client.get(f"/api/v1/episodes/{episode_id}/summary").status_code == 200, why=log.read_text)
        points = client.get(f"/api/v1/episodes/{episode_id}/summary").json()["points"]
        assert points and all(point["verified"] for point in points)
    installed = log.read_text()
    with make_run(clone, log) as client:
        assert client.get(f"/api/v1/episodes/{episode_id}").json()["title"].startswith("CastMind sample")
    # Nothing was installed a second time.
    assert "Installing" not in log.read_text()[len(installed) :]
    assert (clone / "data" / "castmind.db").is_file()
