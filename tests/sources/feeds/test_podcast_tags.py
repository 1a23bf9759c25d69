from __future__ import annotations

import pytest

from core.domain.feeds.feed import FeedEntry
from core.domain.feeds.people import Person
from core.sources.feeds.parse import parse

URL = "https://pods.example/feed.xml"
NAMESPACES = (
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:podcast="https://podcastindex.org/namespace/1.0" xmlns:psc="http://podlove.org/simple-chapters"'
)
AUDIO = '<enclosure url="https://a.example/1.mp3" type="audio/mpeg"/>'


def entry(item: str, channel: str = "") -> FeedEntry:
    items = f"<item><guid>1</guid>{AUDIO}{item}</item>"
    text = f"<rss version='2.0' {NAMESPACES}><channel><title>S</title>{channel}{items}</channel></rss>"
    (found,) = parse(text.encode(), URL).entries
    return found


def test_the_people_of_an_item_with_their_roles() -> None:
    found = entry(
        '<podcast:person href="https://a.example/ann">Ann  O&amp;Neill</podcast:person>'
        '<podcast:person role="Guest" group="cast" href="javascript:alert(1)">李雷</podcast:person>'
        '<podcast:person role="guest">李雷</podcast:person><podcast:person> </podcast:person>'
    )
    assert found.people == (Person("Ann O&Neill", "host", "https://a.example/ann"), Person("李雷", "guest"))


def test_an_item_that_names_nobody_has_the_people_of_the_show() -> None:
    show = "<podcast:person>Ann</podcast:person>"
    assert entry("", show).people == (Person("Ann"),)
    assert entry("<podcast:person>Bo</podcast:person>", show).people == (Person("Bo"),)


def test_markup_in_names_is_harmless_and_crowds_are_bounded() -> None:
    assert entry("<podcast:person>&lt;img src=x onerror=alert(1)&gt;Eve</podcast:person>").people == (Person("Eve"),)
    crowd = "".join(f"<podcast:person>P {n}</podcast:person>" for n in range(500))
    assert len(entry(crowd).people) == 50


@pytest.mark.parametrize(
    ("tags", "season", "number"),
    [
        ("<itunes:season>2</itunes:season><itunes:episode>7</itunes:episode>", 2, 7),
        ('<podcast:season name="Winter">3</podcast:season><podcast:episode display="4½">4.5</podcast:episode>', 3, 4.5),
        ("<podcast:season>3</podcast:season><itunes:season>9</itunes:season>", 3, None),
        ("<itunes:season>two</itunes:season><itunes:episode>-1</itunes:episode>", None, None),
        ("<itunes:season></itunes:season><itunes:episode>99999999999</itunes:episode>", None, None),
    ],
)
def test_season_and_number(tags: str, season: int | None, number: float | None) -> None:
    found = entry(tags)
    assert (found.season, found.number) == (season, number)


@pytest.mark.parametrize(("said", "kind"), [("full", "full"), (" Trailer ", "trailer"), ("bonus", "bonus"), ("special", None)])
def test_the_kind_of_an_episode(said: str, kind: str | None) -> None:
    assert entry(f"<itunes:episodeType>{said}</itunes:episodeType>").kind == kind


def test_value_and_tags_that_nobody_knows_are_passed_over() -> None:
    found = entry(
        '<podcast:value type="lightning" method="keysend"><podcast:valueRecipient name="x" address="02"/></podcast:value>'
        "<podcast:unheardOf>1</podcast:unheardOf><itunes:season>1</itunes:season>"
    )
    assert (found.season, found.title, found.people) == (1, "", ())
