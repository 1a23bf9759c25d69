from __future__ import annotations

import json
from typing import Any

import pytest

from core.domain.feeds.feed_credentials import (
    AGENTS,
    CredentialsKind,
    FeedCredentials,
    next_agent,
    origin_of,
    typed_headers,
    without_user,
)
from core.errors import BadAccess

FEED = "https://pods.example/private/feed.xml"
SECRET = "horse-staple"


def credentials(url: str = FEED, **more: Any) -> FeedCredentials:
    return FeedCredentials.of(url, **({"user": "anna", "password": SECRET} | more))


def test_nothing_shows_a_secret() -> None:
    made = credentials(hosts=["cdn.example"])
    with_headers = FeedCredentials.of(FEED, headers={"X-Key": SECRET})
    for text in (repr(made), str(made), f"{[made]}", repr(with_headers), repr(FeedCredentials.of(FEED, token=SECRET))):
        assert SECRET not in text and "anna" not in text
    assert repr(made) == "FeedCredentials(password)"
    assert made.masked_user == "…" and credentials(user="annab").masked_user == "an…"


@pytest.mark.parametrize(
    ("feed", "url", "said"),
    [
        (FEED, "https://pods.example/audio/1.mp3", True),
        (FEED, "https://PODS.example:443/a", True),
        (FEED, "https://pods.example./a", True),
        (FEED, "https://me@pods.example/a", True),
        (FEED, "http://pods.example/a", False),
        (FEED, "https://pods.example:8443/a", False),
        (FEED, "https://audio.pods.example/a", False),
        (FEED, "https://pods.example.evil.example/a", False),
        (FEED, "https://pods.example@evil.example/a", False),
        (FEED, "https://evil.example/pods.example", False),
        (FEED, "https://evil.example#@pods.example/", False),
        (FEED, "ftp://pods.example/a", False),
        (FEED, "https://[pods.example/a", False),
        (FEED, "", False),
        ("http://pods.example/feed", "http://pods.example/a", True),
        ("http://pods.example/feed", "https://pods.example/a", True),
        ("http://pods.example:8000/feed", "https://pods.example:8000/a", False),
        ("http://pods.example:8000/feed", "https://pods.example/a", False),
        ("http://[::1]:8000/feed", "http://[::1]:8000/a", True),
        ("http://[::1]:8000/feed", "http://[::1]:8001/a", False),
    ],
)
def test_credentials_are_said_to_the_feeds_own_host_alone(feed: str, url: str, said: bool) -> None:
    made = credentials(feed)
    assert made.covers(url) is said
    assert bool(made.headers_for(url)) is said


@pytest.mark.parametrize(
    ("named", "url", "said"),
    [
        ("cdn.example", "https://cdn.example/a.mp3", True),
        (" CDN.example/ ", "https://cdn.example/a.mp3", True),
        ("cdn.example", "http://cdn.example/a.mp3", False),
        ("cdn.example", "https://cdn.example:8443/a.mp3", False),
        ("cdn.example:8443", "https://cdn.example:8443/a.mp3", True),
        ("cdn.example", "https://x.cdn.example/a.mp3", False),
    ],
)
def test_and_to_hosts_that_the_user_names(named: str, url: str, said: bool) -> None:
    assert credentials(hosts=[named]).covers(url) is said


def test_what_a_request_says() -> None:
    assert credentials().headers_for(FEED) == {"Authorization": "Basic YW5uYTpob3JzZS1zdGFwbGU="}
    assert credentials(user="Jürgen", password="пароль").headers_for(FEED)["Authorization"].isascii()
    assert FeedCredentials.of(FEED, token=" Bearer abc ").headers_for(FEED) == {"Authorization": "Bearer abc"}
    assert FeedCredentials.of(FEED, headers={"X-Key": "1", "Cookie": "a=b"}).headers_for(FEED) == {"X-Key": "1", "Cookie": "a=b"}
    assert FeedCredentials.of(FEED, user_agent="Player/1").headers_for(FEED) == {}


def test_kinds() -> None:
    found = [
        FeedCredentials.of(FEED, **more).kind
        for more in ({"user": "a"}, {"token": "t"}, {"headers": {"X": "1"}}, {"user_agent": "P"}, {})
    ]  # type: ignore[arg-type]
    assert found == [*CredentialsKind, None]


