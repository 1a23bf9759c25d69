from __future__ import annotations

import pytest

from core.sources.feeds import reading
from core.sources.feeds.shape import DEEPEST, MOST_ATTRIBUTES, tame
from core.sources.sanitize import MOST_TAGS, clean_html, html_to_text
from tests.fakes.podcast_host import PodcastHost

OPEN = b"<rss version='2.0'><channel>"
CLOSE = b"</channel></rss>"


def test_a_feed_as_podcasts_have_them_is_tame() -> None:
    with PodcastHost() as host:
        assert tame(host.feed())
    for said in ("iso-8859-1", "utf-16", "klingon", "utf8mb4"):
        assert tame(f"<?xml version='1.0' encoding='{said}'?><rss><channel>ü</channel></rss>".encode())


@pytest.mark.parametrize(
    "body",
    [
        OPEN,
        b"",
        b"not xml",
        b"<!DOCTYPE rss [<!ENTITY x 'y'>]>" + OPEN + CLOSE,
        b"<!DOCTYPE rss [<!ENTITY % p SYSTEM 'http://127.0.0.1/'> %p;]>" + OPEN + CLOSE,
        OPEN + b"<a>" * DEEPEST + b"</a>" * DEEPEST + CLOSE,
        OPEN + b"<a " + b" ".join(b"a%d='1'" % n for n in range(MOST_ATTRIBUTES + 1)) + b"/>" + CLOSE,
        b"<?xml version='1.0' encoding='gbk'?><rss>\xb2\xa5</rss>",
    ],
)
def test_what_has_another_shape_is_not(body: bytes) -> None:
    assert not tame(body)


def test_what_is_not_tame_is_parsed_apart_and_read_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    apart: list[bytes] = []
    real = reading._apart

    def watched(body: bytes, *more: object) -> object:
        apart.append(body)
        return real(body, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(reading, "_apart", watched)
    item = b"<item><title>One</title><enclosure url='http://a.example/1.mp3' type='audio/mpeg'/></item>"
    broken = OPEN + item + b"<item>"
    assert [e.title for e in reading.read_feed(broken, "https://a.example/f").entries] == ["One"]
    assert apart == [broken]
    reading.read_feed(broken[:-6] + CLOSE, "https://a.example/f")
    assert apart == [broken]


def test_markup_that_is_all_tags_loses_them_before_it_is_unfolded() -> None:
    bomb = "<div>" * (MOST_TAGS + 1) + "the end"
    assert clean_html(bomb) == html_to_text(bomb) == "the end"
    assert clean_html("<b>" + "<" * (MOST_TAGS + 1)).startswith("&lt;")
