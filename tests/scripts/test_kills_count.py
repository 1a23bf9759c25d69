from __future__ import annotations

from pathlib import Path

import pytest

from bench import kills


def test_whole_batches_are_counted_and_a_broken_row_is_not(tmp_path: Path) -> None:
    ledger = tmp_path / "kills.csv"
    assert kills.rows(ledger) == []
    ledger.write_text("seed,kills,seconds\n1,20,90\n21,20,95\n41,", encoding="utf-8")
    assert [row["kills"] for row in kills.rows(ledger)] == ["20", "20"]


@pytest.mark.long
def test_a_run_goes_on_after_the_last_whole_batch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert kills.run(tmp_path, 1, batch=1) == 1
    assert kills.run(tmp_path, 3, batch=2) == 3
    assert [(row["seed"], row["kills"]) for row in kills.rows(tmp_path / "kills.csv")] == [
        (str(kills.SEED), "1"),
        (str(kills.SEED + 1), "2"),
    ]
    assert capsys.readouterr().out.splitlines()[-1] == "3 of 3 kills: 0 lost, 0 doubled"
