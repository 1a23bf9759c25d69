import random
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.domain.episodes import show_notes
from core.sources import sanitize
from core.sources.sanitize import clean_html, clean_line, html_to_text, web_url


def test_html_keeps_its_shape_and_loses_its_teeth() -> None:
    dirty = '<p>Hello <b>you</b> <a href="https://a.example/" onclick="x()">here</a></p><iframe src=x></iframe><svg onload=x>'
    clean = clean_html(dirty)
    assert clean == '<p>Hello <b>you</b> <a href="https://a.example/" rel="noopener noreferrer nofollow">here</a></p>'
    assert "href" not in clean_html('<a href="javascript:alert(1)">x</a><a href="data:text/html,x">y</a>')


def test_relative_links_get_the_base_or_go() -> None:
    assert 'href="https://a.example/x"' in clean_html('<a href="/x">x</a>', base="https://a.example/feed/")
    assert "href" not in clean_html('<a href="/x">x</a>')


def test_html_to_text_keeps_paragraphs_as_lines() -> None:
    assert html_to_text("<p>One &amp; two</p><ul><li>a</li><li>b</li></ul>x<br/>y<script>z</script>") == "One & two\na\nb\n\nx\ny"


@pytest.mark.parametrize(
    ("markup", "kept"),
    [
        ("<div>One.</div><div>Two.</div>", "One.<br>Two."),
        ("<section><h1>Links</h1>One.</section><article>Two.</article>", "<h3>Links</h3>One.<br>Two."),
        ("<h6>Small</h6><p>One.</p>", "<h4>Small</h4><p>One.</p>"),
        (
            "<table><tbody><tr><td>00:00</td><td>Hello</td></tr><tr><th>01:00</th><td>Bye</td></tr></table>",
            "00:00  Hello<br>01:00  Bye",
        ),
        ("<dl><dt>Word</dt><dd>Meaning</dd></dl>", "Word<br>Meaning"),
        ("One.<DIV CLASS='x'>Two.</DIV >Three.", "One.<br>Two.<br>Three."),
        ("<div><div><div>One.</div></div></div>\n\n<figure><figcaption>Two.</figcaption></figure>", "One.<br>Two."),
        ("<div><p>One.</p></div><div><ul><li>a</li></ul></div>", "<p>One.</p><ul><li>a</li></ul>"),
        ("One.<br><br>Two.", "One.<br><br>Two."),
        ("<p>One <span>line</span> <b>only</b>.</p>", "<p>One line <b>only</b>.</p>"),
        ("a < b \x1e and <i>c</i>", "a &lt; b  and <i>c</i>"),
    ],
)
def test_blocks_that_are_not_kept_leave_lines(markup: str, kept: str) -> None:
    assert clean_html(markup) == kept


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("One.<div>Two.</div>Three.", "One.\nTwo.\nThree."),
        ("One.<section>Two.</section><aside>Three.</aside>", "One.\nTwo.\nThree."),
        ("<h2>Links</h2><dl><dt>a</dt><dd>b</dd></dl>", "Links\na\nb"),
        ("One.<figure><figcaption>Two.</figcaption></figure>", "One.\nTwo."),
        ("<table><tr><td>00:00</td><td>Hello</td></tr><tr><td>01:00</td><td>Bye</td></tr></table>", "00:00Hello\n01:00Bye"),
        ("One.<P class='x'>Two.", "One.\nTwo."),
        ("<details><summary>More</summary>Less</details>", "More\nLess"),
        ("<p>One <em>line</em> only.</p>", "One line only."),
    ],
)
def test_lines_of_text_end_at_the_same_blocks(markup: str, text: str) -> None:
    shown = [line for line in html_to_text(markup).splitlines() if line]
    assert shown == text.splitlines()
    assert [line.replace(" ", "") for line in show_notes.lines(clean_html(markup))] == [
        line.replace(" ", "") for line in text.splitlines()
    ]


