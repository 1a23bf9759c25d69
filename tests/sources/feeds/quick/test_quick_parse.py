"""Compare with feedparser: every result of the quick parser must equal feedparser's."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from core.domain.feeds.feed import ParsedFeed
from core.sources.feeds.parse import parse, quickly
from core.sources.feeds.quick import quick_parse
from core.sources.feeds.quick.elements import PLACES, ElementKind
from tests.fakes.podcast_host import PodcastHost
from tests.sources.feeds.small_feeds import NAMESPACES, URL, rss
from tests.sources.test_growth import SHORT, check

SPELT = {"episodetype": "episodeType", "pubdate": "pubDate", "lastbuilddate": "lastBuildDate", "managingeditor": "managingEditor"}
TEXTS = (
    *(
        "",
        " ",
        "\n\t ",
        "A show",
        "  padded \n out ",
        "Caf\u00e9 \u4e2d\u6587 \U0001f600",
        "caf\u00c3\u00a9",
        "a\u0080b\u0093c\u0094",
        "\u00ff\u00fe",
    ),
    *("&amp;", "&lt;b&gt;bold&lt;/b&gt;", "&amp;amp; &amp;eacute;", "Tom &amp; Jerry", "&#8220;q&#8221;", "&#x1F600;", "&#160;"),
    *("<![CDATA[<p>One &amp; two</p><p>Three</p>]]>", "<![CDATA[a]]> and <![CDATA[ b ]]>", "a<!-- no -->b", "a<?pi no?>b"),
    *(
        "Ann (ann@a.example)",
        "ann@a.example",
        "ann@a.example (Ann)",
        "&lt;ann@a.example&gt; Ann",
        "yes",
        "clean",
        "full",
        "Bonus",
    ),
    *(
        "https://a.example/?a=1&amp;b=2&amp;copy=3",
        "/relative/one",
        "http:///odd//x",
        "javascript:alert(1)",
        "mailto:x@a.example",
        "//h/p",
    ),
    *("3600", "1:02:03", "1h 2m", "PT1H", "12", "0", "-1", "7.5", "90", "daily", "weekly", "en-US", "zh_CN"),
    *("Mon, 06 Jan 2025 10:00:00 GMT", "2025-03-04T05:06:07+02:00", "Tuesday", "06/01/2025", "1735787045"),
    *(
        "917393e3-1b1e-5cef-ace4-edaa54e1f810",
        "00000000-0000-0000-0000-000000000000",
        "x" * 1200,
        "<![CDATA[" + "<i>y</i>" * 50 + "]]>",
    ),
)
ATTRIBUTES = (
    *(
        "href='https://a.example/1.mp3'",
        "url='https://a.example/2.m4a'",
        "uri='3.ogg'",
        "href=''",
        "url=''",
        "href=' /four.mp3 '",
    ),
    *(
        "type='audio/mpeg'",
        "type='AUDIO/MPEG'",
        "type='text/html'",
        "type='html'",
        "type='text'",
        "type='image/png'",
        "Type='audio/mp4'",
    ),
    *("length='12345'", "length='x'", "filesize='99'", "medium='image'", "medium='audio'", "duration='9'", "rel='enclosure'"),
    *(
        "rel='self'",
        "rel='Alternate'",
        "rel='payment'",
        "isPermaLink='false'",
        "isPermaLink='true'",
        "isPermaLink='FALSE'",
        "ispermalink='no'",
    ),
    *(
        "role='guest'",
        "role='Host'",
        "name='x'",
        "language='de'",
        "text='Arts'",
        "domain='d'",
        "term='t'",
        "xml:lang='fr'",
        "version='2.0'",
    ),
)
ODD = (
    *("<bogus>1</bogus>", "<title>a <b>bold</b> one</title>", "<description type='xhtml'><div>x</div></description>", "<image/>"),
    *(
        "<link xml:base='http://b.example/'>x</link>",
        "<description base='http://b.example/'>x</description>",
        "<media:title>m</media:title>",
    ),
    *(
        "<media:thumbnail url='t.png'/>",
        "<title mode='base64'>YQ==</title>",
        "<content src='x'/>",
        "<itunes:image><url>x</url></itunes:image>",
    ),
    *(
        "<itunes:author x:y='1' xmlns:x='urn:x'>z</itunes:author>",
        "<i xmlns:i='http://www.itunes.com/dtds/podcast-1.0.dtd'>1</i>",
    ),
    *(
        "<podcast:people>p</podcast:people>",
        "<podcast:liveItem><title>live</title></podcast:liveItem>",
        "<source><title>s</title></source>",
    ),
    *(
        "<guid>a</guid>stray text",
        "<author>x<name>n</name>y</author>",
        "<psc:chapters xmlns:psc='http://podlove.org/simple-chapters'/>",
    ),
    *("<acast:settings><title>inner</title></acast:settings>", "<date>2025</date>", "<textInput><title>t</title></textInput>"),
)


class Maker:
    """Generate random documents from the elements in the tables and, now and then, from others."""

    def __init__(self, seed: int, *, odd: float) -> None:
        self.random = random.Random(seed)
        self.odd = odd
        self.used: set[tuple[str, str]] = set()
        self.prefixes = {name: name if self.random.random() < 0.8 else f"x{n}" for n, name in enumerate(NAMESPACES)}
        self.atom = self.random.random() < 0.25

    def tag(self, name: str) -> str:
        space, _, local = name.rpartition(":")
        local = SPELT.get(local, local) if self.random.random() < 0.8 else local
        return f"{self.prefixes[space]}:{local}" if space else local

    def attributes(self, most: int) -> str:
        chosen = self.random.sample(ATTRIBUTES, self.random.randint(0, most))
        names: dict[str, str] = {}
        for each in chosen:
            names.setdefault(each.partition("=")[0], each)
        return "".join(f" {each}" for each in names.values())

    def element(self, place: str, name: str) -> str:
        kind, key = PLACES[place][name]
        self.used.add((place, name))
        tag, inner = self.tag(name), self.random.choice(TEXTS)
        most = 4 if kind.name in ("LINK", "ENCLOSURE", "LISTED", "GUID", "PERSON", "COVER") else int(self.random.random() < 0.15)
        if kind is ElementKind.PLACE:
            inner = self.elements(key, self.random.randint(0, 9))
            most = 0
        elif kind in (ElementKind.AUTHOR, ElementKind.OWNER) and self.random.random() < 0.5:
            inner = self.elements("author", self.random.randint(1, 3))
        elif kind is ElementKind.INERT and self.random.random() < 0.3:
            deeper = self.element(place, name) if self.random.random() < 0.3 else ""
            inner = f"<{self.tag('acast:x')} a='1'>{deeper}</{self.tag('acast:x')}>"
        return f"<{tag}{self.attributes(most)}>{inner}</{tag}>"

    def elements(self, place: str, number: int) -> str:
        names = list(PLACES[place])
        found = [self.element(place, self.random.choice(names)) for _ in range(number)]
        if place == "feed":
            found += [self.element(place, self.random.choice(("item", "entry"))) for _ in range(self.random.randint(0, 4))]
        if place == "item":
            found.append(f"<enclosure url='https://a.example/{self.random.random()}.mp3' type='audio/mpeg'/>")
        if self.random.random() < self.odd:
            found.append(self.random.choice(ODD))
        self.random.shuffle(found)
        return "\n".join(found)

    def document(self) -> bytes:
        declared = "".join(f" xmlns:{self.prefixes[name]}='{address}'" for name, address in NAMESPACES.items())
        for name in ("media", "podcast", "acast", "itunes"):
            if self.prefixes[name] != name and self.odd:
                declared += f" xmlns:{name}='{NAMESPACES[name]}'"
        inside = self.elements("feed", self.random.randint(0, 14))
        language = self.random.choice(
            ("", " xml:lang='de_AT'", " lang='it'", " xml:base='http://b.example/'" if self.odd else "")
        )
        if self.atom:
            text = f"<feed xmlns='http://www.w3.org/2005/Atom'{declared}{language}>{inside}</feed>"
        else:
            version = self.random.choice(("2.0", "0.91", "0.92", "2", ""))
            text = f"<rss version='{version}'{declared}{language}><channel>{inside}</channel></rss>"
        head = self.random.choice(
            ("", "<?xml version='1.0'?>\n", '<?xml version="1.0" encoding="UTF-8"?>\n<!-- made -->', "\ufeff")
        )
        return (head + text).encode()


def judged(body: bytes, content_type: str = "") -> ParsedFeed | None:
    """Return the quick parser's result, or None; check that feedparser agrees."""
    quick = quickly(body, URL, content_type)
    if quick is not None:
        assert quick == parse(body, URL, content_type), body.decode("utf-8", "replace")
    return quick


