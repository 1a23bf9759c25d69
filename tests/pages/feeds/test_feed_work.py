"""Work on feeds, live: its bar and its end, failures that stay, offers that are chosen from."""

from __future__ import annotations

import time

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER, Actor
from core.domain.feeds.imports import ImportKind, LineState, Outline
from core.errors import NameUnknown
from core.services.feeds.subscriptions import FeedRow
from core.sources import opml
from core.store.db.sqlite import Database
from core.store.feeds import imports
from pages.feeds import feed_work
from pages.text import texts
from tests.fakes.podcast_host import Mode, PodcastHost
from tests.pages.conftest import Open, open_page
from tests.pages.feeds.conftest import idle, titles
from tests.runner_fixture import until


def test_what_ends_while_the_page_is_being_drawn_is_told_and_listed(
    castmind: CastMind, opened: Open, host: PodcastHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("feeds/page.py")
    listing = castmind.subscriptions.listing

    def before_it_ended(actor: Actor) -> list[FeedRow]:
        rows = listing(actor)
        until(lambda: idle(castmind))
        return rows

    monkeypatch.setattr(castmind.subscriptions, "listing", before_it_ended)
    page.text_input(key="feeds.url").set_value(host.feed_url)
    next(each for each in page.button if each.label == "Subscribe").click().run()
    assert "CastMind samples" in titles(page)
    assert [toast.value for toast in page.toast] == ["Subscribed to CastMind samples. Its episodes are in your library."]
    page.button(key="feeds.read_all").click().run()
    assert any("Feeds checked: 1" in toast.value for toast in page.toast)


def test_what_could_not_be_subscribed_stays_until_it_is_dismissed(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    castmind.imports.add_address(OWNER, f"{host.url}/nowhere")
    until(lambda: idle(castmind))
    page = opened("feeds/page.py")
    assert "status 404" in page.error[0].value
    page.button(key="import.dismiss.1").click().run()
    assert not page.error
    assert castmind.imports.listing(OWNER) == []


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/as/error/feed.xml", "返回状态 500"),
        ("/as/forbidden/feed.xml", "拒绝 CastMind（状态 403）"),
        ("/as/busy/feed.xml", "目前繁忙"),
    ],
)
def test_the_cause_is_told_in_chinese_too(castmind: CastMind, opened: Open, host: PodcastHost, path: str, said: str) -> None:
    castmind.settings.save(OWNER, "language", "zh")
    castmind.imports.add_address(OWNER, host.url + path)
    until(lambda: idle(castmind))
    page = opened("feeds/page.py")
    assert said in page.error[0].value and "未添加任何订阅" in page.error[0].value


def test_an_import_tells_what_came_of_it(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    urls = [f"{host.feed_url}?n={n}" for n in range(2)] + [f"{host.url}/nowhere"]
    castmind.imports.add_opml(OWNER, opml.write([Outline(url) for url in urls], title="x", now=0.0), name="mine.opml")
    until(lambda: idle(castmind))
    page = opened("feeds/page.py")
    said = " ".join(each.value for each in page.markdown)
    assert "mine" in said and "2 added" in said and "1 failed" in said
    page.button(key="import.again.1").click().run()
    until(lambda: idle(castmind))
    assert castmind.imports.get(OWNER, 1).counts == {LineState.ADDED: 2, LineState.FAILED: 1}


def test_an_import_under_way_has_a_bar_and_is_stopped_there(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    host.play("/feed.xml", Mode.OK, Mode.SILENT, Mode.SILENT)
    body = opml.write([Outline(f"{host.feed_url}?n={n}") for n in range(3)], title="x", now=0.0)
    castmind.imports.add_opml(OWNER, body, name="mine.opml")
    until(lambda: castmind.tasks.listing(OWNER, "import")[0].done == 1)
    (task,) = castmind.tasks.listing(OWNER, "import")
    for path in ("feeds/page.py", "status/page.py"):
        # The status page may still show the trial of the device beside it.
        said = [bar.proto.text.replace("\\", "") for bar in opened(path).get("progress")]
        assert "Importing mine.opml: 1 of 3 · 1 added" in said
    page = opened("feeds/page.py")
    told = [toast.value for toast in page.button(key=f"task.stop.{task.id}").click().run().toast]
    until(lambda: idle(castmind))
    told += [toast.value for toast in page.run().toast]
    assert told == [texts("en")["task.cancelled.import"]]
    assert castmind.imports.get(OWNER, 1).counts == {LineState.ADDED: 1, LineState.CANCELLED: 2}
    assert page.button(key="import.again.1")


def failed(castmind: CastMind, count: int, *, ago: float) -> None:
    """Put addresses that Couldn’t subscribe to, the last of them `ago` seconds ago."""

    def add(db: Database) -> None:
        for number in range(count):
            at = time.time() - ago - (count - number)
            wanted = {"kind": ImportKind.ADDRESS, "name": f"pods{number}.example", "auto_transcribe": True, "backlog": 0}
            made = imports.add(db, wanted, [(f"https://pods{number}.example/", "", "", None)], now=at)
            error = NameUnknown("No.", host=f"pods{number}.example").to_dict()
            imports.change_line(db, imports.lines(db, made)[0].id, {"state": LineState.FAILED, "error": error})
            imports.finish(db, made, now=at)

    castmind._store.write(add)


def test_failures_do_not_pile_up(resting: CastMind) -> None:
    failed(resting, 3, ago=5.0)
    page = open_page("feeds/page.py")
    (shown,) = page.error
    assert "pods2" in shown.value
    (folded,) = [each for each in page.expander if "Couldn’t subscribe" in each.label]
    assert folded.label == "Couldn’t subscribe to 2 addresses"
    page.session_state["imports.earlier"] = True
    assert len(page.run().error) == 3
    page.button(key="imports.dismiss").click().run()
    assert len(resting.imports.listing(OWNER)) == 1 and len(page.error) == 1


def test_what_failed_long_ago_is_one_line_and_goes_in_the_end(resting: CastMind) -> None:
    failed(resting, 1, ago=feed_work.NEWS_SECONDS)
    page = open_page("feeds/page.py")
    assert not page.error and "Couldn’t subscribe to 1 address" in [each.label for each in page.expander]
    resting.imports.forget_old()
    assert len(resting.imports.listing(OWNER)) == 1
    resting._store.write(lambda db: db.execute("UPDATE imports SET finished_at = finished_at - 8 * 86400"))
    resting.imports.forget_old()
    assert resting.imports.listing(OWNER) == []
