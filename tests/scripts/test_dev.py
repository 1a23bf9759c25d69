"""`make dev` in a copy of the project: after a save CastMind runs the new files."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project_copy import copy_project
from tests.running import RunningApp, wait_for


class Developed(RunningApp):
    """CastMind under `make dev`. `kill` ends both processes."""

    program = ("-m", "scripts.dev")

    def served(self) -> int:
        """Return the process id of the running CastMind: the only child of `make dev`."""
        (child,) = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return int(child)

    def kill(self) -> None:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        left = children.read_text().split() if children.exists() else []
        super().kill()
        for child in left:
            os.kill(int(child), signal.SIGKILL)

    def version(self) -> str:
        """Return the running version; "" while nothing answers."""
        return str(self.client.get("/health").json()["version"]) if self.ready() else ""

    def wait_for_line(self, line: str, times: int = 1) -> None:
        wait_for(lambda: self.log.read_text(encoding="utf-8").count(line) >= times, why=self.last_words)


@pytest.fixture
def developed(tmp_path: Path) -> Iterator[Developed]:
    app = Developed(tmp_path / "data")
    app.project = copy_project(tmp_path / "castmind")
    with app:
        yield app


def change(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8")


def touch(path: Path) -> None:
    """Update the modification time, as an editor does that saves an unchanged file."""
    with path.open("ab"):
        pass


@pytest.mark.long
def test_what_is_saved_runs_and_a_slip_of_the_pen_ends_nothing(developed: Developed) -> None:
    settings, page = developed.project / "core" / "settings.py", developed.project / "pages" / "status" / "page.py"
    first, before = developed.served(), developed.version()

    change(settings, f'VERSION = "{before}"', 'VERSION = "9.9.1"')
    developed.wait_for_line("core/settings.py was saved; CastMind starts again\n")
    wait_for(lambda: developed.version() == "9.9.1", why=developed.last_words)
    second = developed.served()
    assert second != first

    touch(page)
    developed.wait_for_line("pages/status/page.py was saved; CastMind starts again\n")
    developed.wait_for_line("CastMind is ready", 3)
    assert developed.version() == "9.9.1" and developed.served() != second

    change(settings, 'VERSION = "9.9.1"', 'VERSION = "9.9.1')
    developed.wait_for_line("SyntaxError")
    developed.wait_for_line("CastMind ended (1). It starts again when a file is saved.")
    change(settings, 'VERSION = "9.9.1', 'VERSION = "9.9.2"')
    wait_for(lambda: developed.version() == "9.9.2", why=developed.last_words)

    last = developed.served()
    assert developed.stop() == 0
    assert not Path(f"/proc/{last}").exists(), "CastMind ended with it"
    assert "CastMind stops\n" in developed.log.read_text(encoding="utf-8")


@pytest.mark.long
def test_what_is_no_source_starts_nothing(developed: Developed) -> None:
    first = developed.served()
    (developed.project / "core" / "__pycache__" / "new.pyc").write_bytes(b"")
    (developed.project / "pages" / "notes.txt").write_text("A thought.")
    touch(developed.project / "pages" / "shell.py")
    developed.wait_for_line("was saved; CastMind starts again\n")
    assert "pages/shell.py was saved" in developed.log.read_text(encoding="utf-8")
    developed.wait_for_line("CastMind is ready", 2)
    assert developed.served() != first
