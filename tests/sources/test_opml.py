from __future__ import annotations

import codecs
import contextlib
import random
from pathlib import Path

import pytest

from core.domain.feeds import feed_folder
from core.domain.feeds.imports import Outline
from core.errors import NotOpml, TooLarge
from core.sources.opml import MAX_BYTES, MOST, read, write

A, B, C = "https://a.example/feed", "https://b.example/feed?x=1&y=2", "https://c.example/feed"


def opml(*outlines: str, head: str = "<head><title>Mine</title></head>", declaration: str = '<?xml version="1.0"?>') -> str:
    return f'{declaration}<opml version="1.0">{head}<body>{"".join(outlines)}</body></opml>'


def outline(url: str, text: str = "", more: str = "") -> str:
    return f'<outline type="rss" text="{text}" xmlUrl="{url.replace("&", "&amp;")}" {more}/>'


def urls(body: bytes | str) -> list[str]:
    return [f.url for f in read(body.encode() if isinstance(body, str) else body).feeds]


def test_feeds_are_read_from_nested_folders_in_their_order() -> None:
    nested = f'<outline text="News">{outline(A, "A")}<outline text="Deeper">{outline(B, "B")}</outline></outline>{outline(C)}'
    found = read(opml(nested).encode())
    assert (found.title, found.broken_at, found.repeated) == ("Mine", None, 0)
    assert found.feeds == (Outline(A, "A", folder="News"), Outline(B, "B", folder="News/Deeper"), Outline(C))


def test_ten_thousand_folders_deep_is_no_trouble() -> None:
    depth = 10_000
    text = opml("<outline text='x'>" * depth + outline(A) + "</outline>" * depth)
    assert urls(text) == [A]


@pytest.mark.parametrize(
    "tag",
    [
        f'<outline xmlUrl="{A}"/>',
        f'<OUTLINE XMLURL="{A}"/>',
        f"<outline xmlurl='{A}'></outline>",
        f'<outline type="rss" url="{A}"/>',
        f'<outline type="atom" URL=" {A}\n"/>',
    ],
)
def test_attributes_are_known_as_programs_write_them(tag: str) -> None:
    assert urls(opml(tag)) == [A]


@pytest.mark.parametrize(
    "body",
    [
        f'<opml><body><outline type="link" text="One" url="{A}/feed.xml"/></body></opml>',
        f'<opml><body><outline TYPE="LINK" TEXT="One" URL="{A}/feed.xml"/></body></opml>',
        f'<opml><body><outline text="One" url="{A}/feed.xml"/></body></opml>',
        f'<OPML><BODY><OUTLINE TEXT="One" XMLURL="{A}/feed.xml"/></BODY></OPML>',
        f'<o:opml xmlns:o="http://opml.org/spec2"><o:body><o:outline text="One" xmlUrl="{A}/feed.xml"/></o:body></o:opml>',
        f'<opml xmlns:x="urn:x"><body><outline x:text="One" x:xmlUrl="{A}/feed.xml"/></body></opml>',
        f'<opml xmlns="urn:o"><body><outline text="F"><outline text="One" xmlUrl="{A}/feed.xml"/></outline></body></opml>',
        f'<o:opml xmlns:o="u"><o:body><o:outline text="One" xmlUrl="{A}/feed.xml"/>',
        f"One {A}/feed.xml",
        f"# my shows\n\n  {A}/feed.xml  One\n",
        f"One;{A}/feed.xml\r\n",
        f"One - <{A}/feed.xml>".replace("<", "(").replace(">", ")"),
    ],
)
def test_a_feed_is_found_in_every_variant_of_a_list(body: str) -> None:
    found = read(body.encode())
    assert [(feed.url, feed.title, feed.folder) for feed in found.feeds] == [(f"{A}/feed.xml", "One", "F" * ('"F"' in body))]
    assert read(body.encode("utf-16")).feeds == found.feeds


@pytest.mark.parametrize(
    ("kind", "url"),
    [("link", f"{A}/page.html"), ("link", f"{A}/rss-list.opml"), ("", "https://d.example/about"), ("song", f"{A}/feed.xml")],
)
def test_a_link_that_does_not_look_like_a_feed_is_none(kind: str, url: str) -> None:
    other = f'<outline type="{kind}" text="x" url="{url}"/>'
    assert urls(opml(other, outline(B))) == [B]


