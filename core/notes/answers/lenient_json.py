"""Parse an object that is nearly JSON, with the mistakes of models that follow no schema. Pure; one pass, whatever the text.

Forgiven: comments, commas too many or too few, dots for "and so on", quotation marks of other kinds, names without any,
full-width signs, quotation marks and backslashes within a text, Python's words for true and nothing. The parser guesses no
content: a text ends at a mark of its kind followed by a valid sign, and any other mismatch raises Broken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

# Opening mark → the marks that end a text.
_ENDS = {
    '"': '"',
    "＂": '＂"',
    "“": "”“",
    "„": "“”",
    "”": "”",
    "'": "'",
    "＇": "＇'",
    "‘": "’‘",
    "`": "`'",
    "「": "」",
    "『": "』",
    "«": "»",
}
_OPENERS = "".join(_ENDS)
_NOTHING = re.compile(r"(?:[\s\u200b\ufeff]++|//[^\n]*+|#[^\n]*+|/\*[^*]*+(?:\*(?!/)[^*]*+)*+\*/|\.{3}|…)*+")
_BLANK = re.compile(r"[\s\u200b\ufeff]*+")
_NAME = re.compile(r"[^\W\d]\w{0,63}+")
_WORD = re.compile(r"[+-]?[\w.]{1,63}+(?:[+-]\d{1,4})?")
_ESCAPE = re.compile(r"u([0-9a-fA-F]{4})")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_WORDS = {"true": True, "false": False, "null": None, "none": None, "nan": None, "undefined": None}
_STOPS = {end: re.compile(rf"[\\{re.escape(end)}]") for end in _ENDS.values()}
# Signs after a name, between members, and at the end of an object or list.
_COLONS, _COMMAS, _CLOSERS = ":：", ",，;；、", "}｝]］"


class Broken(ValueError):
    """The text is no object, even with all forgiveness."""


class _CutOff(Exception):
    """The text ends within the object."""


@dataclass(slots=True)
class Lenient:
    """A parser of the object that begins at `at`. `whole` is False afterwards when the text ended before it did."""

    text: str
    at: int
    deepest: int
    whole: bool = True

    def read(self) -> dict[str, Any]:
        """Return the object; if it is cut off, its complete members and the complete items of its last list. Raises Broken."""
        return self._object(1)

    def _object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self._enter(depth)
        try:
            while self.whole and not self._closes("}｝"):
                name = self._name()
                found[name] = self._value(depth)
        except _CutOff:
            # Only the object itself and its lists keep their complete parts: half an item would be another one.
            if depth > 1:
                raise
            self.whole = False
        return found

    def _list(self, depth: int) -> list[Any]:
        found: list[Any] = []
        self._enter(depth)
        try:
            while not self._closes("]］"):
                found.append(self._value(depth))
        except _CutOff:
            if depth > 2:
                raise
            self.whole = False
        return found

    def _enter(self, depth: int) -> None:
        self.at += 1
        if depth > self.deepest:
            raise Broken("too deep")

    def _closes(self, signs: str) -> bool:
        """Return whether this object or list ends here; go past its closing sign, else to the next member."""
        while self._next() in _COMMAS:
            self.at += 1
        if self.text[self.at] in signs:
            self.at += 1
            return True
        return False

    def _next(self) -> str:
        """Skip blanks and comments, and return the next sign. Raises _CutOff at the end of the text."""
        found = _NOTHING.match(self.text, self.at)
        self.at = found.end() if found else self.at
        if self.at >= len(self.text):
            raise _CutOff
        return self.text[self.at]

    def _name(self) -> str:
        if self._next() in _OPENERS:
            name = self._quoted(_COLONS)
        elif found := _NAME.match(self.text, self.at):
            name, self.at = found[0], found.end()
        else:
            raise Broken(f"no name at character {self.at}")
        if self._next() not in _COLONS:
            raise Broken(f"no colon at character {self.at}")
        self.at += 1
        return name

    def _value(self, depth: int) -> Any:
        sign = self._next()
        if sign in "{｛":
            return self._object(depth + 1)
        if sign in "[［":
            return self._list(depth + 1)
        if sign in _OPENERS:
            return self._quoted(_COMMAS + _CLOSERS)
        found = _WORD.match(self.text, self.at)
        if not found:
            raise Broken(f"no value at character {self.at}")
        self.at = found.end()
        if self.at >= len(self.text):
            # A cut 12 may have been the start of 123.
            raise _CutOff
        return _plain(found[0])

    def _quoted(self, behind: str) -> str:
        """Read a quoted text; a mark within it counts as a letter unless one of the signs `behind` follows it."""
        ends = _ENDS[self.text[self.at]]
        stops, pieces, begin = _STOPS[ends], [], self.at + 1
        at = begin
        while found := stops.search(self.text, at):
            at = found.end()
            if found[0] == "\\":
                if at >= len(self.text):
                    break
                pieces.append(self.text[begin : at - 1])
                piece, at = self._escaped(at)
                pieces.append(piece)
                begin = at
            elif self._ends_here(at, behind):
                self.at = at
                pieces.append(self.text[begin : at - 1])
                return "".join(pieces)
        raise _CutOff

    def _ends_here(self, at: int, behind: str) -> bool:
        blank = _BLANK.match(self.text, at)
        after = blank.end() if blank else at
        if after >= len(self.text):
            # The cut may have fallen before the next member, or within this text.
            return False
        if self.text[after] in behind or self.text[after] in "#" or self.text.startswith(("//", "/*"), after):
            return True
        # A forgotten comma: the next name or text stands on the other side of a gap.
        return after > at and self.text[after] in _OPENERS

    def _escaped(self, at: int) -> tuple[str, int]:
        """Decode the escape after a backslash before `at`; return its text and the next position."""
        if found := _ESCAPE.match(self.text, at):
            code = int(found[1], 16)
            low = _ESCAPE.match(self.text, at + 6) if self.text[at + 5 : at + 6] == "\\" and 0xD800 <= code < 0xDC00 else None
            if low and 0xDC00 <= int(low[1], 16) < 0xE000:
                return chr(0x10000 + ((code - 0xD800) << 10) + int(low[1], 16) - 0xDC00), at + 11
            return ("\ufffd" if 0xD800 <= code < 0xE000 else chr(code)), at + 5
        return _ESCAPES.get(self.text[at], self.text[at]), at + 1


def _plain(word: str) -> Any:
    if word.lower() in _WORDS:
        return _WORDS[word.lower()]
    try:
        return int(word)
    except ValueError:
        pass
    try:
        return float(word)
    except ValueError as error:
        raise Broken(f"{word[:20]} is no value") from error