def test_feeds_made_of_what_is_listed_are_read_as_feedparser_reads_them() -> None:
    used: set[tuple[str, str]] = set()
    read = entries = 0
    for seed in range(700):
        maker = Maker(seed, odd=0.0)
        found = judged(maker.document())
        read += found is not None
        entries += len(found.entries) if found else 0
        used |= maker.used
    # A few have content of a type other than text.
    assert read > 660, read
    assert entries > 700, entries
    listed = {(place, name) for place, table in PLACES.items() for name in table}
    assert {(p, n) for p, n in listed - used if p in ("feed", "item", "image", "author")} == set()


def test_feeds_with_what_is_not_listed_too() -> None:
    handed_over = sum(judged(Maker(seed, odd=0.35).document()) is None for seed in range(10_000, 10_400))
    assert 60 < handed_over < 390


@pytest.mark.long
def test_many_more_of_both() -> None:
    for seed in range(20_000, 30_000):
        judged(Maker(seed, odd=0.2 * (seed % 2)).document())


@pytest.mark.parametrize("content_type", ["", "application/rss+xml", "text/xml; charset=UTF-8", 'text/html; charset="utf8"'])
def test_what_a_host_sends_is_read_without_feedparser(content_type: str) -> None:
    with PodcastHost() as host:
        assert len(judged(host.feed(), content_type).entries) > 2  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "body",
    [
        rss("", head="<!DOCTYPE rss [<!ENTITY a 'b'>]>"),
        rss("", head="<?xml version='1.1'?>"),
        rss("", head="<?xml-stylesheet href='a.xsl'?>"),
        rss("", head=" <?xml version='1.0'?>"),
        rss("", root=" xml:base='https://b.example/'"),
        rss("", root=" xmlns:itunes='urn:of-our-own'"),
        rss("", root=" xmlns:dc='http://www.itunes.com/dtds/podcast-1.0.dtd'"),
        rss("", root=" xmlns='urn:unknown'"),
        rss("<itunes:author xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'>Late</itunes:author>"),
        rss("<ttl>&nbsp;</ttl>"),
        rss("<description>one <p>two</p></description>"),
        rss("") + rss(""),
        rss("").replace(b"<rss", b"<RDF").replace(b"</rss", b"</RDF"),
        rss("</channel><channel><title>Second</title>"),
        rss("<image><a>1</a></image>"),
        rss("<item href='x'/>"),
        rss("<x:a xmlns:x='urn:x'><title>within</title></x:a>", root=" xmlns:x='urn:x'"),
        rss("<generator>" * 70 + "</generator>" * 70),
        rss("<ttl " + " ".join(f"a{n}='1'" for n in range(70)) + ">5</ttl>"),
        rss("<author><name>x</name></author>" * 70),
        b"",
        b"<html><title>x</title></html>",
    ],
)
def test_what_is_unusual_is_left_to_feedparser(body: bytes) -> None:
    assert quickly(body, URL) is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig", "iso-8859-1", "windows-1251", "gb18030", "shift_jis"])
