"""Make feeds of folders: folders of the inbox, and folders that were uploaded. Files bring their episodes, no poll does.

    inbox/My Show/Season 1/a.mp3 ─▶ ("My Show", "Season 1") ─▶ inbox:My%20Show/Season%201, titled "My Show / Season 1"

A folder is identified by its name alone: under another name it is another feed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from urllib.parse import quote

SCHEME = "inbox:"
DEEPEST = 8
LONGEST = 200

Folder = tuple[str, ...]


def folder_of(names: Iterable[str]) -> Folder:
    """Clean folders' names so that they can be shown and compared, and drop empty ones; () is no folder."""
    cleaned = (_clean(name) for name in names)
    return tuple(name for name in cleaned if name)[:DEEPEST]


def address(folder: Folder) -> str:
    """Return the text in the place of a feed's URL. Nothing is ever fetched from it."""
    return SCHEME + "/".join(quote(name, safe="") for name in folder)


def title(folder: Folder) -> str:
    return " / ".join(folder)[:LONGEST]


def is_local(url: str) -> bool:
    return url.startswith(SCHEME)


def _clean(name: str) -> str:
    # macOS decomposes é into two code points: the same folder must not become two feeds.
    composed = unicodedata.normalize("NFC", name)
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in composed).split())
    return "" if text.strip(".") == "" else text[:LONGEST]
