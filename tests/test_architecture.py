"""The rooms of docs/architecture.md and the arrows between them, read from the source with `ast`.

    every .py → its imports (also inside functions and under TYPE_CHECKING) → room of the importer → may it?

A new room goes into ROOMS, in the order in which rooms build on each other, and into docs/architecture.md.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent

OPEN_TO_ALL = {"errors", "settings", "message", "events", "files", "sandbox"}
# Each middle room imports the domain and the rooms listed here, never another middle room.
MIDDLE: dict[str, set[str]] = {
    "net": set(),
    "store": set(),
    "access": {"net"},
    "sources": {"net"},
    "speech": set(),
    "llm": {"net"},
    "notes": {"llm"},
    "export": set(),
    "notify": {"net"},
}
# From here on each room may import all rooms before it.
UPPER = ["transactions", "background", "pipeline", "services", "ops"]
BELOW_UPPER = OPEN_TO_ALL | set(MIDDLE) | {"domain"}
CORE = BELOW_UPPER | {*UPPER, "api", "app", "cli"}

# Rooms that pages, routes and commands may import: services, and the values that services use.
BORDER = {"services", "ops", "domain", "errors", "settings", "message", "events"}

# Rooms without third-party packages.
PURE = {"domain", "events"}
# Exceptions: a package that only computes, for the one file that wraps it.
PURE_PACKAGES = {"cronsim": "core/domain/schedules/cron.py"}

# A room, and the other rooms that it may import.
ROOMS: dict[str, set[str]] = {
    "core": set(),
    "errors": set(),
    "settings": {"errors"},
    "message": {"errors"},
    "events": {"errors"},
    "files": {"errors"},
    "sandbox": {"errors"},
    "domain": {"errors", "message"},
    **{room: OPEN_TO_ALL | {"domain"} | known for room, known in MIDDLE.items()},
    **{room: BELOW_UPPER | set(UPPER[:place]) for place, room in enumerate(UPPER)},
    "api": BORDER,
    "app": CORE - {"app", "cli"},
    "cli": BORDER,
    "__main__": CORE,
    "pages": BORDER | {"app"},
    "castmind_app": CORE | {"pages"},
}

# Commands that work on the data folder while no server runs: they hold its lock, open its store, and start their own speech
# worker, as core.app does for the server.
WITHOUT_A_SERVER: dict[str, set[str]] = {
    "core/cli/backups.py": {"store"},
    "core/cli/checkup.py": {"speech"},
    "core/cli/trial_runs.py": {"speech"},
    "core/cli/migrate.py": {"store"},
    "core/cli/opml.py": {"store", "net", "sources"},
    "core/cli/password.py": {"store", "access"},
    "core/cli/reindex.py": {"store"},
    "core/cli/rotate_key.py": {"store"},
    "core/cli/saved.py": {"store"},
    "core/cli/transcribe.py": {"speech", "export"},
}

# Packages that only some files may import: all other files avoid their cost and assumptions.
RESERVED: dict[str, tuple[str, ...]] = {
    "streamlit": ("pages/", "castmind_app.py"),
    "faster_whisper": ("core/speech/",),
    "ctranslate2": ("core/speech/",),
    # An optional extra: without it everything but this child process works.
    "yt_dlp": ("core/sources/media/web_page_worker.py",),
    # The child process that speaks to notification services.
    "apprise": ("core/notify/apprise_worker.py",),
    "requests": ("core/notify/apprise_worker.py",),
    "sqlite3": ("core/store/",),
    "sqlite_utils": ("core/store/",),
}

# A longer module should be split, unless it is a single table.
MOST_LINES = 300
LONGER = {
    "core/settings.py": "the table of settings: a few lines each",
}

# Loaded by the speech worker only: a GPU fault, a leak or a hang takes down that process, not the server.
WORKER_ONLY = {"faster_whisper", "ctranslate2"}
WORKER = "core/speech/worker/__main__.py"


def room_of(module: str) -> str | None:
    """Return the room of a dotted module name; None for third-party modules."""
    first, *rest = module.split(".")
    if first == "core":
        return rest[0] if rest else "core"
    return first if first in ("pages", "castmind_app") else None


def module_of(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def tree_of(source: str) -> ast.Module:
    return ast.parse(source)


@cache
def imports(path: str, source: str) -> tuple[tuple[int, str], ...]:
    """Yield (line, dotted name) of every import of the file. `from core import errors` gives `core.errors`."""
    return tuple(_imports(path, source))


def _imports(path: str, source: str) -> Iterator[tuple[int, str]]:
    package = module_of(path).split(".")
    if not path.endswith("__init__.py"):
        package = package[:-1]
    for node in ast.walk(tree_of(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            up = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*up, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = ast.unparse(node.func)
            if called in ("__import__", "import_module", "importlib.import_module") and isinstance(node.args[0].value, str):
                yield node.lineno, node.args[0].value


def complaint(path: str, target: str) -> str | None:
    """Return the fault of an import of `target` by the file at `path`, if any."""
    here = room_of(module_of(path))
    if here not in ROOMS:
        return f"{here} is not a room of docs/architecture.md"
    package = target.split(".", maxsplit=1)[0]
    allowed = RESERVED.get(package)
    if allowed and not any(path == a or (a.endswith("/") and path.startswith(a)) for a in allowed):
        return f"only {', '.join(allowed)} may import {package}"
    there = room_of(target)
    if there is None:
        if here in PURE and package not in sys.stdlib_module_names and PURE_PACKAGES.get(package, path) != path:
            return f"only {PURE_PACKAGES[package]} may import {package}"
        if here in PURE and package not in sys.stdlib_module_names and package not in {"__future__", *PURE_PACKAGES}:
            return f"{here} uses the standard library alone, not {package}"
        return None
    reached = ROOMS[here] | WITHOUT_A_SERVER.get(path, set())
    if there not in (here, "core") and there not in reached:
        return f"{here} may import {', '.join(sorted(reached)) or 'nothing'}, not {there}"
    return None


def check(path: str, source: str) -> list[str]:
    """Return `path:line: fault` for each import in the wrong direction. `path` is relative to the project."""
    found = ((line, complaint(path, target)) for line, target in imports(path, source))
    return [f"{path}:{line}: {text}" for line, text in found if text]


def trail_to_engine(start: str, tree: dict[str, str]) -> list[str]:
    """The files from `start` to one that imports the speech engine, each imported by the one before; [] when none does.

    `tree` maps paths to source text. Importing a package runs its `__init__.py`, so those of all parents count.
    """
    files = {module_of(path): path for path in tree}
    trails, seen = [[start]], {start}
    while trails:
        trail = trails.pop(0)
        for _, target in imports(trail[-1], tree[trail[-1]]):
            names = target.split(".")
            if names[0] in WORKER_ONLY:
                return trail
            for length in range(1, len(names) + 1):
                path = files.get(".".join(names[:length]))
                if path and path not in seen:
                    seen.add(path)
                    trails.append([*trail, path])
    return []


@cache
def sources() -> dict[str, str]:
    """Return path (relative to the project) → source text of all rooms."""
    found = [*PROJECT.glob("core/**/*.py"), *PROJECT.glob("pages/**/*.py"), *PROJECT.glob("castmind_app.py")]
    return {p.relative_to(PROJECT).as_posix(): p.read_text(encoding="utf-8") for p in sorted(found)}


def test_every_arrow_points_the_right_way() -> None:
    wrong = [text for path, source in sources().items() for text in check(path, source)]
    assert not wrong, "\n".join(wrong)


def test_only_commands_that_need_it_reach_behind_the_services() -> None:
    tree = sources()
    reached = {path: {room_of(target) for _, target in imports(path, tree[path])} for path in WITHOUT_A_SERVER}
    assert all(rooms <= reached[path] for path, rooms in WITHOUT_A_SERVER.items())


def test_no_module_is_longer_than_it_should_be() -> None:
    lines = {path: source.count("\n") for path, source in sources().items()}
    longer = {path for path, count in lines.items() if count > MOST_LINES and "/migrations/" not in path}
    assert longer == set(LONGER)


def test_functions_and_modules_stay_small() -> None:
    """No larger than before the rooms had departments: the table of sizes in docs/architecture.md."""
    trees = [tree_of(source) for source in sources().values()]
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    functions = sorted((node.end_lineno or 0) - node.lineno + 1 for node in nodes)
    modules = sorted(source.count("\n") for path, source in sources().items() if not path.endswith("__init__.py"))
    assert functions[len(functions) // 2] <= 6
    assert functions[len(functions) * 9 // 10] <= 16
    assert functions[-1] <= 127
    assert modules[len(modules) // 2] <= 107
    assert modules[len(modules) * 9 // 10] <= 242


def test_the_walk_reaches_every_room() -> None:
    assert {room_of(module_of(path)) for path in sources()} == set(ROOMS)


def test_only_the_worker_reaches_the_speech_engine() -> None:
    tree = sources()
    trails = [trail_to_engine(path, tree) for path in tree if not path.startswith("core/speech/")]
    assert [" → ".join(trail) for trail in trails if trail] == []
    assert trail_to_engine(WORKER, tree)


def test_a_hidden_way_to_the_speech_engine_is_found() -> None:
    tree = {
        "core/app/__init__.py": "from core.speech.client.client import Client",
        "core/speech/__init__.py": "",
        "core/speech/audio/__init__.py": "",
        "core/speech/client/client.py": "from core.speech.audio import windows",
        "core/speech/audio/windows.py": "from faster_whisper.vad import VadOptions",
    }
    trail = ["core/app/__init__.py", "core/speech/client/client.py", "core/speech/audio/windows.py"]
    assert trail_to_engine("core/app/__init__.py", tree) == trail


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("core/store/db/database.py", "from core.notes import verify"),
        ("core/notes/prompts.py", "from core import speech"),
        ("core/export/writers/vtt.py", "from ...store import db"),
        ("core/sources/uploads/inbox.py", "import core.pipeline.runner"),
        ("core/domain/jobs/job.py", "from core.settings import Settings"),
        ("core/domain/jobs/job.py", "import httpx"),
        ("core/domain/jobs/job.py", "import cronsim"),
        ("core/pipeline/runner.py", "from core.ops import health"),
        ("core/pipeline/steps/fetch.py", "def run():\n    from core.api import routes\n"),
        ("core/ops/doctor/finding.py", "import core.app"),
        ("core/api/library/episodes.py", "import importlib\nimportlib.import_module('core.app')"),
        ("core/errors/tree.py", "from core.domain import job"),
        ("core/settings.py", "from .domain import job"),
        ("core/events/bus.py", "from core.domain import job"),
        ("core/events/bus.py", "import httpx"),
        ("core/app/__init__.py", "import pages.shell"),
        ("core/api/routes.py", "import streamlit as st"),
        ("core/pipeline/runner.py", "import sqlite3"),
        ("core/ops/doctor/finding.py", "if TYPE_CHECKING:\n    from faster_whisper import WhisperModel\n"),
        ("pages/library/page.py", "import castmind_app"),
        ("pages/library/page.py", "from core.store.library import episodes"),
        ("pages/feeds/feed_file.py", "def draw():\n    from core.sources import opml\n"),
        ("core/api/library/episodes.py", "from core.sources.uploads import multipart"),
        ("core/api/problems.py", "if TYPE_CHECKING:\n    from core.store.db.database import Store\n"),
        ("core/cli/doctor.py", "from core.store.db.database import Store"),
        ("core/utils/text.py", "import re"),
    ],
)
def test_a_wrong_arrow_is_found(path: str, source: str) -> None:
    assert len(check(path, source)) == 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("core/store/db/database.py", "import sqlite3\nfrom core.domain import job\nfrom core.errors import DiskFull"),
        ("core/store/__init__.py", "from .db import Database"),
        ("core/domain/schedules/cron.py", "from cronsim import CronSim"),
        ("core/store/jobs/jobs.py", "from core import events"),
        ("core/speech/worker/engine.py", "import faster_whisper, ctranslate2"),
        ("core/pipeline/steps/fetch.py", "from core.store import episodes\nfrom core.notes import verify"),
        ("core/app/__init__.py", "from core.api import routes\nfrom core import errors"),
        ("core/api/library/episodes.py", "from core.services.ingest.uploads import FIELDS\nfrom core.ops import health"),
        ("core/cli/migrate.py", "from core.store.db.database import DataFolderLock"),
        ("pages/episode/player/player.py", "import streamlit\nfrom pages.text import t\nfrom core.app import current"),
        ("castmind_app.py", "import streamlit\nfrom core import app"),
    ],
)
def test_a_right_arrow_is_left_alone(path: str, source: str) -> None:
    assert check(path, source) == []