@pytest.mark.parametrize("stated", ["utf-8", "utf-16", "iso-8859-1", "", None])
def test_whatever_is_said_of_the_encoding(encoding: str, stated: str | None) -> None:
    text = {"iso-8859-1": "Gr\u00fc\u00dfe", "windows-1251": "\u041f\u0440\u0438\u0432\u0435\u0442"}.get(encoding, "\u4e2d\u6587")
    head = f"<?xml version='1.0' encoding='{stated or encoding}'?>"
    body = rss(f"<description>{text}</description>", head=head).decode().encode(encoding)
    found = judged(body, "" if stated is None else f"text/xml; charset={stated}")
    assert found is not None
    assert stated or found.description == text


@pytest.mark.parametrize(
    "unit",
    [
        "<item/>",
        "<item><title>a</title></item>",
        "<generator/>",
        "<title/>",
        "<link/>",
        "<author/>",
        "<author><name>a</name></author>",
        "<image><url>a</url></image>",
        "<description>a</description>",
        "<!-- a -->",
        "&amp;",
        "<![CDATA[<p>]]>",
        "<x/>",
    ],
)
def test_its_time_grows_with_the_body(unit: str) -> None:
    check(quick_parse.read, lambda size: rss(unit * (size // len(unit))), SHORT)


def test_the_files_of_the_cases_folder_where_it_is_there() -> None:
    for path in Path(__file__).parents[5].glob("shared/cases/feeds/*.xml"):
        judged(path.read_bytes())
