"""What holds for all tests, however they were started."""

from __future__ import annotations

import signal
from collections.abc import Generator

import pytest

# A shell without job control has what it starts in the background ignore Ctrl+C, and all that is started by that as well: the
# tests that press it would wait in vain.
signal.signal(signal.SIGINT, signal.default_int_handler)
# The same of nohup and the end of its terminal.
signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """File names of any bytes are tried, and logged; what a test worker reports has to be UTF-8."""
    report = yield
    report.sections = [(title, text.encode("utf-8", "backslashreplace").decode()) for title, text in report.sections]
    return report
