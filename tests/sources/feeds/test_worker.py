"""The confined process that parses a large feed: what it writes, and how it says that there is none."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest

from core.errors import NotAFeed
from core.sandbox import run
from core.sources.feeds import worker
from core.sources.feeds.parse import parse, quickly
from core.sources.feeds.reading import from_json
from tests.sources.feeds.test_reading import URL, feed

ASKED = json.dumps({"url": URL, "content_type": "text/xml"}).encode() + b"\n"
# Namespaces that only the thorough parser understands.
ODD = b"<rss version='2.0' xmlns:a='http://www.w3.org/2005/Atom'><channel><title>Odd</title><item><guid>1</guid></item></channel>"


def test_an_answer_survives_its_way_between_the_processes() -> None:
    parsed = parse(feed(3), URL)
    assert from_json(worker.to_json(parsed).encode()) == parsed


def test_half_a_character_becomes_a_question_mark() -> None:
    parsed = replace(parse(feed(1), URL), title="A \ud800 half")
    assert from_json(worker.to_json(parsed).encode("utf-8", "replace")).title == "A ? half"


def test_a_body_that_the_quick_parser_leaves_is_read_again_from_its_beginning() -> None:
    given = io.BytesIO(ASKED + ODD)
    given.readline()
    assert quickly(ODD, URL, "text/xml") is None
    assert worker._parsed(given, URL, "text/xml").title == "Odd"


def test_what_is_no_feed_is_told_apart() -> None:
    with pytest.raises(NotAFeed):
        worker._parsed(io.BytesIO(b"<html><p>Sign in</p></html>"), URL, "text/html")


def test_the_process_ends_with_a_status_of_its_own_where_there_is_no_feed() -> None:
    ended = run("core.sources.feeds.worker", given=(ASKED, b"<html></html>"), timeout=60.0)
    assert (ended.code, ended.output) == (worker.NO_FEED, b"")
