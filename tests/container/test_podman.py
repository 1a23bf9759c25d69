"""The same Dockerfile and the same image with podman in place of docker.

docker save ─▶ podman load: the base, which nobody can pull here, and the image that docker built
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.container.engine import BASE, DOCKER, RunningContainer, docker
from tests.container.test_lifecycle import hear_and_read, shown
from tests.running import PROJECT, wait_for

pytestmark = [pytest.mark.container, pytest.mark.long]

# runc is docker's own runtime, so it is there; crun refuses some machines' control groups.
PODMAN = ("/usr/bin/podman", "--runtime=runc")
# podman would raise these as far as the kernel can count, which not every machine lets its root do.
LIMITS = ("--ulimit=nofile=4096:4096", "--ulimit=nproc=4096:4096")
BUILT = "castmind-test-podman:cpu"


class InPodman(RunningContainer):
    engine = PODMAN

    def healthy(self) -> bool:
        """By the image's own check, which podman runs when it is asked to."""
        return docker("healthcheck", "run", self.name, check=False, engine=PODMAN).returncode == 0


def hand_over(image: str) -> str:
    """Copies an image of docker's to podman, which then calls it localhost/…"""
    with subprocess.Popen([DOCKER, "save", image], stdout=subprocess.PIPE) as saving:
        loaded = subprocess.run([*PODMAN, "load"], stdin=saving.stdout, capture_output=True, text=True, check=False)
    assert saving.returncode == 0
    assert loaded.returncode == 0, loaded.stderr
    return f"localhost/{image}"


@pytest.fixture(scope="module")
def podman(engine: None) -> None:
    command = [PROJECT / "scripts" / "system-packages", "podman", "containernetworking-plugins"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def use_it(image: str, data: Path) -> None:
    """Healthy by podman's own word, a sample heard and read, stopped in time, and all of it there after a start."""
    with InPodman(image, data, *LIMITS) as app:
        before = hear_and_read(app)
        wait_for(app.healthy, why=app.last_words)
        assert app.stop() != 137, app.last_words()
        app.start()
        assert {episode_id: shown(app, episode_id) for episode_id in before} == before


def test_podman_runs_what_docker_built(podman: None, cpu_image: str, data: Path) -> None:
    use_it(hand_over(cpu_image), data)


def test_podman_builds_and_runs_the_same_dockerfile(podman: None, data: Path) -> None:
    base = f"--build-arg=BASE_IMAGE={hand_over(BASE)}"
    # The host's network: a build fetches packages, and needs no network of its own for that.
    # Docker's format: podman's own has no place for a health check.
    docker(
        "build", "--format=docker", "--network=host", base, "--target=cpu", f"--tag={BUILT}", ".", engine=PODMAN, timeout=1800.0
    )
    use_it(f"localhost/{BUILT}", data)
