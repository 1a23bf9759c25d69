"""Cut Streamlit's fonts down to what the pages show: `python -m scripts.smaller_fonts` (needs fonttools and brotli).

Streamlit's package ─▶ icons: those that the pages or Streamlit's own parts name ─┐
                    └▶ text: the letters of European languages, weights 400–700 ──┴─▶ pages/frame/fonts/*.woff2, sources.json

The server sends these in place of the originals (core/api/server/smaller_files.py). Other letters come from the reader's
system. The cut fonts have names of their own, as the Open Font License of the text fonts asks; the icons are under the Apache
License 2.0.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import streamlit
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

PROJECT = Path(__file__).resolve().parent.parent
STATIC = Path(streamlit.__file__).parent / "static" / "static"
FOLDER = PROJECT / "pages" / "frame" / "fonts"
# Our name ─▶ the beginning of Streamlit's, which goes on with a hash.
FONTS = {
    "icons": "MaterialSymbols-Rounded.",
    "serif": "SourceSerifVariable-Roman.",
    "sans": "SourceSansVF-Upright.",
}
# Latin, Greek, Cyrillic, Vietnamese, punctuation, arrows, mathematical signs.
LETTERS = [
    *range(0x20, 0x530),
    *range(0x1E00, 0x1F00),
    *range(0x2000, 0x2070),
    *range(0x20A0, 0x20C0),
    *range(0x2190, 0x2200),
    0x2212,
    0x25CF,
]
_ICON = re.compile(r":material/([a-z0-9_]+):")
# Streamlit also names icons without colons, in the code of its own parts.
_BARE = re.compile(r"[\"'`]([a-z][a-z0-9_]{2,40})[\"'`]")


def original(name: str) -> Path:
    (found,) = (STATIC / "media").glob(f"{FONTS[name]}*.woff2")
    return found


def named_icons() -> set[str]:
    """Return the names of icons in the pages and in Streamlit's scripts."""
    pages = "".join(
        path.read_text(encoding="utf-8") for path in (PROJECT / "pages").rglob("*") if path.suffix in (".py", ".json", ".js")
    )
    theirs = "".join(path.read_text(encoding="utf-8") for path in (STATIC / "js").glob("*.js"))
    return set(_ICON.findall(pages)) | set(_ICON.findall(theirs)) | set(_BARE.findall(theirs))


def sources() -> dict[str, str]:
    """Return the digest of each original, to tell when Streamlit brought others."""
    return {name: hashlib.sha256(original(name).read_bytes()).hexdigest() for name in FONTS}


def icons(font: TTFont) -> TTFont:
    # An icon is a ligature of the letters of its name.
    wanted = named_icons() & set(font.getGlyphOrder())
    options = Options(layout_features=["*"], glyph_names=True, notdef_outline=True, layout_closure=False)
    subsetter = Subsetter(options)
    subsetter.populate(glyphs=[*wanted, ".notdef"], unicodes=[*range(0x20, 0x7F)])
    subsetter.subset(font)
    return font


def letters(font: TTFont) -> TTFont:
    subsetter = Subsetter(Options(layout_features=["kern", "liga", "calt", "ccmp", "locl", "mark", "mkmk", "tnum", "lnum"]))
    subsetter.populate(unicodes=LETTERS)
    subsetter.subset(font)
    limits: dict[str, object] = {"wght": (400, 700)}
    if any(axis.axisTag == "opsz" for axis in font["fvar"].axes):
        limits["opsz"] = 24
    return instantiateVariableFont(font, limits)


def rename(font: TTFont, name: str) -> None:
    """Give a modified font a name of its own; the licence and the copyright stay."""
    for record in font["name"].names:
        if record.nameID in (1, 3, 4, 6, 16, 25):
            record.string = f"CastMind{name.title()}"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name in FONTS:
        font = TTFont(original(name))
        smaller = icons(font) if name == "icons" else letters(font)
        rename(smaller, name)
        smaller.flavor = "woff2"
        smaller.save(FOLDER / f"{name}.woff2")
        print(f"{name}: {original(name).stat().st_size:,} to {(FOLDER / f'{name}.woff2').stat().st_size:,} bytes")
    held = sorted(named_icons() & set(TTFont(FOLDER / "icons.woff2").getGlyphOrder()))
    told = {"originals": sources(), "icons": held}
    (FOLDER / "sources.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
