"""The tokens of frame.css as pictures: each custom property, drawn in what it stands for.

frame.css ─▶ names() ─▶ kind by the name ─▶ a colour, a bar of that length, a text of that size, a box of that radius
"""

from __future__ import annotations

import re
from pathlib import Path

import streamlit as st

STYLES = Path(__file__).parent.parent / "frame" / "frame.css"
_NAME = re.compile(r"(--castmind-[\w-]+):")
# A row, and how a token is shown, by the beginning of its name.
MARKUP = (
    '<div style="display:flex;align-items:center;gap:1rem;min-height:2rem"><code style="flex:0 0 16rem">{name}</code>'
    '<span style="display:block;{style}">{text}</span></div>',
    {
        "--castmind-space": "width:var({name});height:1rem;background:currentColor",
        "--castmind-size": "font-size:var({name})",
        "--castmind-radius": "width:4rem;height:2.5rem;border:1px solid currentColor;border-radius:var({name})",
        "--castmind-shadow": "width:4rem;height:2.5rem;box-shadow:var({name})",
        "--castmind-quiet": "width:4rem;height:1.5rem;background:var({name})",
        "--castmind-rail-colour": "width:4rem;height:1.5rem;background:var({name})",
        "--castmind-hover": "width:4rem;height:1.5rem;background:var({name})",
        "--castmind-chosen": "width:4rem;height:1.5rem;background:var({name})",
    },
    "Aa 字",
)
_ROW, SHOWN, SAMPLE = MARKUP


def names() -> list[str]:
    """Return the tokens in the order of the file, each once."""
    return list(dict.fromkeys(_NAME.findall(STYLES.read_text(encoding="utf-8"))))


def kind(name: str) -> str:
    """Return the style of a token's sample, "" for one that has no picture of its own."""
    found = [style for start, style in SHOWN.items() if name.startswith(start)]
    return found[-1].format(name=name) if found else ""


def draw() -> None:
    shown = {name: kind(name) for name in names()}
    st.html(
        "".join(
            _ROW.format(name=name, style=style, text=SAMPLE if "font" in style else "") for name, style in shown.items() if style
        )
    )
