"""Parsing a model's answer takes time linear in its length; the kept results are short.

Each family is parsed at one and at eight times the length (tests/growth.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from itertools import product

import pytest

from core.domain.transcripts.transcript import Segment
from core.llm.streaming import Counter, lines_of, read_answer
from core.notes.answers import json_answer
from core.notes.answers.json_answer import NoObject, read_object
from core.notes.answers.json_schemas import WantedField
from core.notes.answers.response_schemas import MapForm, QuotesForm, ResponseForm, Unusable, plain
from core.notes.answers.worth import Gate
from core.notes.text.passages import passages
from core.notes.verify import Finder
from tests.growth import grows_in_line, most_long

SHORT, LONG = 8_000, 600_000

# The repeated piece, and for some families a prefix or suffix.
FAMILIES: Mapping[str, tuple[str, str, str]] = {
    "braces": ("", "{", ""),
    "closing braces": ("", "}", ""),
    "pairs of braces": ("", "{}", ""),
    "brackets": ('{"points":', "[", ""),
    "empty lists": ('{"points":[', "[],", "[]]}"),
    "empty objects": ('{"points":[', "{},", "{}]}"),
    "objects that begin": ("", '{"points"', ""),
    "objects that begin in one another": ("", '{"points":', ""),
    "objects that begin in lists": ("", '{"points":[', ""),
    "blank objects that begin": ("", "{ \n\t", ""),
    "whole objects": ("", '{"code":"12345"}', ""),
    "points": ('{"sentence_1":"a","points":[', '{"text":"a b","quote":"c"},', ""),
    "quotes without end": ('{"points":["', "a ", ""),
    "quotes": ("", '"', ""),
    "escaped quotes": ('{"points":["', '\\"', ""),
    "backslashes": ('{"points":["', "\\", ""),
    "unicode escapes": ('{"points":["', "\\u4e2d", '"]}'),
    "lone surrogates": ('{"sentence_1":"', "\\ud800", '"}'),
    "thoughts": ("", "<think>", ""),
    "ends of thoughts": ("", "</think>", ""),
    "thoughts and objects": ("", '<think>{"code":"1"}</think>', ""),
    "half ends of thoughts": ("", "</think", ""),
    "digits": ('{"picks":[', "9", "]}"),
    "numbers": ('{"picks":[', "9,", "9]}"),
    "exponents": ('{"picks":[', "1e9", "]}"),
    "minus signs": ('{"picks":[', "-", "]}"),
    "commas": ('{"picks":[', ",", "]}"),
    "colons": ('{"picks"', ":", "}"),
    "blanks": ('{"code":', " \n", ""),
    "code fences": ("", "```json\n", ""),
    "zeros": ("", "\x00", ""),
    "marks": ("e", "\u0301", ""),
    "long ligatures": ("", "\ufdfa", ""),
    "words": ("", "one two ", ""),
    "one long word": ("", "a", ""),
    "apostrophes": ("", "a'", ""),
    "numbers with commas": ("", "1,000,", ""),
    "stops": ("", ".", ""),
    "han": ("", "中", ""),
    "numbered lines": ("", "[1] ", ""),
    "tags": ("", "<a ", ""),
    "templates": ("", "{{ <| ", ""),
    "single quotes": ("{'points':['", "it's ", "']}"),
    "marks that may end": ('{"points":["', '" ', ""),
    "marks before blanks": ("{“points”:[“", "” " + " " * 50, ""),
    "comments": ("{", "// {\n", '"points":[]}'),
    "comments that begin": ("", "{//", ""),
    "long comments": ("", '{"points":/*', ""),
    "stars of a comment": ('{"points":/*', "*", ""),
    "dots": ('{"points":[', "...", "]}"),
    "full-width objects": ("", "｛“points”：［", ""),
    "bare names": ("", "{points:[", ""),
    "any names": ("", "{ab ", ""),
}

BODY = "[1] We planted maples by the river in 1984, and they grew well."
GATE = Gate("N12ab34cd", "40713", "Use only what is said there.", BODY)
FINDER = Finder([Segment(i, i, i + 1.0, f"We planted maples number {i} by the river.") for i in range(50)])
WANTED = WantedField(10, 6, 10, 4)


def read(form: type[ResponseForm]) -> Callable[[str], object]:
    def run(text: str) -> None:
        with contextlib.suppress(Unusable):
            form.read(text).answered(GATE)

    return run


def look_up(text: str) -> None:
    """Run every step on a statement and a quote; plain text of some hundred letters is left."""
    said = plain(text)
    GATE.fault(said)
    FINDER.find(said)
    passages([BODY] * 20, [said])


READERS: Mapping[str, Callable[[str], object]] = {
    "notes": read(MapForm),
    "quotes": read(QuotesForm),
    "statement": look_up,
}


def _written(family: tuple[str, str, str], length: int) -> str:
    before, again, behind = family
    return before + again * (length // len(again)) + behind


def check(reader: str, family: str, size: int) -> None:
    grows_in_line(READERS[reader], lambda length: _written(FAMILIES[family], length), size)


@pytest.mark.parametrize(("family", "reader"), most_long(product(FAMILIES, READERS), every=2))
def test_no_reader_of_what_a_model_said_takes_more_than_a_line(family: str, reader: str) -> None:
    check(reader, family, SHORT)


@pytest.mark.long
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("family", FAMILIES)
def test_nor_for_megabytes(family: str, reader: str) -> None:
    check(reader, family, LONG)


# One answer, one line each: its text and its trailing blanks arrive chunk by chunk.
STREAMS: Mapping[str, tuple[str, ...]] = {
    "letters": ("a",),
    "words": ("one ", "two "),
    "sentences": ("We planted maples by the river, and they grew. ",),
    "letters between blanks": ("a", *[" "] * 350),
    "breaks and spaces": ("{", *["\n", "  "] * 90),
    "blanks of all kinds": ("x", *["\u3000\t\r\n"] * 80),
    "nothing": ("",),
}


@pytest.mark.parametrize("stream", STREAMS)
def test_an_answer_that_comes_in_pieces_is_joined_in_line(stream: str) -> None:
    lines = [json.dumps({"message": {"content": piece}}) for piece in STREAMS[stream]]

    async def come(text: str) -> AsyncIterator[str]:
        for line in text.splitlines():
            yield line
        yield json.dumps({"message": {"content": "."}, "done": True})

    def join(text: str) -> None:
        said = asyncio.run(read_answer(come(text), "model", Counter(), remote_models=False))
        assert (said.done_reason, said.text[-1]) == ("stop", ".")

    def written(pieces: int) -> str:
        return "\n".join(lines[number % len(lines)] for number in range(pieces))

    grows_in_line(join, written, 4_000)


@pytest.mark.parametrize("piece", [b"a", b"\n", b"a\n", b"word " * 10, "中\u2028".encode()])
def test_lines_are_parted_in_line(piece: bytes) -> None:
    async def come(pieces: bytes) -> AsyncIterator[bytes]:
        for start in range(0, len(pieces), len(piece)):
            yield pieces[start : start + len(piece)]

    async def part(text: bytes) -> int:
        return sum([len(line) async for line in lines_of(come(text))])

    grows_in_line(lambda text: asyncio.run(part(text)), lambda pieces: piece * pieces, 4_000)


def test_only_the_end_of_a_very_long_answer_is_read() -> None:
    said = '{"code": "12345"}'
    assert read_object("{" * (3 * json_answer.LONGEST) + said, ("code",)).values == {"code": "12345"}
    with pytest.raises(NoObject):
        read_object(said + " " * json_answer.LONGEST, ("code",))
