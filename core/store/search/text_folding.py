"""Fold texts for search: ignore differences of case, width, accent and Chinese script.

    text ─▶ fold ─▶ tokens ─▶ the full-text index
         └─▶ find (the positions of the searched tokens in the original text)

Scripts without spaces between words are cut into pairs: `机器学习` becomes `机器 器学 学习 习`. A search for `器学` is then one
token, for `机器学` the two tokens `机器 器学` in a row, and for a single `器` the prefix of a token: each is found exactly where a
scan of the text would find it. Other scripts are cut into words. All characters between words count as one gap.

The index must be read by the rules with which it was written: STAMP changes whenever they do.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from operator import add

RULES = 1
# Han, kana, bopomofo, Hangul, Thai, Lao, Tibetan, Burmese, Khmer, Yi; and emoji, each of which is a word.
UNSPACED = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3041-\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f"
    "\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua48c\uf900-\ufaff\U00020000-\U0003ffff"
    "\u1100-\u11ff\uac00-\ud7ff\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u0f40-\u0fbc\u1000-\u103f\u1050-\u109d\u1780-\u17d3"
    "\u2190-\u23ff\u2500-\u2bff\U0001f000-\U0001faff"
)
# Vowel signs of Indic scripts belong to the word, although Python's \w excludes them.
_SIGNS = "".join(c for c in map(chr, range(0x0900, 0x1000)) if unicodedata.category(c) in ("Mn", "Mc"))
# `c++` and `c#` are words; elsewhere these characters are separators.
_MARKED = r"(?:[+#]+(?![a-z0-9]))?"
_TOKEN = re.compile(rf"(?P<run>[{UNSPACED}]+)|(?:(?![{UNSPACED}_])[\w{_SIGNS}])+{_MARKED}")
_PLAIN_TOKEN = re.compile(rf"(?P<run>(?!))|[a-z0-9]+{_MARKED}")
# Accents of Latin, Greek and Cyrillic, points of Hebrew, vowels of Arabic; invisible joiners and selectors.
_DROPPED = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640\u064b-\u065f\u0670"
    "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\U0001f3fb-\U0001f3ff]"
)
_STROKES = {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe"}
_HAN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF))
# A letter with its combining marks, or a Hangul syllable with its parts.
_CLUSTER = re.compile("(?s)\r\n|.[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u3099\u309a\uff9e\uff9f\u1160-\u11ff]*")


@dataclass(frozen=True, slots=True)
class Sought:
    """A word or phrase to search for: consecutive tokens, the last one a prefix if `open`."""

    tokens: tuple[str, ...]
    open: bool = False


@cache
def _variants() -> dict[int, str]:
    """Map every Han character with a simplified form to that form, and every letter with a stroke to the letter without."""
    import opencc

    han = [chr(code) for first, last in _HAN for code in range(first, last + 1)]
    simplified = opencc.OpenCC("t2s").convert("\n".join(han)).split("\n")
    pairs = {ord(a): b for a, b in zip(han, simplified, strict=True) if a != b and len(b) == 1}
    return pairs | {ord(a): b for a, b in _STROKES.items()}


@cache
def stamp() -> str:
    """Return the identifier of the folding rules. An index written by other rules must be rebuilt."""
    table = sha256(repr(sorted(_variants().items())).encode()).hexdigest()[:12]
    return f"{RULES}-{unicodedata.unidata_version}-{table}"


def fold(text: str) -> str:
    """Remove differences of case, width, accents and Chinese script."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFKC", _DROPPED.sub("", plain)).translate(_variants())


def indexed(text: str) -> str:
    """Return the text for the index: its tokens in order, separated by spaces."""
    found: list[str] = []
    for match in _matches(fold(text)):
        word = match[0]
        if match["run"] is None:
            found.append(word)
        else:
            found += map(add, word, word[1:])
            found.append(word[-1])
    return " ".join(found)


def _placed(folded: str) -> Iterator[tuple[str, int, int]]:
    """Yield each token with its start and end in the folded text."""
    for match in _matches(folded):
        start, end = match.span()
        if match["run"] is None:
            yield match[0], start, end
        else:
            for at in range(start, end):
                yield folded[at : min(at + 2, end)], at, at + 1


def _matches(folded: str) -> Iterator[re.Match[str]]:
    return (_PLAIN_TOKEN if folded.isascii() else _TOKEN).finditer(folded)


def sought(text: str, *, prefix: bool = False) -> Sought | None:
    """Convert a word or phrase of a query to tokens; None if it contains nothing searchable."""
    folded = fold(text)
    found = list(_matches(folded))
    if not found:
        return None
    row = [token for token, _, _ in _placed(folded)]
    if found[-1]["run"] is None:
        return Sought(tuple(row), open=prefix)
    if len(found[-1][0]) == 1:
        return Sought(tuple(row), open=True)
    return Sought(tuple(row[:-1]))


def find(text: str, wanted: Sequence[Sought], *, some: bool = False) -> list[tuple[int, int]] | None:
    """Return the positions of all matches in `text`, merged, as sorted `[from, to)`.

    None if one of `wanted` is missing (`some`: if all are).
    """
    folded = fold(text)
    placed = list(_placed(folded))
    spans: list[tuple[int, int]] = []
    for each in wanted:
        here = list(_occurrences(placed, each))
        if not here and not some:
            return None
        spans += here
    if wanted and not spans:
        return None
    return _joined(_unfolded(text, folded, spans))


def _occurrences(placed: Sequence[tuple[str, int, int]], wanted: Sought) -> Iterator[tuple[int, int]]:
    *first, final = wanted.tokens
    if not first:
        yield from ((start, start + len(final)) for token, start, _ in placed if _ends(token, final, wanted.open))
        return
    for at in range(len(placed) - len(first)):
        end = at + len(first)
        if all(placed[at + i][0] == token for i, token in enumerate(first)) and _ends(placed[end][0], final, wanted.open):
            yield placed[at][1], placed[end][1] + len(final)


def _ends(token: str, final: str, is_open: bool) -> bool:
    return token.startswith(final) if is_open else token == final


def _unfolded(text: str, folded: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Convert positions in the folded text to positions in the original."""
    if len(text) == len(folded) and text.isascii():
        return list(spans)
    origin: list[int] = []
    ends: list[int] = []
    for match in _CLUSTER.finditer(text):
        width = len(fold(match[0]))
        origin += [match.start()] * width
        ends += [match.end()] * width
    if len(origin) != len(folded):
        return []  # letters that fold differently in context: the hit is shown unmarked
    return [(origin[a], ends[b - 1]) for a, b in spans if a < b]


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
