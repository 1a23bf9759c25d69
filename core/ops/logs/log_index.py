"""The index beside a compressed log: which of its pieces can hold what is searched, so that the others stay compressed.

    lines ─▶ pieces of about 1 MB, whole lines each ─▶ one gzip member and one entry a piece
    entry   place, size, times of its first and last line, lines by level, and a bit map:
            each run of four bytes (lower case) sets a bit by its hash, each id of a line four
    can_hold(entry, map, needles) ─▶ False: certainly not; True: look

A piece of 1 MB holds some 10,000 to 60,000 different runs; the map has 262,144 bits. A word of eight letters asks five of them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

PIECE_BYTES = 1_000_000
_BITS = 1 << 18
_BYTES = _BITS // 8
_RUN = 4
# Knuth's multiplicative hash; its upper 18 bits name the bit.
_FACTOR, _SHIFT = 2654435761, 14
_VERSION = 1
_LEVEL = re.compile(rb'"level": "(\w+)"')
_MOMENT = re.compile(rb'"timestamp": "([^"]{10,40})"')
# The ids by which people search, as they stand in a line.
_ID = re.compile(rb'"(?:request_id|job_id|episode_id|feed_id|user_id|task_id)": (?:"[^"]*"|-?\d+)')


@dataclass(frozen=True, slots=True)
class LogPiece:
    """A piece. `first` and `last` are the ISO times of its lines; texts of the same form, so they compare as times do."""

    at: int
    size: int
    first: str
    last: str
    levels: dict[str, int] = field(default_factory=dict)


def beside(packed: Path) -> Path:
    return packed.with_suffix(".idx")


def pieces(data: bytes) -> Iterator[bytes]:
    """Divide into pieces of whole lines; a line longer than a piece is one."""
    start = 0
    while start < len(data):
        end = data.rfind(b"\n", start, start + PIECE_BYTES) + 1 or data.find(b"\n", start) + 1 or len(data)
        end = len(data) if len(data) - start <= PIECE_BYTES else end
        yield data[start:end]
        start = end


class LogIndexWriter:
    def __init__(self) -> None:
        self._entries: list[LogPiece] = []
        self._maps: list[bytes] = []

    def add(self, lines: bytes, *, at: int, size: int) -> None:
        moments = _MOMENT.findall(lines)
        levels: dict[str, int] = {}
        for level in _LEVEL.findall(lines):
            levels[level.decode()] = levels.get(level.decode(), 0) + 1
        first, last = (moments[0].decode(), moments[-1].decode()) if moments else ("", "9999")
        self._entries.append(LogPiece(at, size, first, last, levels))
        self._maps.append(map_of(lines))

    def write(self, path: Path) -> None:
        head = json.dumps({"version": _VERSION, "entries": [asdict(each) for each in self._entries]}).encode()
        path.write_bytes(head + b"\n" + b"".join(self._maps))


def read(path: Path) -> tuple[list[LogPiece], list[bytes]]:
    """Return the entries and their maps, a row each. Raises ValueError for what is no index; OSError."""
    data = path.read_bytes()
    head, _, maps = data.partition(b"\n")
    told = json.loads(head)
    if told["version"] != _VERSION:
        raise ValueError(f"{path.name} is of another version")
    entries = [LogPiece(**each) for each in told["entries"]]
    if len(maps) != len(entries) * _BYTES:
        raise ValueError(f"{path.name} is cut off")
    return entries, [maps[at : at + _BYTES] for at in range(0, len(maps), _BYTES)]


def map_of(lines: bytes) -> bytes:
    import numpy as np  # starts threads when it is imported, and reading needs none of it

    codes = np.frombuffer(lines.lower(), np.uint8).astype(np.uint32)
    runs = codes[:-3] | codes[1:-2] << 8 | codes[2:-1] << 16 | codes[3:] << 24
    bits = np.zeros(_BITS, np.uint8)
    bits[(runs * np.uint32(_FACTOR)) >> np.uint32(_SHIFT)] = 1
    bits[[bit for each in set(_ID.findall(lines)) for bit in _hashes(each)]] = 1
    return np.packbits(bits).tobytes()


def asked(texts: Iterable[bytes], ids: Iterable[bytes]) -> list[int]:
    """Return the bits that are set where all of these texts (lower case) and ids stand."""
    runs = [text[at : at + _RUN] for text in texts for at in range(len(text) - _RUN + 1)]
    bits = {(int.from_bytes(run, "little") * _FACTOR & 0xFFFFFFFF) >> _SHIFT for run in runs}
    return sorted(bits | {bit for each in ids for bit in _hashes(each)})


def can_hold(bits: bytes, asked_bits: list[int]) -> bool:
    return all(bits[bit >> 3] >> (7 - (bit & 7)) & 1 for bit in asked_bits)


def _hashes(text: bytes) -> list[int]:
    """Return four bits for an id: a quarter of a map is set, so one alone would say "maybe" for every fourth piece."""
    digest = hashlib.blake2b(text, digest_size=12).digest()
    return [int.from_bytes(digest[at : at + 3], "little") & (_BITS - 1) for at in range(0, 12, 3)]