@pytest.mark.parametrize(
    ("markup", "kept"),
    [
        ("&lt;p&gt;Hi &amp; bye&lt;/p&gt;", "<p>Hi &amp; bye</p>"),
        ("One.&lt;br/&gt;Two.", "One.<br>Two."),
        (
            '&lt;a href="https://a.example/"&gt;A&lt;/a&gt; and more',
            '<a href="https://a.example/" rel="noopener noreferrer nofollow">A</a> and more',
        ),
        ("&amp;lt;div&amp;gt;Hi&amp;lt;/div&amp;gt;", "Hi"),
        ("See &lt;ul&gt;&lt;li&gt;a&lt;/li&gt;&lt;/ul&gt;\n", "See <ul><li>a</li></ul>"),
        ("&lt;P CLASS=&quot;x&quot;&gt;Hi", "<p>Hi</p>"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;&lt;br&gt;x", "<br>x"),
        # Words about tags, and text with tags of its own.
        ("Use &lt;p&gt; for paragraphs", "Use &lt;p&gt; for paragraphs"),
        ("&lt;b&gt; and &lt;i&gt;: what they mean", "&lt;b&gt; and &lt;i&gt;: what they mean"),
        ("<p>&lt;p&gt; begins a paragraph</p>", "<p>&lt;p&gt; begins a paragraph</p>"),
        ("1 &lt; 2 &amp; 3 &gt; 2", "1 &lt; 2 &amp; 3 &gt; 2"),
        ("&lt;3 this show", "&lt;3 this show"),
    ],
)
def test_markup_that_was_escaped_twice_is_markup(markup: str, kept: str) -> None:
    assert clean_html(markup) == kept


@pytest.mark.parametrize("inner", ["<div>", '</div>" onclick=x', "<h1>", "<td>"])
def test_an_edge_in_an_attribute_opens_nothing(inner: str) -> None:
    clean = clean_html(f'<a href="https://a.example/{inner}">x</a><div>y</div>')
    assert "onclick=x" not in clean.replace("onclick=x&quot;", "") and clean_html(clean) == clean


def test_a_line_is_one_plain_line() -> None:
    assert clean_line(" A <i>title</i>\n &amp; more\u202e\x00 ") == "A title & more"
    assert clean_line("3 < 5 & 7 > 6") == "3 < 5 & 7 > 6"
    assert len(clean_line("x" * 10_000)) == 500


@pytest.mark.parametrize(
    ("url", "good"),
    [
        (" https://a.example/x y.mp3 ", "https://a.example/x%20y.mp3"),
        ("/1.mp3", "https://base.example/1.mp3"),
        ("//b.example/1.mp3", "https://b.example/1.mp3"),
        ("java\nscript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("http://[", None),
        ("https://", None),
        (None, None),
        ("https://a.example/" + "x" * 5000, None),
    ],
)
def test_only_web_addresses_remain(url: str | None, good: str | None) -> None:
    assert web_url(url, "https://base.example/feed") == good


PIECES = (
    *(
        "<p>",
        "</p>",
        "<b>",
        "</b>",
        "<div>",
        "</div>",
        "<br>",
        "<script>",
        "</script>",
        "<!--",
        "-->",
        "&amp;",
        "&lt;p&gt;",
        " text ",
    ),
    *(
        '<a href="/x">',
        '<a href="https://b.example/?a=1&b=2">',
        "<a href=javascript:x>",
        '<a href="#part">',
        "</a>",
        "<h2>",
        "<td>",
    ),
)
BASES = ("", "https://a.example/feed/", "https://b.example/x?y", "http://127.0.0.1:8080/1.xml")


def test_a_cleaner_that_is_used_again_by_many_threads_cleans_as_a_new_one() -> None:
    rng = random.Random(3)
    asked = [("".join(rng.choices(PIECES, k=rng.randint(1, 25))), rng.choice(BASES)) for _ in range(2_000)]
    anew = []
    for markup, base in asked:
        sanitize._cleaner.cache_clear()
        anew.append(clean_html(markup, base))
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda each: clean_html(*each), asked)) == anew
    assert any("href" in text for text in anew)


def test_what_is_printable_needs_no_looking_for() -> None:
    for number in range(0x110000):
        assert sanitize._printable(chr(number)) == sanitize._UNPRINTABLE.sub("", chr(number))


URL_PIECES = (
    *(
        "http://",
        "https://",
        "HTTP://",
        "ftp:",
        "//",
        "/",
        "?",
        "#",
        "&",
        "=",
        ":",
        ":80",
        ":99999",
        "@",
        "[::1]",
        "..",
        "%20",
        "%",
    ),
    *(
        "a.example",
        "A.b",
        "127.0.0.1",
        "x",
        ".",
        "-",
        "_",
        "~",
        " ",
        "\n",
        "\t",
        "\x00",
        "\u200e",
        "\xe9",
        "\u2028",
        ";p",
        "!$*()+,",
        "\\",
    ),
)


@pytest.mark.long
def test_a_plain_address_is_what_taking_it_apart_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(11)
    asked = ["".join(rng.choices(URL_PIECES, k=rng.randint(1, 7))) for _ in range(20_000)]
    asked += [
        rng.choice(("http://", "https://")) + "".join(rng.choices(URL_PIECES[4:], k=rng.randint(1, 6))) for _ in range(20_000)
    ]
    quick = [web_url(each, base) for each in asked for base in BASES]
    assert sum(sanitize._PLAIN_URL.fullmatch(each) is not None for each in asked) > 300
    monkeypatch.setattr(sanitize, "_PLAIN_URL", re.compile(r"(?!)"))
    assert quick == [web_url(each, base) for each in asked for base in BASES]
