"""Decode the Content-Encoding of a body in bounded steps, even if the header names the wrong one.

    blocks ─▶ last coding named ─▶ … ─▶ first coding named ─▶ blocks, DECODED_BLOCK bytes at most each

Decodes gzip (any number of members) and deflate (with and without zlib's header). Ignores names that are no coding (`none`,
`utf-8`, `binary`, ""). Returns a body unchanged if it is not compressed, although its header says so.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from core.domain.feeds.feed_address import shown
from core.errors import BadCompression, BrokenOff

DECODED_BLOCK = 1 << 18
MOST_CODINGS = 4
_GZIP = ("gzip", "x-gzip")
# Codings that exist, were not requested, and cannot be decoded here.
_UNREAD = ("br", "zstd", "compress", "x-compress", "dcb", "dcz")
_GZIP_MARK = b"\x1f\x8b"
_ENOUGH = 512


def named(header: str) -> tuple[str, ...]:
    """Return the codings of a Content-Encoding header that change a body, lower case, in the order in which they were applied."""
    said = (word.strip(" \t\"'").lower() for word in header.split(","))
    return tuple(word for word in said if word in _GZIP or word == "deflate" or word in _UNREAD)


def undone(blocks: Iterator[bytes], codings: tuple[str, ...], url: str) -> Iterator[bytes]:
    """Return the decoded body. Raises BadCompression for an unsupported coding or damaged data, BrokenOff for an early end."""
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
                # Appending to a gzip file adds a second member after the first; anything else there is padding.
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
    """Yield the decompressed `waiting` in bounded steps, so that a small body cannot fill the memory."""
    while held := inflater.decompress(waiting, DECODED_BLOCK):
        yield held
        # At the end of a member the rest is in `unused_data` and in `unconsumed_tail`; do not decode it twice.
        if inflater.eof:
            return
        waiting = inflater.unconsumed_tail


def _front(blocks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Return the first bytes, enough to recognise the format, and the remaining blocks."""
    front = b""
    for block in blocks:
        front += block
        if len(front) >= _ENOUGH:
            break
    return front, blocks


def _inflater(front: bytes, *, gzip: bool) -> zlib._Decompress | None:
    """Return the decompressor for a body that starts with `front`; None if it is not compressed.

    Decides by the bytes, because servers confuse gzip and deflate.
    """
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
