"""Cut a text without cutting a word or a character in two.

text ─▶ shortened(limit) ─▶ "The harbour at…"      opening(limit) ─▶ "The harbour at"      ending(limit) ─▶ "lanterns at night"

Scripts with spaces are cut between words; a word that fills two thirds of the limit is cut inside. Scripts without spaces are cut
between characters: a letter stays with its combining marks, an emoji with its parts.
"""

from __future__ import annotations

import re
import unicodedata

# Thai, Lao, Tibetan, Burmese, Khmer, bopomofo, kana, Han, Hangul syllables, Yi: they need no space between words.
_UNSPACED = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3041-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua000-\ua48f\uf900-\ufaff\U00020000-\U0003ffff"
)
_SPACED_LETTER = re.compile(rf"(?![{_UNSPACED}_])\w")
_APOSTROPHES = "'’"
_JOINERS = "\u200d\ufe0e\ufe0f"
_SKINS = ("\U0001f3fb", "\U0001f3ff")
_FLAGS = ("\U0001f1e6", "\U0001f1ff")
# Before an ellipsis these say nothing.
_DANGLING = " \t\n,;:、，；：([{（「『《“‘¿¡—–-"


def shortened(text: str, limit: int) -> str:
    """Return the text, or its beginning with "…": at most `limit` characters, which is at least 1."""
    if len(text) <= limit:
        return text
    kept = opening(text, limit - 1)
    return (kept.rstrip(_DANGLING) or kept) + "…"


def opening(text: str, limit: int) -> str:
    """Return the beginning of the text, at most `limit` characters, cut after a whole word or character."""
    return text[: before(text, limit)].rstrip()


def ending(text: str, limit: int) -> str:
    """Return the end of the text, at most `limit` characters, cut before a whole word or character."""
    return text[after(text, len(text) - limit) :].lstrip() if limit > 0 else ""


def before(text: str, at: int) -> int:
    """Return the last place up to `at` that lies inside no word; for a long word, the last between two characters."""
    at = max(0, min(at, len(text)))
    whole = at
    while whole > 0 and _inside_word(text, whole):
        whole -= 1
    if 3 * whole >= at and whole > 0:
        return whole
    while at > 0 and _inside_character(text, at):
        at -= 1
    return at


def after(text: str, at: int) -> int:
    """Return the first place from `at` on that lies inside no word; for a long word, the first between two characters."""
    at = max(0, min(at, len(text)))
    whole = at
    while whole < len(text) and _inside_word(text, whole):
        whole += 1
    if 3 * (len(text) - whole) >= len(text) - at and whole < len(text):
        return whole
    while at < len(text) and _inside_character(text, at):
        at += 1
    return at


def _inside_word(text: str, at: int) -> bool:
    """Return whether the place between text[at - 1] and text[at] lies inside a word."""
    if not 0 < at < len(text):
        return False
    if _inside_character(text, at):
        return True
    left, right = text[at - 1], text[at]
    if left in _APOSTROPHES:
        return at > 1 and _is_letter(text[at - 2]) and _is_letter(right)
    if right in _APOSTROPHES:
        return _is_letter(left) and at + 1 < len(text) and _is_letter(text[at + 1])
    return _is_letter(left) and _is_letter(right)


def _is_letter(character: str) -> bool:
    return bool(_SPACED_LETTER.match(character)) or unicodedata.category(character) in ("Mn", "Mc", "Me")


def _inside_character(text: str, at: int) -> bool:
    """Return whether the place lies inside what a reader takes for one character."""
    if not 0 < at < len(text):
        return False
    left, right = text[at - 1], text[at]
    if right in _JOINERS or left == "\u200d" or _SKINS[0] <= right <= _SKINS[1] or (left, right) == ("\r", "\n"):
        return True
    if _FLAGS[0] <= left <= _FLAGS[1] and _FLAGS[0] <= right <= _FLAGS[1]:
        return _flags_before(text, at) % 2 == 1
    return unicodedata.category(right) in ("Mn", "Mc", "Me")


def _flags_before(text: str, at: int) -> int:
    count = 0
    while at - count > 0 and _FLAGS[0] <= text[at - count - 1] <= _FLAGS[1]:
        count += 1
    return count
