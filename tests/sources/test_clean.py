import pytest

from core.sources.clean import clean_html, clean_line, html_to_text, web_url


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
