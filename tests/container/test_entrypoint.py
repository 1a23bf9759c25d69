"""The container as strangers start it: the user it becomes, the owners it repairs, its messages if it cannot start."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Self

import httpx
import pytest

from tests.container.engine import HARDENED, NO_CAPABILITIES, RunningContainer, docker, inside, new_name
from tests.running import wait_for

pytestmark = pytest.mark.container
STRANGER = 54321
NO_DATABASE = b"this is no database" * 100
# Replaces python: a migration that takes a moment to stop.
SLOW_MIGRATION = """#!/bin/bash
trap 'sleep 1; echo rolled back; exit 3' TERM
echo migrating
sleep 60 & wait $!
"""


class Waiting(RunningContainer):
    """A container that is not expected to become ready."""

    def __enter__(self) -> Self:
        return self.start(wait=False)


def answers(app: RunningContainer) -> bool:
    try:
        return app.client.get("/health").status_code == 503
    except httpx.TransportError:
        return False


def owner(path: Path) -> tuple[int, int]:
    status = path.lstat()
    return status.st_uid, status.st_gid


def refused(image: str, data: Path, *options: str, hardening: tuple[str, ...] = HARDENED) -> str:
    """Return the output of a container that does not start."""
    done = docker("run", "--rm", f"--name={new_name()}", *hardening, *options, f"--volume={data}:/app/data", image, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stderr


def process_user(app: RunningContainer) -> tuple[int, int]:
    """Return the user of the container's first process, which is the app itself."""
    status = dict(line.split(":", 1) for line in app.execute("cat", "/proc/1/status").stdout.splitlines())
    assert status["Name"].strip().startswith("python")
    assert int(status["CapEff"], 16) == 0
    return int(status["Uid"].split()[1]), int(status["Gid"].split()[1])


# --- which user -----------------------------------------------------------------------------------


def test_a_folder_of_root_is_given_to_the_first_ordinary_user(cpu_image: str, data: Path) -> None:
    with RunningContainer(cpu_image, data) as app:
        assert process_user(app) == (1000, 1000)
    assert owner(data) == (1000, 1000)
    assert {owner(path) for path in data.rglob("*")} == {(1000, 1000)}


@pytest.mark.long
def test_the_owner_of_the_folder_is_who_it_runs_as(cpu_image: str, data: Path) -> None:
    os.chown(data, STRANGER, 6000)
    with RunningContainer(cpu_image, data) as app:
        assert process_user(app) == (STRANGER, 6000)
        assert "had another owner" not in app.last_words()


def test_named_user_and_umask_hold(cpu_image: str, data: Path) -> None:
    with RunningContainer(cpu_image, data, "--env=PUID=1234", "--env=PGID=2345", "--env=UMASK=077") as app:
        assert process_user(app) == (1234, 2345)
    assert owner(data / "castmind.db") == (1234, 2345)
    assert stat.S_IMODE((data / "castmind.db").stat().st_mode) == 0o600


@pytest.mark.long
def test_a_user_of_the_engine_needs_no_capability(cpu_image: str, data: Path) -> None:
    os.chown(data, STRANGER, STRANGER)
    user = f"--user={STRANGER}:{STRANGER}"
    with RunningContainer(cpu_image, data, user, hardening=NO_CAPABILITIES) as app:
        assert process_user(app) == (STRANGER, STRANGER)


@pytest.mark.long
def test_root_without_capabilities_is_a_user_like_others(cpu_image: str, data: Path) -> None:
    with RunningContainer(cpu_image, data, hardening=NO_CAPABILITIES) as app:
        assert process_user(app) == (0, 0)
        assert "no capability is left" in app.last_words()


def test_commands_beside_the_server_are_not_root(cpu_image: str, data: Path) -> None:
    os.chown(data, STRANGER, STRANGER)
    with RunningContainer(cpu_image, data) as app:
        assert app.execute("/app/entrypoint.sh", "id", "-u").stdout.strip() == str(STRANGER)
        assert "castmind.db" not in app.execute("castmind", "doctor", check=False).stderr
    volume = f"--volume={data}:/app/data"
    assert inside(cpu_image, "id", "-u", options=(volume,)).stdout.strip() == str(STRANGER)


# --- owners ---------------------------------------------------------------------------------------


def test_only_wrong_owners_are_mended(cpu_image: str, data: Path) -> None:
    right, wrong, hidden = data / "right.txt", data / "wrong.txt", data / "hidden" / "deep" / "file.txt"
    hidden.parent.mkdir(parents=True)
    for path in (right, wrong, hidden):
        path.write_text("kept")
    (data / "link").symlink_to("/etc/passwd")
    os.chown(data, 1234, 1234)
    os.chown(right, 1234, 7777)
    for path in (hidden, hidden.parent, hidden.parent.parent):
        os.chown(path, STRANGER, STRANGER)
    for folder in (hidden.parent, hidden.parent.parent):
        folder.chmod(0o700)
    before = right.lstat().st_ctime_ns
    passwd = Path("/etc/passwd").stat().st_ctime_ns
    with RunningContainer(cpu_image, data, "--env=PUID=1234", "--env=PGID=1234") as app:
        assert "had another owner" in app.last_words()
    assert (owner(right), right.lstat().st_ctime_ns) == ((1234, 7777), before)
    assert {owner(path) for path in (wrong, hidden, hidden.parent, hidden.parent.parent, data / "link")} == {(1234, 1234)}
    assert stat.S_IMODE(hidden.parent.stat().st_mode) == 0o700
    assert Path("/etc/passwd").stat().st_ctime_ns == passwd


