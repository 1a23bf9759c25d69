"""The soak: its samples bear a kill, its slopes are those of a line, and a short one does all that a long one does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.soak.__main__ import run
from bench.soak.samples import Sample, Samples
from bench.soak.slopes import slope, table

ONE = Sample(0.0, 100_000_000, 150_000_000, 40, 60, 5_000_000, 1_000_000, 9_000_000, 30, 12, 0, 500, 0)


def test_the_slope_is_that_of_the_nearest_line() -> None:
    assert slope([(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]) == pytest.approx(2.0)
    assert slope([(0.0, 0.0), (1.0, 1.0), (2.0, 0.0)]) == pytest.approx(0.0)
    assert slope([]) == slope([(1.0, 5.0)]) == slope([(1.0, 5.0), (1.0, 7.0)]) == 0.0


def test_a_table_leaves_the_warm_up_out() -> None:
    samples = [replace(ONE, at=at * 600.0, server_memory=int(1e8 + 1e6 * max(at - 3, 0)), threads=40) for at in range(10)]
    lines = list(table(samples, warm_up=1800.0))
    assert lines[0].startswith("7 samples over 1.00 h")
    assert "| server's memory (MB) | 100.0 | 106.0 | +6.00 |" in lines
    assert "| threads | 40.0 | 40.0 | +0.00 |" in lines
    assert list(table([], warm_up=0.0)) == ["No sample was taken."]


def test_samples_go_on_behind_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "samples.csv"
    first = Samples(path)
    for at in (60.0, 120.0):
        first.add(replace(ONE, at=at))
    with path.open("a", encoding="utf-8") as file:
        file.write("180.0,1000,20")
    again = Samples(path)
    assert [each.at for each in again.read()] == [60.0, 120.0]
    path.write_text(path.read_text(encoding="utf-8")[: -len("180.0,1000,20")], encoding="utf-8")
    again.add(replace(ONE, at=60.0))
    assert [each.at for each in again.read()] == [60.0, 120.0, 180.0]


def test_a_row_has_a_cell_for_each_head() -> None:
    assert Sample.head().splitlines()[0].count("|") == ONE.row().count("|")


@pytest.mark.long
def test_a_short_one_goes_through_everything(tmp_path: Path) -> None:
    samples = run(tmp_path, seconds=40.0, pace=300.0, sample_seconds=5.0).read()
    assert len(samples) >= 5 and samples[-1].errors == 0
    assert samples[-1].done > 0 and samples[-1].reads > 50 and samples[-1].database > 0
    assert list((tmp_path / "data" / "backups").glob("*.zip"))
