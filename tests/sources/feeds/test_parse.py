from dataclasses import replace

import pytest

from core.domain.episodes.publisher_extras import SuppliedChapter
from core.domain.feeds.feed import ParsedFeed
from core.errors import NotAFeed
from core.sources.feeds.parse import parse, seconds
from core.sources.feeds.reading import from_json, read_feed
from core.sources.feeds.worker import to_json
from tests.fakes.podcast_host import DAY, START, PodcastHost

URL = "https://pods.example/show/feed.xml"


def rss(items: str, channel: str = "<title>Show</title>", declaration: str = '<?xml version="1.0" encoding="UTF-8"?>') -> bytes:
    return f"""{declaration}<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"
    xmlns:media="http://search.yahoo.com/mrss/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
    xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel>{channel}{items}</channel></rss>""".encode()


def item(
    extra: str = "", guid: str = "<guid>g1</guid>", audio: str = '<enclosure url="https://a.example/1.mp3" type="audio/mpeg"/>'
) -> str:
    return f"<item><title>One</title>{guid}{audio}{extra}</item>"


def test_a_feed_over_http(host: PodcastHost) -> None:
    got = parse(host.feed(), host.feed_url)
    assert (got.title, got.author, got.language) == ("CastMind samples", "The demo grammar", "en")
    assert got.image_url == f"{host.url}/cover.png"
    first, second = got.entries[:2]
    assert (first.guid, first.title) == ("castmind-demo-en_episode.mp3", "The long English episode")
    assert (first.published_at, first.duration, first.enclosure_type) == (START, 179.0, "audio/mpeg")
    assert first.enclosure_url == host.audio_url("en_episode.mp3")
    assert first.enclosure_bytes == len(host.files["en_episode.mp3"])
    assert first.description == "<p>Sample <b>en_episode.mp3</b></p>"
    assert (second.title, second.duration, second.published_at) == ("中文节目 第一期", 58.0, START - DAY)
    assert got.entries[2].title == "A meeting & its decisions"


