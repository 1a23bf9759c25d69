"""One of the two sides of `bench.feeds.polling`, in a separate process:

    python -m bench.feeds.sides ours|reader <folder> <port> <feeds> <items>

    subscribe without fetching ─▶ update: all new ─▶ update: all unchanged ─▶ POST /publish ─▶ update: one new item each

It prints one line of JSON: the seconds of each update, the processor seconds, the final number of episodes.
"""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

ADDRESSES = 250


def urls(port: int, feeds: int, items: int) -> list[str]:
    """Return two feeds on each of 250 addresses, because real feeds are spread over many hosts."""
    return [f"http://127.0.0.{n % ADDRESSES + 1}:{port}/{n}/{items}.xml" for n in range(feeds)]


def ours(folder: Path, addresses: list[str]) -> tuple[Callable[[], None], Callable[[], int], Callable[[], None]]:
    """Run the server's scheduler with its threads and store, without speech and notes."""
    from core import settings
    from core.background.scheduler import Scheduler
    from core.domain.feeds.polling import HOUR
    from core.net.web import Fetcher
    from core.pipeline import graph
    from core.services.feeds.subscriptions import Subscriptions
    from core.services.settings.settings_service import SettingsService
    from core.store.db.database import Store
    from core.store.feeds import feeds
    from core.store.library import episodes

    assert graph.steps(), "an episode that is queued needs the names of the built-in steps"
    store = Store(folder / "castmind.db")
    store.open()
    fetcher = Fetcher(lambda: [f"127.0.0.{n}" for n in range(1, ADDRESSES + 1)])
    preferences = SettingsService(settings.load({}, environ={}), store, environ={})
    subscriptions = Subscriptions(store, preferences, fetcher)
    scheduler = Scheduler(subscriptions)
    scheduler.start()

    def subscribe(db: Any) -> None:
        # Due later than the first update; a time beyond the longest poll interval would count as due at once.
        now = time.time()
        for address in addresses:
            feeds.add(db, {"url": address, "title": address, "next_poll_at": now + HOUR}, now=now)

    store.write(subscribe)

    def update() -> None:
        store.write(lambda db: db.execute("UPDATE feeds SET next_poll_at = 0"))
        scheduler.poll_due()
        while scheduler.busy():
            time.sleep(0.005)

    def count() -> int:
        failed = store.read().execute("SELECT count(*) FROM feeds WHERE failures > 0").fetchone()[0]
        assert not failed, f"{failed} feeds failed"
        return episodes.count(store.read())

    def close() -> None:
        scheduler.stop()
        fetcher.close()
        store.close()

    return update, count, close


def other(folder: Path, addresses: list[str]) -> tuple[Callable[[], None], Callable[[], int], Callable[[], None]]:
    import feedparser_sgmllib

    # The feedparser bundled with reader imports a module of Python 2; feedparser itself ships it under another name.
    sys.modules.setdefault("sgmllib", feedparser_sgmllib)
    from reader import make_reader

    reader = make_reader(str(folder / "reader.db"))
    for address in addresses:
        reader.add_feed(address)

    def update() -> None:
        reader.update_feeds(workers=16, scheduled=False)

    def count() -> int:
        failed = sum(feed.last_exception is not None for feed in reader.get_feeds())
        assert not failed, f"{failed} feeds failed"
        return reader.get_entry_counts().total or 0

    return update, count, reader.close


def _worked() -> float:
    """Return the processor seconds of this process and its ended children."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def main() -> None:
    side, folder, port, feeds, items = sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:6])
    update, count, close = {"ours": ours, "reader": other}[side](folder, urls(port, feeds, items))
    seconds, processor = {}, {}
    for phase in ("new", "unchanged", "one new"):
        if phase == "one new":
            urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/publish", method="POST")).close()
        began, worked = time.perf_counter(), _worked()
        update()
        seconds[phase], processor[phase] = time.perf_counter() - began, _worked() - worked
    episodes = count()
    close()
    print(json.dumps({"seconds": seconds, "processor": processor, "episodes": episodes}))


if __name__ == "__main__":
    main()