def test_a_plain_list_names_each_once_in_its_order() -> None:
    found = read(f"Zwei\t{B}\n{A}\nfeed://c.example/rss, Drei\n{B}\nno address here\n".encode())
    assert [(f.url, f.title) for f in found.feeds] == [(B, "Zwei"), (A, ""), ("feed://c.example/rss", "Drei")]
    assert (found.repeated, found.broken_at) == (1, None)


@pytest.mark.parametrize(
    "text",
    [
        f'{{"version": "https://jsonfeed.org/version/1", "feed_url": "{A}"}}',
        f'[{{"url":\n"{A}"}}]',
        f"Dear all,\n\nhere is our show:\n{A}\n\nand this is what it is about.\nBest, Ann",
        f"WEBVTT\n\n00:00.000 --> 00:01.000\nSee {A}\n",
        f"# {A}",
    ],
)
def test_text_that_names_an_address_is_no_list(text: str) -> None:
    with pytest.raises(NotOpml):
        read(text.encode())


def test_what_is_no_feed_is_passed_by() -> None:
    assert urls(opml('<outline type="link" url="https://page.example"/>', "<outline text='Folder'/>", outline(A))) == [A]


def test_an_address_that_comes_twice_is_read_once_with_its_first_title() -> None:
    found = read(opml(outline(A, "first"), outline(B), outline(A, "second")).encode())
    assert [f.url for f in found.feeds] == [A, B]
    assert (found.feeds[0].title, found.repeated) == ("first", 1)


@pytest.mark.parametrize(
    "body",
    [
        opml(outline(A, "café 播客")).encode(),
        codecs.BOM_UTF8 + opml(outline(A, "café 播客")).encode(),
        opml(outline(A, "café 播客")).replace("><", ">\r\n<").encode(),
        codecs.BOM_UTF16_LE + opml(outline(A, "café 播客")).encode("utf-16-le"),
        codecs.BOM_UTF16_BE + opml(outline(A, "café 播客")).encode("utf-16-be"),
        opml(outline(A, "café 播客")).encode("utf-16-le"),
        opml(outline(A, "café 播客"), declaration='<?xml version="1.0" encoding="ISO-8859-1"?>').encode(),
        opml(outline(A, "café 播客"), declaration='<?xml version="1.0" encoding="gb18030"?>').encode("gb18030"),
        b"\n\n  " + opml(outline(A, "café 播客")).encode(),
    ],
)
def test_a_title_survives_every_encoding_declared_rightly_wrongly_or_not_at_all(body: bytes) -> None:
    assert read(body).feeds == (Outline(A, "café 播客"),)


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252"])
def test_single_byte_encodings_are_read_as_declared(encoding: str) -> None:
    body = opml(outline(A, "Café français"), declaration=f'<?xml version="1.0" encoding="{encoding}"?>').encode(encoding)
    assert read(body).feeds[0].title == "Café français"


@pytest.mark.parametrize("encoding", ["zlib", "rot13", "punycode", "unicode_escape", "no-such-thing"])
def test_a_declared_codec_that_is_no_encoding_of_text_is_not_asked(encoding: str) -> None:
    body = opml(outline(A), declaration=f'<?xml version="1.0" encoding="{encoding}"?>').encode() + b"<!-- \xff -->"
    assert urls(body) == [A]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (opml(outline(A), outline(B))[:-10], 1),
        (opml(outline(A), "\n<outline text='R & D'/>", outline(B)), 2),
        (opml(outline(A), outline(B)) + "<more/>", 1),
        (opml(outline(A), "<outline text='unclosed'>", outline(B)), 1),
        ("<outline>" + outline(A) + outline(B), 1),
        (opml(outline(A), "&nbsp;", outline(B)), 1),
    ],
)
def test_a_file_that_is_not_well_formed_gives_what_can_be_read_and_says_where(text: str, line: int) -> None:
    found = read(text.encode())
    assert [f.url for f in found.feeds] == [A, B]
    assert found.broken_at == line


