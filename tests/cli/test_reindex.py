"""`python -m core reindex`, with and without a server over the data folder."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from core import __main__ as command_line
from core.cli import reindex
from core.domain.episodes.search_query import parse
from core.store.db.database import Store
from core.store.library import episodes
from core.store.search import backfill, queries
from tests.running import PROJECT, RunningApp

SAMPLE = PROJECT / "demo" / "samples" / "en_short.wav"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of this process's commands, with three episodes in it."""
    folder = tmp_path / "data"
    monkeypatch.setenv("CASTMIND_DATA_DIR", str(folder))
    folder.mkdir()
    store = Store(folder / "castmind.db")
    store.open()
    for n in range(3):
        store.write(partial(episodes.add, values={"title": f"Number {n}", "source": "upload"}, now=1.0))
    store.close()
    return folder


def state(data: Path) -> tuple[int, int | None, int]:
    """The generation that serves, the one that is being filled, and how many are found."""
    store = Store(data / "castmind.db")
    store.open()
    try:
        live, building = store.read().execute("SELECT live, building FROM search_state").fetchone()
        return live, building, queries.find(store.read(), parse("number")).total
    finally:
        store.close()


def test_the_index_is_written_anew_without_a_server(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["reindex"]) == 0
    assert "episodes: 3" in capsys.readouterr().out
    assert state(data) == (2, None, 3)


def test_ctrl_c_keeps_what_is_done_and_the_next_run_goes_on_with_it(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(backfill, "STEP_DOCUMENTS", 1)

    def interrupt(_meter: reindex.Meter, done: int, total: int) -> None:
        assert (done, total) == (1, 3)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(reindex.Meter, "show", interrupt)
        assert command_line.main(["reindex"]) == 130
    assert "kept" in capsys.readouterr().err
    assert state(data) == (1, 2, 3)
    assert command_line.main(["reindex"]) == 0
    assert "2 of 3 episodes" in capsys.readouterr().err
    assert state(data) == (2, None, 3)


@pytest.mark.long
def test_a_running_server_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with RunningApp(tmp_path / "data") as app:
        app.upload(SAMPLE, title="Wanted")
        monkeypatch.setenv("CASTMIND_DATA_DIR", str(app.data))
        monkeypatch.setenv("CASTMIND_PORT", str(app.port))
        assert command_line.main(["reindex"]) == 0
        said = capsys.readouterr()
        assert "episodes: 1" in said.out and "running" in said.err
        assert app.client.get("/api/v1/search", params={"q": "wanted"}).json()["total"] == 1
