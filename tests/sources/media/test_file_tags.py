"""What the tags of a file say: encodings mended, nothing unprintable, nothing endless, dates that are dates."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.sources.media import file_tags
from core.sources.media.file_tags import LINE_LENGTH, TEXT_LENGTH, dated, line, mended, text

NOW = datetime(2026, 6, 1, tzinfo=UTC).timestamp()
CHINESE = "第三讲：机器学习的未来"


def as_latin(words: str, encoding: str) -> str:
    return words.encode(encoding).decode("latin-1")


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (as_latin(CHINESE, "gbk"), CHINESE),
        (as_latin(f"Python {CHINESE} 2021", "gbk"), f"Python {CHINESE} 2021"),
        (as_latin(CHINESE, "utf-8"), CHINESE),
        (CHINESE.encode("gbk").decode("utf-8", "surrogateescape"), CHINESE),
        ("Grüße".encode("latin-1").decode("utf-8", "surrogateescape"), "Grüße"),
        (CHINESE, CHINESE),
    ],
)
def test_a_wrong_encoding_is_mended(given: str, meant: str) -> None:
    assert mended(given) == meant


@pytest.mark.parametrize(
    "words",
    ["Grüße aus Köln", "Café crème", "créée, créées", "Ünïcödé äöüß", "Ça été très déçu", "São João não é só", "“naïve” – résumé",
     "Smørrebrød", "Æðelþryð", "Привет", "¿Qué?", "¡¡¡Olé!!!", "Ïðèâåò", "straße"],
)  # fmt: skip
def test_western_text_stays_as_it_is(words: str) -> None:
    assert mended(words) == words


def test_lines_are_printable_and_bounded() -> None:
    assert line("A\x00title\x1b[31m \u202eof\nmany\u200bparts") == "A title [31m of many parts"
    assert line(" \x00 ") is None
    assert len(line("word " * 1000) or "") <= LINE_LENGTH
    assert text("One \x07\r\n\r\n two\n") == "One\ntwo"
    assert len(text("word " * 10_000) or "") <= TEXT_LENGTH
    assert text("\ud800") is not None


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2021-05-04", "2021-05-04T12:00:00+00:00"),
        ("2021/5/4", "2021-05-04T12:00:00+00:00"),
        ("20210504", "2021-05-04T12:00:00+00:00"),
        ("2021-05-04T23:30:00Z", "2021-05-04T23:30:00+00:00"),
        ("2021-05-04T23:30:00+0200", "2021-05-04T21:30:00+00:00"),
        ("2021-05-04 08:15", "2021-05-04T08:15:00+00:00"),
        ("2021-05-04T08:15:00.000000Z", "2021-05-04T08:15:00+00:00"),
    ],
)
def test_dates(given: str, moment: str) -> None:
    assert dated(given, now=NOW) == datetime.fromisoformat(moment).timestamp()


@pytest.mark.parametrize(
    "given", ["", "2021", "2021-05", "yesterday", "1970-01-01", "1904-01-01T00:00:00Z", "2021-13-40", "2999-01-01", "1212-12-12"]
)
def test_what_is_no_day_is_none(given: str) -> None:
    assert dated(given, now=NOW) is None


def test_the_first_field_with_a_value_counts() -> None:
    tags = {
        "TITLE": "A",
        "album_artist": "The band",
        "ALBUM": "Talks",
        "comment": "About it",
        "creation_time": "2021-05-04T08:00:00Z",
    }
    said = file_tags.read(tags, now=NOW)
    assert (said["title"], said["author"], said["album"], said["about"]) == ("A", "The band", "Talks", "About it")
    assert said["dated_at"] == dated("2021-05-04T08:00:00Z", now=NOW)
    assert file_tags.read({"artist": "\x00", "album_artist": "B"}, now=NOW)["author"] == "B"
    assert set(file_tags.read({}, now=NOW).values()) == {None}