def test_control_characters_break_nothing() -> None:
    found = read(opml(outline(A, "a\x0bb\x00c")).encode())
    assert (found.feeds[0].title, found.broken_at) == ("abc", None)


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE opml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE opml [<!ENTITY secret SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE opml [<!ENTITY % more SYSTEM "http://169.254.169.254/x.dtd"> %more;]>',
        '<!DOCTYPE opml [<!ENTITY a "aaaa">]><oops',
    ],
)
def test_a_file_with_entities_of_its_own_is_refused(declaration: str) -> None:
    with pytest.raises(NotOpml, match="entities"):
        read(opml(outline(A, "&a;"), declaration=declaration).encode())


def test_a_doctype_without_entities_is_harmless() -> None:
    assert urls(opml(outline(A), declaration='<!DOCTYPE opml SYSTEM "http://opml.example/opml.dtd">')) == [A]


@pytest.mark.parametrize("body", [b"", b"   ", b"hello", b"<html><body>no</body></html>", b"\xff\xfe\x00", opml().encode()])
def test_what_names_no_feed_is_said_to(body: bytes) -> None:
    with pytest.raises(NotOpml):
        read(body)


def test_what_is_too_large_is_not_read() -> None:
    with pytest.raises(TooLarge):
        read(b" " * (MAX_BYTES + 1))
    with pytest.raises(TooLarge):
        read(opml(*(outline(f"https://{n}.example/f") for n in range(MOST + 1))).encode())


