"""Undoes the codings that a body travelled in, in bounded steps, whatever its headers say of them.

    blocks ─▶ last coding named ─▶ … ─▶ first coding named ─▶ blocks, DECODED_BLOCK at most each

gzip (with any number of members) and deflate (with and without zlib's header) are read. What is named and is no coding (`none`,
`utf-8`, `binary`, nothing) changes nothing, and a body that is not compressed although it is called so is read as it is.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from core.domain.feeds.feed_address import shown
from core.errors import BadCompression, BrokenOff

DECODED_BLOCK = 1 << 18
MOST_CODINGS = 4
_GZIP = ("gzip", "x-gzip")
# Codings that exist, were not asked for, and cannot be read here.
_UNREAD = ("br", "zstd", "compress", "x-compress", "dcb", "dcz")
_GZIP_MARK = b"\x1f\x8b"
_ENOUGH = 512


def named(header: str) -> tuple[str, ...]:
    """The codings of a Content-Encoding that change a body, in lower case, in the order in which they were applied."""
    said = (word.strip(" \t\"'").lower() for word in header.split(","))
    return tuple(word for word in said if word in _GZIP or word == "deflate" or word in _UNREAD)


def undone(blocks: Iterator[bytes], codings: tuple[str, ...], url: str) -> Iterator[bytes]:
    """The body as it was. Raises BadCompression for a coding that cannot be read and for damage, BrokenOff."""
    unread = next((coding for coding in codings if coding in _UNREAD), None)
    if unread or len(codings) > MOST_CODINGS:
        raise BadCompression(
            f"{shown(url)} is compressed in a way that was not asked for and cannot be read ({unread or 'too many times over'}). "
            "What was there is kept, and it is tried again."
        )
    for coding in reversed(codings):
        blocks = _inflated(blocks, gzip=coding in _GZIP, url=url)
    return blocks


def _inflated(blocks: Iterator[bytes], *, gzip: bool, url: str) -> Iterator[bytes]:
    waiting, blocks = _front(blocks)
    inflater = _inflater(waiting, gzip=gzip)
    if inflater is None:
        if waiting:
            yield waiting
        yield from blocks
        return
    try:
        while inflater is not None:
            yield from _unfolded(inflater, waiting)
            if inflater.eof:
                waiting = inflater.unused_data
                while len(waiting) < 2 and (following := next(blocks, None)) is not None:
                    waiting += following
                # Whoever appends to a compressed file writes a second member behind the first; all else there is padding.
                inflater = zlib.decompressobj(wbits=31) if waiting.startswith(_GZIP_MARK) else None
            elif (following := next(blocks, None)) is not None:
                waiting = following
            else:
                break
    except zlib.error as error:
        raise BadCompression(f"{shown(url)} is compressed in a way that cannot be read ({error}).") from error
    if inflater is not None:
        raise BrokenOff(f"The transfer from {shown(url)} broke off. It is tried again.")


def _unfolded(inflater: zlib._Decompress, waiting: bytes) -> Iterator[bytes]:
    """All that `waiting` gives, in steps: a small body cannot unfold into all of the memory at once."""
    while held := inflater.decompress(waiting, DECODED_BLOCK):
        yield held
        # At the end of a member the rest stands in both places, and would be added a second time.
        if inflater.eof:
            return
        waiting = inflater.unconsumed_tail


def _front(blocks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Enough of the beginning to tell what it is, and the rest."""
    front = b""
    for block in blocks:
        front += block
        if len(front) >= _ENOUGH:
            break
    return front, blocks


def _inflater(front: bytes, *, gzip: bool) -> zlib._Decompress | None:
    """What reads a body that begins so; None for one that is not compressed. Servers take one coding for the other."""
    if front.startswith(_GZIP_MARK):
        return zlib.decompressobj(wbits=31)
    if len(front) >= 2 and front[0] & 0x8F == 0x08 and int.from_bytes(front[:2], "big") % 31 == 0:
        return zlib.decompressobj()
    if gzip or not front:
        return None
    try:
        zlib.decompressobj(wbits=-15).decompress(front, DECODED_BLOCK)
    except zlib.error:
        return None
    return zlib.decompressobj(wbits=-15)
