"""What the command line asks of the server that holds the data folder: the real API, on a port of its own."""

from __future__ import annotations

import socket
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from core.domain.accounts.actor import OWNER
from core.errors import CastMindError, Conflict
from core.ops import server_client
from core.settings import Settings
from core.store.library import episodes
from tests.api.conftest import Running
from tests.fakes.podcast_host import PodcastHost
from tests.ops.backup.library import backups_of


def at_once(_seconds: float) -> None:
    """Ask again without a pause."""


def values_of(url: str, folder: Path) -> Settings:
    place = urlsplit(url)
    return Settings(data_dir=folder, host=place.hostname or "", port=place.port or 0)


@pytest.fixture
def values(address: str, tmp_path: Path) -> Settings:
    return values_of(address, tmp_path)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8501"),
        ("0.0.0.0", "http://127.0.0.1:8501"),
        ("", "http://127.0.0.1:8501"),
        ("::", "http://127.0.0.1:8501"),
        ("::1", "http://[::1]:8501"),
        ("192.168.1.5", "http://192.168.1.5:8501"),
    ],
)
def test_the_server_is_asked_where_this_computer_reaches_it(host: str, url: str, tmp_path: Path) -> None:
    assert server_client.address(Settings(data_dir=tmp_path, host=host, port=8501)) == url


# --- nobody, or somebody else -----------------------------------------------------------------------


def ask_all(values: Settings) -> list[str]:
    """Return what each of the calls is refused with."""
    said = []
    for call in (
        partial(server_client.restore, "castmind-manual-20260101-000000.zip", values, say=print),
        partial(server_client.reindex, values, show=print),
        partial(server_client.import_opml, b"<opml/>", values, {}, show=print),
    ):
        with pytest.raises(Conflict) as refused:
            call(sleep=at_once)
        said.append(refused.value.detail)
    return said


def test_where_nobody_answers_the_address_is_named_and_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    for said in ask_all(values_of(url, tmp_path)):
        assert url in said and "Nothing was changed" in said and "CASTMIND_PORT" in said


def test_another_program_on_that_port_is_not_believed(tmp_path: Path) -> None:
    with PodcastHost() as other:
        for said in ask_all(values_of(other.url, tmp_path)):
            assert "does not" in said and "Nothing was changed" in said


# --- the index --------------------------------------------------------------------------------------


def test_the_index_is_rebuilt_and_its_episodes_are_counted(services: Running, values: Settings) -> None:
    for number in range(3):
        services.store.write(partial(episodes.add, values={"title": f"Number {number}", "source": "upload"}, now=1.0))
    seen: list[tuple[int, int]] = []
    assert server_client.reindex(values, show=lambda *step: seen.append(step), sleep=at_once) == 3
    assert all(done <= total == 3 for done, total in seen)
    assert services.search.progress(OWNER).whole


# --- subscriptions ----------------------------------------------------------------------------------


def test_an_import_ends_with_the_feeds_of_each_kind_counted(services: Running, values: Settings) -> None:
    with PodcastHost() as host:
        rows = f'<outline xmlUrl="{host.feed_url}"/><outline xmlUrl="{host.url}/nothing-here"/>'
        opml = f'<opml version="2.0"><body>{rows}</body></opml>'.encode()
        seen: list[tuple[int, int]] = []
        wishes = {"auto_transcribe": False, "backlog": 0}
        counts = server_client.import_opml(opml, values, wishes, show=lambda *step: seen.append(step), sleep=at_once)
    assert {state: count for state, count in counts.items() if count} == {"added": 1, "failed": 1}
    assert all(total == 2 for _, total in seen)
    (row,) = services.subscriptions.listing(OWNER)
    assert (row.feed.url, row.feed.auto_transcribe) == (host.feed_url, False)


def test_what_the_server_refuses_is_said_in_its_words(values: Settings) -> None:
    with pytest.raises(Conflict, match="OPML"):
        server_client.import_opml(b"no list of feeds", values, {}, show=print, sleep=at_once)


# --- a backup ---------------------------------------------------------------------------------------


def test_a_restore_tells_its_phases_once_each_and_what_it_brought(services: Running, values: Settings) -> None:
    add = partial(episodes.add, values={"title": "Kept", "source": "upload"}, now=1.0)
    services.store.write(add)
    made = backups_of(services.data).create(media=False)
    services.store.write(add)
    phases: list[str] = []
    result = server_client.restore(made.name, values, say=phases.append, sleep=at_once)
    assert (result.name, result.counts["episodes"]) == (made.name, 1) and result.restore_point
    assert phases == list(dict.fromkeys(phases))
    assert services.library.count(OWNER) == 1


def test_a_restore_that_fails_says_why_and_leaves_the_library(services: Running, values: Settings) -> None:
    services.store.write(partial(episodes.add, values={"title": "Kept", "source": "upload"}, now=1.0))
    made = backups_of(services.data).create(media=False)
    content = bytearray(made.path.read_bytes())
    content[len(content) // 3] ^= 0xFF
    made.path.write_bytes(content)
    with pytest.raises(CastMindError, match="damaged"):
        server_client.restore(made.name, values, say=print, sleep=at_once)
    assert services.library.count(OWNER) == 1


def test_a_backup_that_is_not_there_is_named(values: Settings) -> None:
    with pytest.raises(Conflict, match="castmind-manual-20260101"):
        server_client.restore("castmind-manual-20260101-000000.zip", values, say=print, sleep=at_once)
