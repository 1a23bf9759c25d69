"""Set-up of all tests, however they are started."""

from __future__ import annotations

import compileall
import contextvars
import os
import signal
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.running import RunningApp
from tests.warm_parent import PARENT

# A shell without job control makes background processes and their children ignore Ctrl+C: tests that press it would wait
# in vain.
signal.signal(signal.SIGINT, signal.default_int_handler)
# The same for nohup and the end of its terminal.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
# Tests start hundreds of Python processes, and each would compile the code anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

RunningApp.parent = PARENT

# Started last, a file that takes minutes would leave one core idle. Files of a folder stay together: they share a server or
# a browser.
LONG_ONES_FIRST = (
    "test_kills.py",
    "browser",
    "test_waiting.py",
    "test_words.py",
    "test_library_before.py",
    "cli",
    "ops",
    "pages",
    "api",
    "speech",
    "pipeline",
    "services",
)


def pytest_configure(config: pytest.Config) -> None:
    """Compile modules first: confined processes cannot save compiled files."""
    if not hasattr(config, "workerinput"):
        compileall.compile_dir(Path(__file__).parent.parent / "core", quiet=2)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _place(item.path.relative_to(Path(__file__).parent).parts[0]))


def _place(folder: str) -> int:
    return LONG_ONES_FIRST.index(folder) if folder in LONG_ONES_FIRST else len(LONG_ONES_FIRST)


@pytest.fixture(autouse=True)
def same_context() -> Iterator[None]:
    """Fail a test that leaves a context variable set: all that run after it in this process would have its actor or its
    patience."""
    before = dict(contextvars.copy_context())
    yield
    left = {variable.name: value for variable, value in contextvars.copy_context().items() if before.get(variable) != value}
    # What is unset in structlog's context, and where Streamlit writes to, outside a script run.
    assert not {name: value for name, value in left.items() if value is not ... and name != "context_dg_stack"}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Escape reports: tests log file names of arbitrary bytes, but a test worker's report must be UTF-8."""
    report = yield
    report.sections = [(title, text.encode("utf-8", "backslashreplace").decode()) for title, text in report.sections]
    return report
