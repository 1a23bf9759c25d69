"""Name folders that somebody sorts feeds into: one text a feed, the names from the outermost inwards with "/" between them.

    outlines of a file, one within the other ─▶ inside, name by name ─┐
    typed, or an outline's `category`       ─▶ typed ─────────────────┴─▶ "News/Tech" ─▶ names ─▶ outlines again

A slash within a name ("AC/DC") is stored as a division slash, so that it separates nothing; `names` restores it.
"""

from __future__ import annotations

import re
import unicodedata

# Limits: levels; characters of a name; characters of the whole.
DEPTH = 10
NAME = 100
LENGTH = 300
_PART, _WITHIN = "/", "\N{DIVISION SLASH}"
# Controls, marks that turn the direction of writing, half surrogates and noncharacters.
_DROPPED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")
# Only so many characters of a path and of a name are read: marks that stand on one letter are slow to put in order.
_READ, _READ_OF_NAME = 4000, 4 * NAME


def inside(folder: str, name: str) -> str:
    """Return the folder of that name within `folder`, "" for the outermost level. One without a name, or one too deep or too
    long, is `folder` itself: its feeds stay as near to where they were as can be."""
    clean = _name(name.replace(_PART, _WITHIN))
    whole = f"{folder}{_PART}{clean}" if folder else clean
    deep = bool(folder) and folder.count(_PART) + 2 > DEPTH
    return folder if not clean or deep or len(whole) > LENGTH else whole


def typed(text: str) -> str:
    """Return a folder as somebody wrote it, in the form that is kept: "/News//Tech " is "News/Tech"."""
    folder = ""
    for name in text[:_READ].split(_PART):
        folder = inside(folder, name)
    return folder


def of_category(category: str) -> str:
    """Return the folder that an outline's `category` names: the first of its paths, else the first of its words.

    Commas separate several, and a path has slashes: http://opml.org/spec2.opml#attributesOfAnOutline
    """
    each = category[:_READ].split(",")
    return typed(next((one for one in each if _PART in one), each[0]))


def names(folder: str) -> list[str]:
    """Return the names from the outermost inwards, as programs that know folders call them."""
    return [name.replace(_WITHIN, _PART) for name in folder.split(_PART) if name]


def in_order(folder: str) -> tuple[bool, list[str]]:
    """Return a sort key: feeds without a folder come last, and a folder's own feeds before those of folders in it."""
    return not folder, folder.casefold().split(_PART)


def _name(name: str) -> str:
    text = unicodedata.normalize("NFC", _DROPPED.sub("", name[:_READ_OF_NAME]))
    return " ".join(text.split())[:NAME].strip()
