"""`python -m core opml`, with and without a server over the data folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core import __main__ as command_line
from core.cli.meter import Meter
from core.domain.feeds.imports import Outline
from core.sources import opml
from core.store.db.database import Store
from core.store.feeds import feeds, imports
from tests.fakes.podcast_host import PodcastHost
from tests.running import RunningApp


@pytest.fixture
def host() -> Iterator[PodcastHost]:
    with PodcastHost() as running:
        yield running


@pytest.fixture
def file(tmp_path: Path, host: PodcastHost) -> Path:
    """Two feeds that are there and one that is not."""
    urls = [f"{host.feed_url}?n=1", f"{host.feed_url}?n=2", f"{host.url}/nowhere"]
    path = tmp_path / "mine.opml"
    path.write_bytes(opml.write([Outline(url) for url in urls], title="Mine", now=0.0))
    return path


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("CASTMIND_DATA_DIR", str(folder))
    monkeypatch.setenv("CASTMIND_ALLOWED_PRIVATE_HOSTS", "127.0.0.1")
    return folder


def subscribed(data: Path) -> list[str]:
    store = Store(data / "castmind.db")
    store.open()
    try:
        return sorted(feed.url for feed in feeds.listing(store.read()))
    finally:
        store.close()


def test_feeds_move_in_and_out_without_a_server(
    data: Path, file: Path, host: PodcastHost, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert command_line.main(["opml", "import", str(file)]) == 1
    said = capsys.readouterr()
    assert "added: 2" in said.out and "failed: 1" in said.out
    assert "line 3: " in said.err and "status 404" in said.err
    assert subscribed(data) == [f"{host.feed_url}?n=1", f"{host.feed_url}?n=2"]
    out = tmp_path / "out.opml"
    assert command_line.main(["opml", "export", str(out)]) == 0
    assert sorted(f.url for f in opml.read(out.read_bytes()).feeds) == subscribed(data)


def test_ctrl_c_keeps_what_is_done_and_the_rest_waits_for_the_next_start(
    data: Path, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(_meter: Meter, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Meter, "show", interrupt)
        assert command_line.main(["opml", "import", str(file)]) == 130
    assert "kept" in capsys.readouterr().err
    store = Store(data / "castmind.db")
    store.open()
    try:
        assert imports.listing(store.read())[0].total == 3
    finally:
        store.close()


def test_what_cannot_be_read_or_written_is_told_in_a_sentence(
    data: Path, file: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert command_line.main(["opml", "export"]) == 1
    assert "no library" in capsys.readouterr().err
    wrong = tmp_path / "wrong.opml"
    wrong.write_text("hello", encoding="utf-8")
    assert command_line.main(["opml", "import", str(wrong)]) == 1
    assert "[not_opml]" in capsys.readouterr().err
    assert command_line.main(["opml", "import", str(file)]) == 1
    assert command_line.main(["opml", "export", str(tmp_path / "no" / "such" / "folder.opml")]) == 1
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.long
def test_a_running_server_is_asked(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], host: PodcastHost
) -> None:
    with RunningApp(tmp_path / "data", CASTMIND_ALLOWED_PRIVATE_HOSTS="127.0.0.1") as app:
        monkeypatch.setenv("CASTMIND_DATA_DIR", str(app.data))
        monkeypatch.setenv("CASTMIND_PORT", str(app.port))
        assert command_line.main(["opml", "import", str(file), "--backlog", "1", "--no-auto"]) == 1
        said = capsys.readouterr()
        assert "added: 2" in said.out and "running" in said.err
        assert [(f["backlog"], f["auto_transcribe"]) for f in app.client.get("/api/v1/feeds").json()["items"]] == [(1, False)] * 2
        out = tmp_path / "out.opml"
        assert command_line.main(["opml", "export", str(out)]) == 0
        assert len(opml.read(out.read_bytes()).feeds) == 2
