"""Each fault of an address is told as what it is."""

from __future__ import annotations

import pytest

from core.domain import web_address
from core.errors import BadAddress


@pytest.mark.parametrize(
    ("text", "case"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("hello world", "spaces"),
        ("https://exa mple.com/feed", "spaces"),
        ("hello", "no_scheme"),
        ("//pods.example/feed", "no_scheme"),
        ("nas:8000/feed", "no_scheme"),
        ("file:///etc/passwd", "file"),
        ("/home/anna/talk.mp3", "file"),
        ("C:\\Talks\\talk.mp3", "file"),
        ("ftp://pods.example/feed", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("mailto:anna@pods.example", "scheme"),
        ("https://", "no_host"),
        ("https:///feed", "no_host"),
        ("https://[bad", "no_host"),
        ("https://pods.example:99999/feed", "port"),
        ("https://pods.example:0/feed", "port"),
        ("https://pods.example:port/feed", "port"),
        ("https://pods.example/" + "x" * web_address.LONGEST, "long"),
    ],
)
def test_what_is_wrong_is_named(text: str, case: str) -> None:
    with pytest.raises(BadAddress) as refused:
        web_address.check(text)
    assert refused.value.params["case"] == case
    assert "{" not in refused.value.detail and len(refused.value.detail) < 300


@pytest.mark.parametrize(
    "text",
    [
        "https://pods.example/feed.xml",
        " HTTP://pods.example ",
        "http://localhost:8000/a b.mp3",
        "http://nas/feed",
        "http://[2001:db8::1]:8080/feed",
        "https://b\u00fccher.example/f\u00fcr",
        "https://anna:secret@pods.example/feed",
    ],
)
def test_an_address_of_the_web_passes(text: str) -> None:
    web_address.check(text)


def test_no_secret_stands_in_the_fault() -> None:
    with pytest.raises(BadAddress) as refused:
        web_address.check("https://anna:secret@pods.example:99999/feed?key=8d1ea7c0ffee")
    assert "secret" not in refused.value.detail and "8d1e" not in str(refused.value.params)
