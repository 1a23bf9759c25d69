"""Elements that occur more than once, and texts beside attributes: one case of each rule, spelt out."""

from __future__ import annotations

from typing import Any

from core.sources.feeds.quick import quick_parse
from core.sources.feeds.quick.element_handlers import MOST_AUTHORS, QuickFeed
from tests.sources.feeds.small_feeds import NAMESPACES, rss

ROOT = f" xmlns:content='{NAMESPACES['content']}' xmlns:itunes='{NAMESPACES['itunes']}' xmlns:podcast='{NAMESPACES['podcast']}'"


def read(inside: str) -> QuickFeed:
    found = quick_parse.read(rss(inside, root=ROOT))
    assert found is not None
    return found


def item(inside: str) -> dict[str, Any]:
    (entry,) = read(f"<item>{inside}</item>").entries
    return entry


def test_the_first_title_that_is_not_empty_counts() -> None:
    assert item("<title/><title>One</title><title>Two</title>")["title"] == "One"


def test_a_second_description_of_an_item_is_its_content() -> None:
    entry = item("<description>short</description><description>long</description>")
    assert (entry["summary"], entry["content"]) == ("short", [{"value": "long"}])


def test_encoded_content_is_the_summary_of_an_item_without_one() -> None:
    assert item("<content:encoded>long</content:encoded>") == {"content": [{"value": "long"}], "summary": "long"}


def test_a_guid_is_a_link_unless_it_says_otherwise() -> None:
    assert item("<guid>https://a.example/1</guid>")["link"] == "https://a.example/1"
    assert "link" not in item("<guid isPermaLink='false'>https://a.example/1</guid>")


def test_attributes_of_a_field_take_the_place_of_its_text() -> None:
    assert item("<itunes:duration>60</itunes:duration>")["itunes_duration"] == "60"
    assert item("<itunes:duration text='60'>90</itunes:duration>")["itunes_duration"] == {"text": "60"}


def test_the_name_of_an_address_is_href_whichever_attribute_has_it() -> None:
    entry = item("<enclosure url='https://a.example/1.mp3' type='Audio/MPEG'/><podcast:person role='guest'>Ann</podcast:person>")
    assert entry["enclosures"] == [{"href": "https://a.example/1.mp3", "type": "audio/mpeg"}]
    assert entry["podcast_people"] == [{"role": "guest", "name": "Ann"}]


def test_an_owner_is_the_publisher_and_an_author_the_author() -> None:
    feed = read("<itunes:owner><itunes:name>Owner</itunes:name></itunes:owner><author>Ann</author>").feed
    assert (feed["publisher_detail"]["name"], feed["author_detail"]["name"]) == ("Owner", "Ann")


def test_text_that_was_decoded_as_latin_1_is_repaired() -> None:
    assert item("<title>caf\u00c3\u00a9</title>")["title"] == "caf\u00e9"


def test_more_authors_of_the_show_than_the_most_are_left_to_feedparser() -> None:
    assert quick_parse.read(rss("<author>a</author>" * MOST_AUTHORS)) is not None
    assert quick_parse.read(rss("<author>a</author>" * (MOST_AUTHORS + 1))) is None
