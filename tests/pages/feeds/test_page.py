from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.app import CastMind
from core.domain.accounts.actor import OWNER, Actor
from core.domain.feeds import folder_feed
from core.domain.feeds.imports import LineState, Outline
from core.services.feeds.subscriptions import FeedRow
from core.sources import opml
from core.store.feeds import feeds
from pages.text import texts
from tests.fakes.podcast_directory import PodcastDirectory
from tests.fakes.podcast_host import Mode, PodcastHost
from tests.pages.conftest import Open
from tests.runner_fixture import until


@pytest.fixture
def host() -> Iterator[PodcastHost]:
    with PodcastHost() as running:
        yield running


def idle(castmind: CastMind) -> bool:
    return all(task.finished for task in castmind.tasks.listing(OWNER, "import", "refresh"))


def test_a_newcomer_is_shown_three_ways_in(castmind: CastMind, opened: Open) -> None:
    page = opened("feeds/page.py")
    assert [*page.header, *page.subheader][0].value == "Subscribe to your first podcast"
    assert "Paste the address" in page.caption[0].value
    for way, word in (("search", "Look a podcast up"), ("file", "Bring all your subscriptions")):
        page.segmented_control(key="add").set_value(way).run()
        assert word in page.caption[0].value


def test_an_address_is_subscribed_with_what_was_wished(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    page = opened("feeds/page.py")
    page.text_input(key="feeds.url").set_value(f"  {host.feed_url} ")
    page.number_input(key="feeds.add.backlog").set_value(1)
    page.toggle(key="feeds.add.auto").set_value(False)
    page.button[0].click().run()
    assert not page.exception
    until(lambda: idle(castmind))
    feed = castmind.subscriptions.listing(OWNER)[0].feed
    assert (feed.url, feed.backlog, feed.auto_transcribe) == (host.feed_url, 1, False)
    page.run()
    assert page.text_input(key="feeds.url").value == ""
    assert any("CastMind samples" in str(link.proto.label) for link in page.get("page_link"))


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
    page.button[0].click().run()
    assert any("CastMind samples" in str(link.proto.label) for link in page.get("page_link"))
    assert [toast.value for toast in page.toast] == ["Subscribed to CastMind samples. Its episodes are in the library."]
    page.button(key="feeds.read_all").click().run()
    assert any("Feeds read: 1" in toast.value for toast in page.toast)


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
        ("/as/forbidden/feed.xml", "拒绝本程序（状态 403）"),
        ("/as/busy/feed.xml", "要求稍后再试"),
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


def test_words_are_sent_only_when_the_button_is_pressed(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    with PodcastDirectory() as directory:
        directory.shows = [("The cat **show**", "A. Cat", host.feed_url, None)]
        castmind.settings.save(OWNER, "itunes_url", directory.url)
        page = opened("feeds/page.py")
        page.segmented_control(key="add").set_value("search").run()
        assert directory.asked == []
        page.text_input(key="feeds.search.words").set_value("cat")
        page.button[0].click().run()
        assert [query["term"] for _, query, _ in directory.asked] == ["cat"]
        page.button(key="found.add.0").click().run()
        until(lambda: idle(castmind))
        assert castmind.subscriptions.listing(OWNER)[0].feed.url == host.feed_url
        directory.status = 500
        page.text_input(key="feeds.search.words").set_value("dog")
        page.button[0].click().run()
        assert any("does not answer as it should" in toast.value for toast in page.toast)


def test_without_a_directory_the_search_says_so(castmind: CastMind, opened: Open) -> None:
    castmind.settings.save(OWNER, "itunes_url", "")
    page = opened("feeds/page.py")
    page.segmented_control(key="add").set_value("search").run()
    assert "No directory is set up" in page.info[0].value


def test_an_unsubscribe_is_undone_below_the_list(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    feed = castmind.subscriptions.add(OWNER, host.feed_url, backlog=0).feed
    castmind.unsubscribe.remove(OWNER, feed.id, episodes=True)
    page = opened("feeds/page.py")
    page.button(key=f"gone.back.{feed.id}").click().run()
    assert castmind.subscriptions.get(OWNER, feed.id).episodes == 5


def test_a_folder_of_the_inbox_is_a_feed_that_nobody_reads(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    values = {"url": folder_feed.address(("My Show",)), "title": "My Show"}
    number = castmind._store.write(lambda db: feeds.add(db, values, now=1.0))
    castmind.subscriptions.add(OWNER, host.feed_url, backlog=0)
    page = opened("feeds/page.py")
    assert [button.key for button in page.button if "refresh" in str(button.key)] == [f"feed.refresh.{number + 1}"]
    assert any("a folder" in each.value for each in page.caption)
    castmind.refresh.ask(OWNER)
    until(lambda: not castmind.refresh.state(OWNER).running)
    assert castmind.refresh.state(OWNER).done == 1
    assert [f.url for f in opml.read(castmind.imports.export(OWNER)[0]).feeds] == [host.feed_url]


def test_many_feeds_are_drawn_a_page_at_a_time_and_found_by_words(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    body = opml.write([Outline(f"{host.feed_url}?n={n}") for n in range(33)], title="x", now=0.0)
    castmind.imports.add_opml(OWNER, body)
    until(lambda: idle(castmind))
    for number, row in enumerate(castmind.subscriptions.listing(OWNER)):
        castmind.subscriptions.change(OWNER, row.feed.id, title=f"Show no{number:02}")
    page = opened("feeds/page.py")
    assert len(page.get("page_link")) == 30
    page.button(key="feeds.more").click().run()
    assert len(page.get("page_link")) == 33
    page.text_input(key="feeds.q").set_value("show no07").run()
    assert len(page.get("page_link")) == 1
    page.button(key="feeds.read_all").click().run()
    until(lambda: not castmind.refresh.state(OWNER).running)
    assert castmind.refresh.state(OWNER).done == 33


def test_a_feeds_title_and_wishes_are_changed_in_its_card(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    number = castmind.subscriptions.add(OWNER, host.feed_url, backlog=0).feed.id
    page = opened("feeds/page.py")
    page.session_state[f"feed.unfolded.{number}"] = True
    page.run()
    page.text_input(key=f"feed.title.{number}").set_value("Mine")
    page.number_input(key=f"feed.{number}.backlog").set_value(1)
    page.toggle(key=f"feed.{number}.auto").set_value(False)
    page.button(key=f"feed.save.{number}").click().run()
    feed = castmind.subscriptions.get(OWNER, number).feed
    assert (feed.title, feed.backlog, feed.auto_transcribe) == ("Mine", 1, False)
    assert any("Mine" in str(link.proto.label) for link in page.get("page_link"))


def test_a_feeds_address_is_changed_and_changed_back_in_its_card(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    number = castmind.subscriptions.add(OWNER, host.feed_url, backlog=0).feed.id
    page = opened("feeds/page.py")
    page.session_state[f"feed.unfolded.{number}"] = True
    page.run()
    for typed, now, words in (
        (f"{host.url}/nowhere.xml", host.feed_url, "404"),
        (f"{host.feed_url}?new=1", f"{host.feed_url}?new=1", "new address"),
    ):
        page.text_input(key=f"feed.address.{number}.{host.feed_url}").set_value(typed)
        page.button(key=f"feed.address.{number}.save").click().run()
        assert castmind.subscriptions.get(OWNER, number).feed.url == now
        assert any(words in toast.value for toast in page.toast)
    page.button(key=f"feed.address.{number}.undo").click().run()
    assert castmind.subscriptions.get(OWNER, number).feed.url == host.feed_url
    assert not any(button.key == f"feed.address.{number}.undo" for button in page.button)


def test_a_page_in_the_place_of_a_feed_offers_what_it_declares(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    number = castmind.subscriptions.add(OWNER, f"{host.feed_url}?old=1", backlog=0).feed.id
    host.serve_feed("<html><link rel=alternate type=application/rss+xml href=/as/ok/feed.xml></html>", content_type="text/html")
    castmind.subscriptions.refresh(OWNER, number)
    host.serve_feed(None)
    page = opened("feeds/page.py")
    page.button(key=f"feed.offered.{number}.0").click().run()
    feed = castmind.subscriptions.get(OWNER, number).feed
    assert (feed.url, feed.error) == (f"{host.url}/as/ok/feed.xml", None)


def test_feeds_stand_in_their_folders_and_are_moved_between_them(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    page = opened("feeds/page.py")
    kept = ["News/*Tech*", "", "news", "News/*Tech*"]
    numbers = [
        castmind.subscriptions.add(OWNER, f"{host.feed_url}?n={n}", backlog=0, folder=each).feed.id for n, each in enumerate(kept)
    ]
    page.run()
    headers = [header.value.removeprefix(":material/folder_open: ") for header in page.header]
    assert headers == ["news (1)", r"News\/\*Tech\* (2)", "No folder (1)"]
    page.session_state[f"feed.unfolded.{numbers[1]}"] = True
    page.run()
    chosen = page.selectbox(key=f"feed.folder.{numbers[1]}.")
    assert (chosen.value, chosen.options) == ("", ["No folder", "news", "News/*Tech*"])
    chosen.set_value("news")
    page.button(key=f"feed.save.{numbers[1]}").click().run()
    assert castmind.subscriptions.get(OWNER, numbers[1]).feed.folder == "news"
    chosen = page.selectbox(key=f"feed.folder.{numbers[1]}.news")
    chosen.options.append(" Brand / new")  # as a browser sends typed text
    chosen.set_value(" Brand / new")
    page.button(key=f"feed.save.{numbers[1]}").click().run()
    assert castmind.subscriptions.get(OWNER, numbers[1]).feed.folder == "Brand/new"
    assert page.selectbox(key=f"feed.folder.{numbers[1]}.Brand/new").value == "Brand/new"
    for number in numbers:
        castmind.subscriptions.change(OWNER, number, folder="")
    assert not page.run().header
    assert not any("folder_open" in caption.value for caption in page.caption)


def test_an_import_under_way_has_a_bar_and_is_stopped_there(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    host.play("/feed.xml", Mode.OK, Mode.SILENT, Mode.SILENT)
    body = opml.write([Outline(f"{host.feed_url}?n={n}") for n in range(3)], title="x", now=0.0)
    castmind.imports.add_opml(OWNER, body, name="mine.opml")
    until(lambda: castmind.tasks.listing(OWNER, "import")[0].done == 1)
    (task,) = castmind.tasks.listing(OWNER, "import")
    for path in ("feeds/page.py", "status/page.py"):
        (bar,) = opened(path).get("progress")[:1]
        assert bar.proto.text.replace("\\", "") == "mine.opml is being imported: 1 of 3 · 1 added"
    page = opened("feeds/page.py")
    told = [toast.value for toast in page.button(key=f"task.stop.{task.id}").click().run().toast]
    until(lambda: idle(castmind))
    told += [toast.value for toast in page.run().toast]
    assert told == [texts("en")["task.cancelled.import"]]
    assert castmind.imports.get(OWNER, 1).counts == {LineState.ADDED: 1, LineState.CANCELLED: 2}
    assert page.button(key="import.again.1")
