import pytest

from core.sources import opml
from core.sources.markup import tags, unescaped


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example/?id=1&section=2",
        "https://a.example/?copy=1&copy=2&copy",
        "https://a.example/?x=1&times=2&timestamp=3",
        "https://a.example/?x=1&reg=2&region=eu&para=3&param=4",
        "https://a.example/?x=1&lang=zh&notify=1&order=up&currency=x&degree=2&middot=1",
        "https://a.example/?x=1&ampere=1&lt=2&gt=3&quote=4&amp=5",
        "https://a.example/?x&nosuchname;y",
    ],
)
def test_the_fields_of_an_address_stay(address: str) -> None:
    assert unescaped(address) == address
    assert dict(tags(f'<a href="{address}">', "a"))["a"]["href"] == address
    written = f'<opml><body><outline type="rss" xmlUrl="{address}"/><outline text="a & b"></body></opml>'
    assert [feed.url for feed in opml.read(written.encode()).feeds] == [address]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("?a=1&amp;section=2", "?a=1&section=2"),
        ("?a=1&#38;b=2&#x26;c=3&#38d", "?a=1&b=2&c=3&d"),
        ("Caf&eacute; &lt;b&gt; &mdash; &copy; &hearts;", "Café <b> — © ♥"),
        ("Q &amp A", "Q & A"),
        ("&amp;amp;", "&amp;"),
        ("no entity & none", "no entity & none"),
    ],
)
def test_entities_that_are_meant_are_read(written: str, meant: str) -> None:
    assert unescaped(written) == meant
