"""Where a password must not be: looked for byte by byte in all that CastMind leaves, writes, sends and says."""

from __future__ import annotations

import base64
import logging
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.episodes.export_form import Form
from core.domain.feeds.feed_credentials import FeedCredentials
from core.domain.jobs.job import OPEN
from core.ops.logs.levels import CHATTY
from core.store.db.vault import FILE
from tests.fakes.podcast_host import Mode, PodcastHost
from tests.pages.conftest import castmind
from tests.running import wait_for

__all__ = ["castmind"]

USER, PASSWORD, HEADER, KEY = "annabel-lee", "horse-staple-battery", "tulip-lamp-river", "k3y-of-the-address"
# As they stand, and as a request says them.
FORBIDDEN = (PASSWORD, HEADER, USER, base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode())


@pytest.fixture
def noisy_logs(castmind: CastMind) -> Iterator[Path]:
    """Everything that any library says at DEBUG, as data/logs/application.log keeps it."""
    root = logging.getLogger()
    before = (root.level, list(root.handlers), {name: logging.getLogger(name).level for name in CHATTY})
    castmind.settings.save(OWNER, "log_level", "DEBUG")
    castmind.logs.start()
    yield castmind.data / "logs" / "application.log"
    for handler in [h for h in root.handlers if h not in before[1]]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(before[0])
    for name, level in before[2].items():
        logging.getLogger(name).setLevel(level)


def live_through_it(castmind: CastMind, host: PodcastHost) -> int:
    """A private feed is added, polled, refused, mended; an episode of it is fetched, transcribed and published."""
    credentials = FeedCredentials.of(host.feed_url, user=USER, password=PASSWORD, headers={"X-Key": HEADER})
    said = credentials.headers_for(host.feed_url)["Authorization"]
    host.ask_for("Authorization", said)
    host.items[:] = [item for item in host.items if item.file == "en_short.wav"]
    feed_id = castmind.subscriptions.add(OWNER, f"{host.feed_url}?auth={KEY}", backlog=1, credentials=credentials).feed.id
    wait_for(lambda: not castmind.queue.jobs(OWNER, OPEN))
    for mode in (Mode.ERROR, Mode.HTML, Mode.LOOP, Mode.TO_PRIVATE, Mode.FORBIDDEN):
        host.play("/feed.xml", *[mode] * 10)
        assert castmind.subscriptions.refresh(OWNER, feed_id).feed.error
        host.calm()
    assert castmind.subscriptions.refresh(OWNER, feed_id).feed.error is None
    return feed_id


def test_no_password_is_left_anywhere(castmind: CastMind, noisy_logs: Path) -> None:
    with PodcastHost() as host:
        live_through_it(castmind, host)
        key = (castmind.data / FILE).read_bytes()
        (episode,) = castmind.library.listing(OWNER).items
    assert noisy_logs.stat().st_size > 0
    backup = castmind._backups.create("manual", media=True)
    written = [p for p in castmind.data.rglob("*") if p.is_file() and p.name != FILE]
    assert {"castmind.db", "castmind.db-wal", "application.log"} <= {p.name for p in written}
    held = {p.name: p.read_bytes() for p in written}
    with zipfile.ZipFile(castmind.data / "backups" / backup.name) as made:
        held |= {f"backup/{name}": made.read(name) for name in made.namelist()}
        assert FILE not in made.namelist()
    for keys in (True, False):
        held[f"OPML {keys}"] = castmind.imports.export(OWNER, keys=keys)[0]
    for form in Form:
        held[form.value] = castmind.exports.write(OWNER, episode.episode.id, form)
    for name, content in held.items():
        assert key not in content, name
        for secret in FORBIDDEN:
            assert secret.encode() not in content, (name, secret)
    # The database holds the key in the URL, as it must; texts that others read do not.
    for name, content in held.items():
        if not name.startswith(("castmind.db", "backup/castmind.db", "OPML True")) and not name.endswith(".zip"):
            assert KEY.encode() not in content, name
