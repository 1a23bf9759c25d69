"""Names that strangers give: paths, control characters, emoji, 500 characters, marks that turn the direction of writing."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from core.domain.accounts.actor import OWNER
from core.export.export_files import file_name
from core.services.feeds.subscriptions import Subscriptions
from core.store.library import episodes
from tests.fakes.podcast_host import PodcastHost
from tests.runner_fixture import Rig

NAMES = (
    "../../../etc/passwd",
    "..\\..\\windows\\system32\\config",
    "/etc/shadow",
    "C:\\autoexec.bat",
    "CON",
    ".",
    "..",
    "-rf ~",
    "a\x00b\x07c\x1b[31md",
    "line\nbreak\rand\ttab",
    "\u202egpj.exe\u2066",
    "\ufeff\u200e\u200f",
    "👩‍👩‍👧‍👦🎙️" * 30,
    "x" * 500,
    "节" * 500,
    "e\u0301" * 300,
    "<script>alert(1)</script>",
    "${HOME} $(id) `id` %n%s {0}",
    "a|b?c*d:e\"f'g",
)
TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize("name", NAMES)
def test_it_is_one_harmless_line_in_the_library_and_one_file_below_its_folder(
    name: str, rig: Rig, host: PodcastHost, tmp_path: Path
) -> None:
    safe = "".join(c for c in name if c >= " " or c in "\t\n\r")
    host.items.clear()
    host.publish("en_short.wav", escape(safe, {'"': "&quot;"}), guid="urn:castmind:one")
    subscriptions = Subscriptions(rig.store, rig.settings, rig.fetcher)
    feed_id = subscriptions.add(OWNER, host.feed_url, backlog=0).feed.id
    (episode,) = episodes.of_feed(rig.store.read(), feed_id)
    assert episode.title and len(episode.title) <= 1000
    assert not set(episode.title) & set(TURNS) and "<script" not in episode.title
    for title in (name, episode.title):
        made = file_name(episode.id, title)
        assert (tmp_path / "exports" / f"{made}.md").resolve().parent == (tmp_path / "exports").resolve()
        assert made.startswith(f"{episode.id}-") and len(made.encode()) <= 120 and made.isprintable()
        (tmp_path / f"{made}.md").touch()