# --- messages of a failed start ---------------------------------------------------------------------


def test_a_folder_that_the_user_cannot_write_is_named_with_the_remedy(cpu_image: str, data: Path) -> None:
    said = refused(cpu_image, data, f"--user={STRANGER}:{STRANGER}", hardening=NO_CAPABILITIES)
    assert f"cannot write in /app/data as uid {STRANGER}, gid {STRANGER} (Permission denied; it belongs to 0:0, mode 755)" in said
    assert f"sudo chown -R {STRANGER}:{STRANGER} FOLDER" in said
    assert list(data.iterdir()) == []


def test_a_folder_mounted_below_is_tried_too(cpu_image: str, data: Path, tmp_path: Path) -> None:
    os.chown(data, STRANGER, STRANGER)
    media = tmp_path / "disk"
    media.mkdir()
    said = refused(
        cpu_image, data, f"--user={STRANGER}:{STRANGER}", f"--volume={media}:/app/data/media", hardening=NO_CAPABILITIES
    )
    assert "cannot write in /app/data/media" in said
    assert "mounted on /app/data/media" in said
    assert "cannot write in /app/data as" not in said


def test_a_folder_inside_that_belongs_to_somebody_else_is_named(cpu_image: str, data: Path) -> None:
    (data / "exports").mkdir()
    os.chown(data, STRANGER, STRANGER)
    said = refused(cpu_image, data, f"--user={STRANGER}:{STRANGER}", hardening=NO_CAPABILITIES)
    assert "cannot write in /app/data/exports" in said
    assert "FOLDER is exports in the folder" in said


def test_a_read_only_mount_is_told_apart(cpu_image: str, data: Path) -> None:
    done = docker("run", "--rm", *HARDENED, f"--volume={data}:/app/data:ro", cpu_image, check=False)
    assert done.returncode == 1
    assert "mounted read-only" in done.stderr


def test_a_forgotten_mount_on_a_read_only_root_is_told_apart(cpu_image: str) -> None:
    done = docker("run", "--rm", *HARDENED, cpu_image, check=False)
    assert done.returncode == 1
    assert "Nothing is mounted there" in done.stderr


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("--env=PUID=bob", "PUID is 'bob', which is not a number"),
        ("--env=PGID=-1", "PGID is '-1', which is not a number"),
        ("--env=UMASK=9", "UMASK is '9', which is not three octal digits"),
    ],
)
def test_a_value_that_does_not_fit_is_named(cpu_image: str, data: Path, option: str, words: str) -> None:
    assert words in refused(cpu_image, data, option)


def test_a_named_user_that_it_may_not_become_is_told(cpu_image: str, data: Path) -> None:
    said = refused(cpu_image, data, "--env=PUID=1234", hardening=NO_CAPABILITIES)
    assert "may not become the user 1234:1234" in said
    assert "--user 1234:1234" in said


def test_root_with_some_capabilities_does_not_run_the_app(cpu_image: str, data: Path) -> None:
    said = refused(cpu_image, data, hardening=(*NO_CAPABILITIES, "--cap-add=NET_RAW"))
    assert "may not leave root, which still has capabilities" in said


def test_a_database_that_is_none_is_asked_about_at_the_port(cpu_image: str, data: Path) -> None:
    (data / "castmind.db").write_bytes(NO_DATABASE)
    with Waiting(cpu_image, data) as app:
        wait_for(lambda: answers(app), why=app.last_words)
        assert "castmind.db" in app.client.get("/health").json()["checks"]["library"]["output"]
        assert "castmind.db" in app.last_words()
        assert "Traceback" not in app.last_words()
        assert (data / "castmind.db").read_bytes() == NO_DATABASE
        chosen = app.client.post("/rescue/new", data={"sure": "yes"}, headers={"Origin": app.url}, follow_redirects=False)
        assert chosen.status_code == 303
        wait_for(app.ready, why=app.last_words)
    assert NO_DATABASE in {path.read_bytes() for path in data.rglob("castmind.db*") if path.is_file()}


# --- shutdown ---------------------------------------------------------------------------------------


def test_a_stop_reaches_the_app(cpu_image: str, data: Path) -> None:
    with RunningContainer(cpu_image, data) as app:
        assert app.stop() == 0
        assert "Traceback" not in app.last_words()


def test_a_stop_reaches_the_migration_and_waits_for_its_end(cpu_image: str, data: Path, tmp_path: Path) -> None:
    program = tmp_path / "programs" / "python"
    program.parent.mkdir()
    program.write_text(SLOW_MIGRATION, encoding="utf-8")
    program.chmod(0o755)
    first = f"--env=PATH={program.parent}:/usr/local/bin:/usr/bin:/bin"
    with Waiting(cpu_image, data, f"--volume={program.parent}:{program.parent}", first) as app:
        wait_for(lambda: "migrating" in app.last_words(), why=app.last_words)
        assert app.stop() == 3
        assert "rolled back" in app.last_words()
