"""Log lines of a run: the last ones, of its thread alone, without secrets."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest

from core.background.run_lines import KEPT, LONGEST, MOST_RUNS, RunLines, collecting

log = logging.getLogger("tests.run_lines")


@pytest.fixture
def lines() -> Iterator[RunLines]:
    made = RunLines(lambda text: text.replace("secret", "***"))
    log.addHandler(made)
    log.setLevel(logging.DEBUG)
    yield made
    log.removeHandler(made)


def test_the_last_lines_of_a_run_are_kept_until_they_are_taken(lines: RunLines) -> None:
    log.info("before")
    with collecting(7):
        for number in range(KEPT + 5):
            log.info("line %d", number)
        log.debug("detail")
    log.info("after")
    found = lines.take(7)
    assert [line.rpartition(" ")[2] for line in found] == [str(number) for number in range(5, KEPT + 5)]
    assert lines.take(7) == []


def test_a_line_is_short_and_holds_no_secret_and_its_record_names_the_run(
    lines: RunLines, caplog: pytest.LogCaptureFixture
) -> None:
    with collecting(7):
        log.warning("secret %s", "x" * 1000)
    (line,) = lines.take(7)
    assert "secret" not in line and " WARNING *** x" in line and len(line) == LONGEST
    assert caplog.records[-1].__dict__["run_id"] == 7


def test_threads_have_runs_of_their_own(lines: RunLines) -> None:
    with collecting(1):
        other = threading.Thread(target=lambda: log.info("of no run"))
        other.start()
        other.join()
        with collecting(None):
            log.info("of no run either")
    assert lines.take(1) == []


def test_runs_that_nobody_asks_for_do_not_pile_up(lines: RunLines) -> None:
    for number in range(MOST_RUNS + 10):
        with collecting(number):
            log.info("line")
    assert len(lines._lines) == MOST_RUNS and lines.take(0) == [] and lines.take(MOST_RUNS + 9) != []
