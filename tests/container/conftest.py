"""The engine and the images, once for all tests: scripts/container-engine base ─▶ build the target ─▶ its tag."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.container.engine import answers, build
from tests.running import PROJECT


def container_engine(command: str) -> None:
    done = subprocess.run(
        [PROJECT / "scripts" / "container-engine", command], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def engine() -> Iterator[None]:
    """An engine that answers, with the bases of test images. One that was started for this ends afterwards."""
    ran_before = answers()
    container_engine("base")
    yield
    if not ran_before:
        container_engine("stop")


@pytest.fixture(scope="session")
def cpu_image(engine: None) -> str:
    return build("cpu", "castmind-test:cpu", "--build-arg=REVISION=tested", "--build-arg=SOURCE=https://example.org/castmind")


@pytest.fixture(scope="session")
def cuda_image(engine: None) -> str:
    return build("cuda", "castmind-test:cuda")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """An empty data folder that belongs to root, as one that Docker made for a bind mount."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder
