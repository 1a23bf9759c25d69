"""Choose the fonts of a PDF: of those on this computer, the first that has each character.

a CJK font (its Latin letters too) ─► DejaVu ─► Bitstream Vera, which comes with reportlab     none has it ─► □, or FontMissing

Only TrueType outlines can be embedded: Noto CJK and Source Han have others.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from core.domain.transcripts.transcript import is_cjk
from core.errors import FontMissing

PLACES = (
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",  # Debian, Ubuntu, and the container image
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",  # Debian's fonts-droid-fallback
    "/usr/share/fonts/google-droid-sans-fonts/DroidSansFallbackFull.ttf",  # Fedora
    "/usr/share/fonts/wqy-microhei-fonts/wqy-microhei.ttc",
    "/usr/share/fonts/wenquanyi/wqy-microhei/wqy-microhei.ttc",  # Arch
    "/mnt/c/Windows/Fonts/msyh.ttc",  # Windows, seen from WSL2
    "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",  # macOS
)
OTHERS = ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf")
BUNDLED = "Vera.ttf"
MISSING = "□"
QUOTATION = "“”‘’"
# With a larger share of missing letters than this, the text is not worth printing.
TOLERATED = 0.01


@cache
def _load(places: tuple[str, ...]) -> tuple[TTFont, ...]:
    """Load one of `places`, then the other fonts on this computer, registered under their names."""
    found = [font for font in (_open(place) for place in places) if font][:1]
    found += [font for font in (_open(place) for place in OTHERS) if font][:1]
    found.append(TTFont("Vera", BUNDLED))
    for font in found:
        pdfmetrics.registerFont(font)
        pdfmetrics.registerFontFamily(font.fontName, font.fontName, font.fontName, font.fontName, font.fontName)
    return tuple(found)


def _open(place: str) -> TTFont | None:
    path = Path(place)
    if not path.is_file():
        return None
    try:
        return TTFont(path.stem, place, subfontIndex=0)
    except TTFError:
        return None  # another kind of outlines than the name promises: the next one is tried


class Typesetter:
    """Chooses the font of each part of a text, and counts characters that no font has."""

    def __init__(self, places: Sequence[str] = PLACES) -> None:
        self._fonts = _load(tuple(places))
        self.base = self._fonts[0].fontName
        self.letters = 0
        self.lacking: list[str] = []

    def set(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield (font, text) of each part; a character that no font has is MISSING."""
        latin = not any(is_cjk(c) for c in text)
        for name, chars in groupby(((self._font(c, latin), c) for c in text if not _invisible(c)), key=lambda pair: pair[0]):
            part = "".join(c for _, c in chars)
            yield (name, part) if name else (self.base, self._replace(part))

    def check(self) -> None:
        """Raise FontMissing when the fonts lacked too many of the characters."""
        lost = [c for c in self.lacking if c.isalpha()]
        if len(lost) > TOLERATED * self.letters:
            raise FontMissing(
                f"The PDF needs a font that has “{lost[0]}”, and none was found; nothing was written. For Chinese, Japanese and "
                "Korean install one (Debian, Ubuntu: sudo apt-get install fonts-wqy-microhei), or choose HTML or DOCX.",
                example=lost[0],
            )

    def _font(self, char: str, latin: bool) -> str:
        self.letters += char.isalpha()
        if not _shaped(char):
            # The quotation marks of a CJK font are as wide as its characters.
            for font in self._fonts[::-1] if latin and char in QUOTATION else self._fonts:
                if ord(char) in font.face.charToGlyph:
                    return str(font.fontName)
        return ""

    def _replace(self, part: str) -> str:
        self.lacking += part
        return MISSING * len(part) if ord(MISSING) in self._fonts[0].face.charToGlyph else "?" * len(part)


def _invisible(char: str) -> bool:
    """Return whether it is a joiner or variation selector: they change the emoji beside them, and no font draws them."""
    return char in "\u200b\u200c\u200d\u2060\ufeff" or "\ufe00" <= char <= "\ufe0f"


def _shaped(char: str) -> bool:
    """Return whether its script runs from right to left, or its letters change beside each other: a font alone cannot set it."""
    return unicodedata.bidirectional(char) in ("R", "AL") or "\u0900" <= char <= "\u109f" or "\u1780" <= char <= "\u17ff"
