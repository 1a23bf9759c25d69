"""Moving subscriptions: what a file holds is said before it is imported, and what an export leaves out."""

from __future__ import annotations

from functools import partial

import pytest
from streamlit.testing.v1 import AppTest

from core.app import CastMind
from core.domain.accounts.actor import OWNER
from core.domain.feeds.imports import Outline
from core.sources import opml
from core.store.feeds import feeds
from pages.text import texts
from tests.fakes.podcast_host import PodcastHost
from tests.pages.conftest import Open
from tests.pages.feeds.conftest import idle
from tests.runner_fixture import until


def chosen(page: AppTest, body: bytes) -> AppTest:
    (field,) = page.get("file_uploader")
    return field.upload("mine.opml", body).run()


def test_a_file_says_what_is_in_it_and_is_imported_on_request(castmind: CastMind, opened: Open, host: PodcastHost) -> None:
    body = opml.write([Outline(host.feed_url), Outline(host.feed_url)], title="x", now=0.0)
    page = chosen(opened("feeds/page.py", add="file"), body)
    said = [each.value.replace("\\", "") for each in page.markdown]
    assert any("mine.opml" in each for each in said)
    assert texts("en")["feeds.file.repeated"].format(n=1) in [each.value for each in page.caption]
    assert castmind.imports.listing(OWNER) == []
    page.number_input(key="feeds.file.0.backlog").set_value(2)
    (go,) = [button for button in page.button if button.label == texts("en")["feeds.file.go"]]
    go.click().run()
    (begun,) = castmind.imports.listing(OWNER)
    assert (begun.name, begun.backlog) == ("mine.opml", 2)
    assert page.get("file_uploader")[0].value is None
    until(lambda: idle(castmind))
    assert [row.feed.url for row in castmind.subscriptions.listing(OWNER)] == [host.feed_url]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_another_file_is_refused_with_the_reason(castmind: CastMind, opened: Open, language: str) -> None:
    castmind.settings.save(OWNER, "language", language)
    page = chosen(opened("feeds/page.py", add="file"), b"<html></html>")
    (error,) = page.error
    assert texts(language)["error.not_opml"] == error.value.replace("\\", "")
    assert texts(language)["feeds.file.go"] not in [button.label for button in page.button]


def test_urls_that_may_hold_a_key_are_exported_only_on_request(castmind: CastMind, opened: Open) -> None:
    urls = ["https://a.example/feed", "https://b.example/feed?auth=8d1ea7c0ffee4f6d9b1c8d1ea7c0ffee"]
    for number, url in enumerate(urls):
        values = {"url": url, "title": "A", "next_poll_at": 4e9}
        castmind._store.write(partial(feeds.add, values=values, now=1.0))
        links = [each.proto.url for each in opened("feeds/page.py").get("link_button")]
        assert links == ["/api/v1/opml", "/api/v1/opml?keys=true"][: number + 1]