def test_atom() -> None:
    got = parse(
        b"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Atomic</title><author><name>Ann</name></author>
        <link href="/home"/><entry><id>urn:1</id><title type="html">A &lt;b&gt;bold&lt;/b&gt; one</title>
        <updated>2025-01-02T03:04:05Z</updated>
        <link rel="enclosure" href="1.mp3" type="audio/mpeg" length="5"/><link href="/one"/>
        <content type="html">&lt;p&gt;Hi&lt;/p&gt;</content>
        </entry></feed>""",
        URL,
    )
    assert (got.title, got.author, got.link) == ("Atomic", "Ann", "https://pods.example/home")
    (entry,) = got.entries
    assert (entry.guid, entry.title, entry.enclosure_url) == ("urn:1", "A bold one", "https://pods.example/show/1.mp3")
    assert (entry.published_at, entry.link, entry.description) == (1735787045.0, "https://pods.example/one", "<p>Hi</p>")


def test_newest_first_and_undated_last() -> None:
    def dated(n: int, date: str) -> str:
        audio = f'<enclosure url="https://a.example/{n}.mp3" type="audio/mpeg"/>'
        return item(date and f"<pubDate>{date}</pubDate>", f"<guid>{n}</guid>", audio)

    items = (
        dated(1, "")
        + dated(2, "Mon, 06 Jan 2025 10:00:00 GMT")
        + dated(3, "Tue, 7 Jan 2025 10:00 +0800")
        + dated(4, "the day after")
    )
    assert [e.guid for e in parse(rss(items), URL).entries] == ["3", "2", "1", "4"]


def test_hostile_markup_is_harmless() -> None:
    script = "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;"
    evil = f"{script}&lt;a href='javascript:alert(1)' onclick='x()'&gt;L&lt;/a&gt;"
    extra = f"<description>{evil}&lt;p style='x'&gt;ok&lt;/p&gt;</description><link>javascript:alert(1)</link>"
    items = item(extra).replace("One", f"{evil}T")
    got = parse(rss(items, f"<title>{evil}Show</title><link>file:///etc/passwd</link>"), URL)
    (entry,) = got.entries
    for text in (got.title, entry.title, entry.description):
        assert not any(bad in text.lower() for bad in ("<script", "onerror", "onclick", "javascript:", "<img", "style=", "alert"))
    assert (got.title, entry.title) == ("LShow", "LT")
    assert entry.description.endswith("<p>ok</p>")
    assert (got.link, entry.link) == (None, None)


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd.mp3", "ftp://a.example/1.mp3", "javascript:alert(1)//1.mp3", "", "http://", "data:audio/mpeg;base64,AA"],
)
def test_entries_without_a_web_address_are_left_out(url: str) -> None:
    assert parse(rss(item(audio=f'<enclosure url="{url}" type="audio/mpeg"/>')), URL).entries == ()


def test_only_audio_and_video_are_episodes() -> None:
    def kinds(audio: str) -> int:
        return len(parse(rss(item(audio=audio)), URL).entries)

    assert kinds("") == 0
    assert kinds('<enclosure url="https://a.example/1.jpg" type="image/jpeg"/>') == 0
    assert kinds('<enclosure url="https://a.example/1.pdf" type="application/pdf"/>') == 0
    assert kinds('<enclosure url="https://a.example/stream?id=1"/>') == 1
    assert kinds('<enclosure url="https://a.example/1.mp3" type="application/force-download"/>') == 1
    assert kinds('<media:content url="https://a.example/1.mp4" type="video/mp4"/>') == 1
    both = (
        '<enclosure url="https://a.example/1.jpg" type="image/jpeg"/><enclosure url="https://a.example/1.mp3" type="audio/mpeg"/>'
    )
    assert parse(rss(item(audio=both)), URL).entries[0].enclosure_url == "https://a.example/1.mp3"


def test_without_a_guid_the_enclosure_names_the_item() -> None:
    audio = '<enclosure url="https://op3.dev/e/a.example/1.mp3?token=1" type="audio/mpeg"/>'
    assert parse(rss(item(guid="", audio=audio)), URL).entries[0].guid == "a.example/1.mp3"


def test_a_guid_that_different_items_share_names_none_of_them() -> None:
    two = "".join(item(audio=f'<enclosure url="https://a.example/{n}.mp3" type="audio/mpeg"/>') for n in (1, 2))
    assert {e.guid for e in parse(rss(two), URL).entries} == {"a.example/1.mp3", "a.example/2.mp3"}


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("<itunes:subtitle>From subtitle</itunes:subtitle>", "From subtitle"),
        ("<itunes:summary> </itunes:summary><itunes:subtitle>From subtitle</itunes:subtitle>", "From subtitle"),
        ("<description>&lt;p&gt;&lt;/p&gt;</description><itunes:subtitle>From subtitle</itunes:subtitle>", "From subtitle"),
        ("<description>Told</description><itunes:subtitle>From subtitle</itunes:subtitle>", "Told"),
        ("<content:encoded>&lt;div&gt;&amp;nbsp;&lt;/div&gt;</content:encoded><description>Told</description>", "Told"),
        ("<content:encoded><![CDATA[<p>Long</p>]]></content:encoded><description>Short</description>", "<p>Long</p>"),
        ("<description>&amp;lt;p&amp;gt;Hi&amp;lt;/p&amp;gt;</description>", "<p>Hi</p>"),
    ],
)
def test_a_description_is_the_first_that_says_anything(tags: str, expected: str) -> None:
    assert parse(rss(item(tags)), URL).entries[0].description == expected


def atom(feed: str = "", entry: str = "") -> bytes:
    audio = "" if "enclosure" in entry else "<link rel='enclosure' href='https://a.example/1.mp3'/>"
    return (
        "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:media='http://search.yahoo.com/mrss/'><title>Show</title>"
        f"<id>urn:s</id>{feed}<entry><title>One</title><id>urn:1</id>{audio}{entry}</entry></feed>"
    ).encode()


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("href='https://a.example/play?id=2'", None),
        ("href='https://a.example/stream' length='9'", None),
        ("href='https://a.example/1.m4a'", None),
        ("href='https://a.example/2' type='audio/mp4'", "audio/mp4"),
    ],
)
def test_an_enclosure_of_atom_needs_no_type(link: str, expected: str | None) -> None:
    body = atom(entry=f"<link rel='enclosure' {link}/>")
    (entry,) = parse(body, URL).entries
    assert entry.enclosure_type == expected and entry.enclosure_url in link.replace("'", " ").split()[1]
    assert read_feed(body, URL).entries == (entry,)


@pytest.mark.parametrize(
    "link", ["href='https://a.example/page' type='text/html'", "href='https://a.example/1.jpg'", "href='x:y'"]
)
def test_nor_is_everything_an_enclosure_that_has_none(link: str) -> None:
    assert parse(atom(entry=f"<link rel='enclosure' {link}/>"), URL).entries == ()


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("<logo> https://x.example/logo.png </logo><icon>/favicon.ico</icon>", "https://x.example/logo.png"),
        ("<icon>/favicon.ico</icon>", "https://pods.example/favicon.ico"),
        ("<media:thumbnail url='https://x.example/t.png'/><icon>/favicon.ico</icon>", "https://x.example/t.png"),
        ("<logo>data:image/png;base64,xx</logo><icon>https://x.example/i.png</icon>", "https://x.example/i.png"),
        ("<logo>javascript:x</logo>", None),
    ],
)
def test_a_show_has_the_picture_that_atom_names(tags: str, expected: str | None) -> None:
    assert parse(atom(feed=tags), URL).image_url == read_feed(atom(feed=tags), URL).image_url == expected


def test_an_episode_has_its_largest_thumbnail_where_it_has_no_picture() -> None:
    small, large = "<media:thumbnail url='/s.png' width='90'/>", "<media:thumbnail url='/l.png' width='1280'/>"
    assert parse(rss(item(small + large)), URL).entries[0].image_url == "https://pods.example/l.png"
    assert parse(rss(item(f"<media:group>{small}</media:group>")), URL).entries[0].image_url == "https://pods.example/s.png"
    own = "<itunes:image href='https://x.example/own.png'/>"
    assert parse(rss(item(large + own)), URL).entries[0].image_url == "https://x.example/own.png"


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ("<atom:link rel='next' href='/feed?page=2'/>", "https://pods.example/feed?page=2"),
        ("<atom:link rel='prev-archive' href='https://a.example/2025.xml'/>", "https://a.example/2025.xml"),
        ("<atom:link rel='prev-archive' href='/a'/><atom:link rel='next' href='/n'/>", "https://pods.example/n"),
        ("<atom:link rel='NEXT' href='/n'/>", "https://pods.example/n"),
        ("<atom:link rel='http://www.iana.org/assignments/relation/next' href='/n'/>", "https://pods.example/n"),
        ("<atom:link rel='self' href='/f'/><atom:link rel='last' href='/n'/><atom:link rel='next-archive' href='/m'/>", None),
        ("<atom:link rel='next' href='file:///etc/passwd'/>", None),
        ("<atom:link rel='next'/>", None),
    ],
)
def test_older_pages_are_named(links: str, expected: str | None) -> None:
    body = rss(item("<atom:link rel='next' href='/of-the-item'/>"), f"<title>Show</title>{links}")
    body = body.replace(b"<rss ", b"<rss xmlns:atom='http://www.w3.org/2005/Atom' ")
    assert parse(body, URL).next_page == read_feed(body, URL).next_page == expected


def test_simple_chapters_stand_in_the_item() -> None:
    chapters = (
        "<psc:chapters version='1.2' xmlns:psc='http://podlove.org/simple-chapters'>"
        "<psc:chapter start='00:03:07.5' title='Tides &amp; ships' href='/tides' image='https://x.example/t.png'/>"
        "<psc:chapter title='no start'/><psc:chapter start='0' title='开场' href='javascript:x'/></psc:chapters>"
    )
    body = rss(
        item(chapters) + item(guid="<guid>g2</guid>", audio="<enclosure url='https://a.example/2.mp3' type='audio/mpeg'/>")
    )
    first, second = parse(body, URL).entries
    assert first.chapters == (
        SuppliedChapter("开场", 0.0),
        SuppliedChapter("Tides & ships", 187.5, "https://pods.example/tides", "https://x.example/t.png"),
    )
    assert second.chapters == ()
    assert from_json(to_json(parse(body, URL)).encode()) == parse(body, URL) == read_feed(body, URL)
    assert first.digest != replace(first, chapters=()).digest


def test_encodings() -> None:
    declared = (
        rss(item().replace("One", "Köln"), declaration='<?xml version="1.0" encoding="ISO-8859-1"?>').decode().encode("latin-1")
    )
    assert parse(declared, URL, "text/xml").entries[0].title == "Köln"
    chinese = rss(item().replace("One", "中文"), declaration='<?xml version="1.0" encoding="gb2312"?>').decode().encode("gb2312")
    assert parse(chinese, URL).entries[0].title == "中文"
    undeclared = rss(item().replace("One", "Köln"), declaration="").decode().encode("latin-1")
    assert parse(undeclared, URL, "application/rss+xml; charset=iso-8859-1").entries[0].title == "Köln"
    broken = rss(item().replace("One", "K\x00öln & <b>co")).decode().encode()
    assert len(parse(broken, URL).entries) == 1


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("<itunes:new-feed-url> https://new.example/feed </itunes:new-feed-url>", "https://new.example/feed"),
        (
            "<itunes:new-feed-url note='x'><![CDATA[https://new.example/?a=1&b=2]]></itunes:new-feed-url>",
            "https://new.example/?a=1&b=2",
        ),
        ("<itunes:new-feed-url>https://me:word@new.example/feed</itunes:new-feed-url>", "https://new.example/feed"),
        ("<itunes:new-feed-url>/new.xml</itunes:new-feed-url>", "https://pods.example/new.xml"),
        ("<itunes:new-feed-url>javascript:alert(1)</itunes:new-feed-url>", None),
        ("<itunes:new-feed-url>file:///etc/passwd</itunes:new-feed-url>", None),
        ("<itunes:new-feed-url/>", None),
    ],
)
def test_a_show_says_where_it_moves(tag: str, expected: str | None) -> None:
    got = parse(rss(item(tag.replace("new.example", "item.example")), f"<title>Show</title>{tag}"), URL)
    assert got.moves_to == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("917393E3-1B1E-5CEF-ACE4-EDAA54E1F810", "917393e3-1b1e-5cef-ace4-edaa54e1f810"),
        (" 917393e3-1b1e-5cef-ace4-edaa54e1f810\n", "917393e3-1b1e-5cef-ace4-edaa54e1f810"),
        ("https://pods.example/feed", None),
        ("00000000-0000-0000-0000-000000000000", None),
        ("0", None),
        ("", None),
    ],
)
def test_a_show_has_a_name_wherever_it_is_hosted(said: str, expected: str | None) -> None:
    tag = f"<podcast:guid>{said}</podcast:guid>"
    got = parse(rss(item(""), f"<title>Show</title>{tag}"), URL)
    assert got.podcast_guid == expected and got.entries[0].guid != said
    assert parse(rss(item(tag)), URL).podcast_guid is None


def test_an_episode_says_nothing_of_where_its_show_moves() -> None:
    tag = "<itunes:new-feed-url>https://new.example/feed</itunes:new-feed-url>"
    assert parse(rss(item(tag)), URL).moves_to is None


@pytest.mark.parametrize("content_type", ["", "text/html", "text/plain; charset=utf-8", "application/octet-stream", "nonsense"])
def test_the_content_type_does_not_matter(content_type: str) -> None:
    assert len(parse(rss(item()), URL, content_type).entries) == 1


def test_a_show_without_episodes_is_a_feed() -> None:
    assert parse(rss(""), URL) == ParsedFeed(title="Show")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"<!DOCTYPE html><html><head><title>Podcast</title></head><body><h1>Hi</h1></body></html>",
        b'{"version": 1}',
        b"<opml version='2.0'><body/></opml>",
        b"<rss",
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        bytes(range(256)) * 10,
        b"file:///etc/passwd",
        b"http://127.0.0.1/",
    ],
)
def test_what_is_no_feed_is_refused(body: bytes) -> None:
    with pytest.raises(NotAFeed, match=r"pods\.example"):
        parse(body, URL)


def test_entities_do_not_reach_out_or_explode() -> None:
    bomb = "<!DOCTYPE rss [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
        f"<!ENTITY {c} '{f'&{p};' * 10}'>" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    body = rss(item().replace("One", "&i;"), declaration=f'<?xml version="1.0"?>{bomb}]>')
    titles = [e.title for e in parse(body, URL).entries]
    assert all(len(t) <= 500 for t in titles)
    outside = '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    assert all("root:" not in e.title for e in parse(rss(item().replace("One", "&x;"), declaration=outside), URL).entries)


def test_how_often_to_ask() -> None:
    assert parse(rss("", "<title>S</title><ttl>90</ttl>"), URL).ttl == 5400.0
    weekly = "<title>S</title><sy:updatePeriod>weekly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>"
    assert parse(rss("", weekly), URL).ttl == 302400.0
    assert parse(rss("", "<title>S</title><ttl>soon</ttl>"), URL).ttl is None


@pytest.mark.parametrize(("text", "value"), [("1:02:03", 3723), ("02:03", 123), ("123", 123), ("1:02:03.5", 3723.5)])
def test_durations(text: str, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "0", "long", "-5", "1:2:3:4", "nan", "inf", "1e300"])
def test_what_is_no_duration(text: str) -> None:
    assert seconds(text) is None


def test_rss_1_is_tolerated() -> None:
    body = (
        b'<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        b'xmlns:enc="http://purl.oclc.org/net/rss_2.0/enc#" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        b'<channel rdf:about="https://a.example/"><title>Old show</title><link>https://a.example/</link></channel>'
        b'<item rdf:about="https://a.example/1"><title>One</title><link>https://a.example/1</link><dc:date>2004-05-06T07:08:09Z</dc:date>'
        b'<enc:enclosure rdf:resource="https://a.example/1.mp3" enc:type="audio/mpeg" enc:length="12"/></item></rdf:RDF>'
    )
    found = parse(body, URL)
    assert found.title == "Old show"
    assert [(e.title, e.enclosure_url, e.enclosure_bytes, e.published_at) for e in found.entries] == [
        ("One", "https://a.example/1.mp3", 12, 1083827289.0)
    ]


@pytest.mark.parametrize(
    ("date", "published"),
    [
        ("Tue, 10 Jun 2025 08:00:00 +0200", 1749535200.0),
        ("10 June 2025 06:00 GMT", 1749535200.0),
        ("2025-06-10T06:00:00Z", 1749535200.0),
        ("2025-06-10", 1749513600.0),
        ("Mon, 10 Jun 2025 06:00:00 GMT", 1749535200.0),  # it was a Tuesday
        ("yesterday", None),
        ("", None),
        ("Tue, 31 Feb 2025 25:61:00 GMT", None),
        ("Tue, 10 Jun 99999 06:00:00 GMT", None),
    ],
)
def test_dates_as_publishers_write_them(date: str, published: float | None) -> None:
    assert parse(rss(item(f"<pubDate>{date}</pubDate>")), URL).entries[0].published_at == published