def test_a_broken_file_of_the_largest_size_is_searched_in_one_go() -> None:
    """Each of these would keep a backtracking search busy for hours."""
    for piece in ("<outline ", "<outline a", '<outline x="', "<", "a=", "a", "'\""):
        body = "<opml>" + outline(A) + piece * (2_000_000 // len(piece))
        assert urls(body) == [A]


def test_what_is_written_is_read_again() -> None:
    feeds = [Outline(A, 'Quotes " and <tags> & 播客 \x01', "https://a.example/"), Outline(B, ""), Outline(C, "'")]
    body = write(feeds, title="Mine & yours <3", now=0.0)
    found = read(body)
    assert found.broken_at is None
    assert found.title == "Mine & yours <3"
    assert found.feeds == (Outline(A, 'Quotes " and <tags> & 播客', "https://a.example/"), Outline(B, B), Outline(C, "'"))
    assert b"<dateCreated>Thu, 01 Jan 1970 00:00:00 GMT</dateCreated>" in body


def test_bytes_turned_round_at_random_raise_nothing_but_what_is_promised() -> None:
    dice = random.Random(5)
    whole = write([Outline(f"https://{n}.example/feed", f"播客 {n}") for n in range(20)], title="x", now=0.0)
    for _ in range(500):
        body = bytearray(whole)
        for _ in range(dice.randint(1, 30)):
            body[dice.randrange(len(body))] = dice.randrange(256)
        with contextlib.suppress(NotOpml):
            assert read(bytes(body[: dice.randint(0, len(body))])).feeds


def test_a_file_of_the_demo_is_no_opml() -> None:
    with pytest.raises(NotOpml):
        read((Path(__file__).resolve().parents[2] / "demo" / "samples" / "en_short.wav").read_bytes())


# --- folders ------------------------------------------------------------------------------------------


def folders(text: str) -> dict[str, str]:
    return {feed.url: feed.folder for feed in read(text.encode()).feeds}


@pytest.mark.parametrize(
    ("outlines", "folder"),
    [
        (f'<outline text="News"><outline text="Tech">{outline(A)}</outline></outline>', "News/Tech"),
        (f'<outline title="News">{outline(A)}</outline>', "News"),
        (f'<OUTLINE TEXT="News">{outline(A)}</OUTLINE>', "News"),
        (f'<outline text=" 新闻&#10; 科技 ">{outline(A)}</outline>', "新闻 科技"),
        (f'<outline text="News"><outline text="">{outline(A)}</outline></outline>', "News"),
        (f'<outline><outline text=" "><outline text="Tech">{outline(A)}</outline></outline></outline>', "Tech"),
        (f'<outline text="AC/DC"><outline text="/">{outline(A)}</outline></outline>', "AC∕DC/∕"),
        (f'<outline text="x"><outline text="x">{outline(A)}</outline></outline>', "x/x"),
        (f'<outline text="Gone"/><outline text="Gone too"></outline>{outline(A)}', ""),
        (f'<outline text="a\x01\x0bb\u202ec&#x85;">{outline(A)}</outline>', "abc"),
        (f'<outline text="Cafe\u0301">{outline(A)}</outline>', "Caf\u00e9"),
        (f'<outline text="Show" xmlUrl="{B}"><outline text="Season"/>{outline(A)}</outline>', ""),
        (outline(A, more='category="/News/Tech"'), "News/Tech"),
        (outline(A, more='category="tagged,/News/Tech/,/Other"'), "News/Tech"),
        (outline(A, more='category="News"'), "News"),
        (outline(A, more='category=" , "'), ""),
        (outline(A, more='CATEGORY="//"'), ""),
        ('<outline text="Mine">' + outline(A, more='category="/Theirs"') + "</outline>", "Mine"),
        (f'<outline text="feeds">{outline(A)}</outline>', ""),
        (f'<outline text="Feeds"><outline text="News">{outline(A)}</outline></outline>', "News"),
        (f'<outline text="feeds">{outline(A)}</outline>{outline(C)}', "feeds"),
    ],
)
def test_a_feed_keeps_the_folder_of_the_file(outlines: str, folder: str) -> None:
    assert folders(opml(outlines))[A] == folder


def test_a_feed_of_two_folders_lies_in_the_first() -> None:
    text = opml(outline(A), *(f'<outline text="{name}">{outline(A)}</outline>' for name in ("One", "Two")))
    assert folders(text) == {A: "One"}


def test_what_lies_too_deep_stays_where_the_levels_end() -> None:
    deep = "".join(f'<outline text="{n}">' for n in range(5000)) + outline(A) + "</outline>" * 5000
    assert folders(opml(deep, outline(B))) == {A: "/".join(map(str, range(feed_folder.DEPTH))), B: ""}
    long = f'<outline text="{"n" * 5000}">' * 3 + outline(A) + "</outline>" * 3
    assert folders(opml(long)) == {A: "/".join(["n" * feed_folder.NAME] * 2)}


@pytest.mark.parametrize("end", ["</body>", "<outline text='R & D'/>", "<b>"])
def test_a_broken_file_keeps_its_folders(end: str) -> None:
    inner = f'<outline text="Tech"><outline text="Empty"/>{outline(A)}</outline>{outline(B).replace("/>", "></outline>")}'
    text = f'<opml><body></outline><outline text="News">{inner}</outline>{outline(C)}{end}'
    assert read(text.encode()).broken_at
    assert folders(text) == {A: "News/Tech", B: "News", C: ""}


@pytest.mark.parametrize(
    "kept",
    [
        ["", "News", "News/Tech", "News", "Tech", "News/Tech/News"],
        ["AC∕DC", "AC/DC", "∕", "Quotes \" and <tags> & '", "新闻/科技 🎧"],
        ["feeds", "feeds/News", "Feeds"],
        ["feeds", ""],
        ["/".join(str(n) for n in range(feed_folder.DEPTH)), "/".join("n" * 99 for _ in range(3))],
        ["amp&amp;", "a]]>b", "--", ".", "../.."],
    ],
)
def test_folders_that_are_written_are_read_again(kept: list[str]) -> None:
    feeds = [Outline(f"https://{n}.example/feed", str(n), folder=folder) for n, folder in enumerate(kept)]
    body = write(feeds, title="Mine", now=0.0)
    assert read(body).broken_at is None
    assert folders(body.decode()) == {feed.url: feed.folder for feed in feeds}
    again = write(read(body).feeds, title="Mine", now=0.0)
    assert again == body


def test_a_folder_is_one_outline_however_many_feeds_it_has() -> None:
    feeds = [Outline(f"https://{n}.example/feed", folder=("News", "AC∕DC")[n % 2]) for n in range(6)]
    text = write(feeds, title="Mine", now=0.0).decode()
    assert text.count('<outline text="News" title="News">') == text.count('<outline text="AC/DC" title="AC/DC">') == 1