@pytest.mark.parametrize(
    "more",
    [
        {"token": "t"},
        {"user": "a:b"},
        {"password": "line\nbreak"},
        {"password": "x" * 4001},
        {"headers": {"Host": "evil"}},
        {"headers": {"host": "evil"}},
        {"headers": {"Content-Length": "0"}},
        {"headers": {"Authorization": "Basic x"}},
        {"headers": {"X-A": "1\r\nHost: evil"}},
        {"headers": {"X A": "1"}},
        {"headers": {"X-A": "1", "x-a": "2"}},
        {"headers": {f"X-{n}": "1" for n in range(11)}},
        {"headers": {"X-A": "ключ"}},
        {"user_agent": "a\nb"},
        {"hosts": ["https://cdn.example"]},
        {"hosts": ["*.example"]},
        {"hosts": ["cdn.example:99999"]},
        {"hosts": ["cdn.example:65536"]},
        {"hosts": ["cdn.example:0"]},
        {"hosts": ["user@cdn.example"]},
        {"hosts": [f"{n}.example" for n in range(21)]},
    ],
)
def test_what_no_request_can_carry_is_refused_without_being_repeated(more: dict[str, Any]) -> None:
    with pytest.raises(BadAccess) as refused:
        credentials(**more)
    assert SECRET not in refused.value.detail and "evil" not in refused.value.detail


def test_it_comes_back_as_it_was_kept() -> None:
    made = credentials(headers={"X-Key": "1"}, hosts=["cdn.example"], user_agent="P")
    assert FeedCredentials.from_dict(json.loads(json.dumps(made.to_dict()))) == made


def test_secrets_that_a_change_leaves_out_stay_as_long_as_the_feed_lives_there() -> None:
    before = credentials(headers={"X-Key": "1"})
    assert credentials(password="", hosts=["cdn.example"], headers={"x-key": ""}).completed(before).password == SECRET
    assert credentials(password="", headers={"x-key": ""}).completed(before).headers == (("x-key", "1"),)
    assert credentials(password="new").completed(before).password == "new"
    assert credentials(user="bert", password="").completed(before).password == ""
    assert credentials("https://elsewhere.example/feed", password="").completed(before).password == ""
    assert credentials(password="").completed(None).password == ""
    token = FeedCredentials.of(FEED, token="t")
    assert FeedCredentials.of(FEED, hosts=["cdn.example"]).completed(token).token == "t"
    assert credentials().completed(token).token == ""
    assert FeedCredentials.of(FEED, user="anna").completed(token).token == ""


def test_user_and_password_of_an_address() -> None:
    assert without_user("https://anna:p%40ss@pods.example:8443/f?a=1#x") == ("https://pods.example:8443/f?a=1#x", "anna", "p@ss")
    assert without_user("https://anna@pods.example/") == ("https://pods.example/", "anna", "")
    assert without_user(FEED) == (FEED, "", "")
    assert without_user("https://[bad") == ("https://[bad", "", "")


def test_origins() -> None:
    assert origin_of("HTTPS://Pods.Example/x") == "https://pods.example:443"
    assert origin_of("http://pods.example/x") == "http://pods.example:80"
    assert origin_of("http://[::1]:8000/x") == "http://[::1]:8000"
    with pytest.raises(BadAccess):
        origin_of("file:///etc/passwd")


def test_what_lies_just_within_the_bounds_is_taken() -> None:
    assert credentials(password="x" * 4000).password == "x" * 4000
    assert len(credentials(headers={f"X-{n}": "1" for n in range(10)}).headers) == 10
    hosts = ["cdn.example:1", "cdn.example:65535", *(f"{n}.example" for n in range(18))]
    assert len(credentials(hosts=hosts).hosts) == 20


@pytest.mark.parametrize("more", [{"user": "anna"}, {"password": SECRET}])
def test_a_token_goes_with_neither_a_user_nor_a_password(more: dict[str, str]) -> None:
    with pytest.raises(BadAccess):
        FeedCredentials.of(FEED, token="t", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("more", [{"user": "anna"}, {"password": SECRET}, {"token": "t"}])
def test_the_header_of_credentials_is_theirs_where_there_are_some(more: dict[str, str]) -> None:
    with pytest.raises(BadAccess):
        FeedCredentials.of(FEED, headers={"Authorization": "Basic x"}, **more)  # type: ignore[arg-type]
    assert FeedCredentials.of(FEED, headers={"Authorization": "Basic x"}).headers_for(FEED) == {"Authorization": "Basic x"}


def test_user_agents_are_tried_in_turn_and_ours_again_after_the_last() -> None:
    tried = ["", *AGENTS]
    assert [next_agent(agent) for agent in tried] == [*AGENTS, ""]
    assert next_agent("Player/1") == AGENTS[0]


def test_headers_are_typed_one_a_line() -> None:
    assert typed_headers("X-Key: a:b\n\n  Cookie :c \n") == {"X-Key": "a:b", "Cookie": "c"}
    with pytest.raises(BadAccess):
        typed_headers("X-Key: 1\nCookie")
