"""Mutate seeds at random: cut, double, swap, replace by tokens of the format and by bytes that break encodings."""

from __future__ import annotations

import random
import time
import traceback
from collections.abc import Sequence

from tests.fuzz.targets import Target

LONGEST = 60_000
# Seconds of processor time that no parser needs for so few bytes.
SLOW = 3.0
_ODD = (
    b"\x00",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xe2\x80\xae",
    b"\xf0\x9f\x98\x80",
    b"\x1b",
    b"\xc3",
    b"9" * 400,
)


class Mutator:
    def __init__(self, seeds: Sequence[bytes], words: Sequence[bytes], seed: int) -> None:
        self._random = random.Random(seed)
        self._seeds = seeds
        self._words = (*words, *_ODD)

    def next(self) -> bytes:
        data = bytearray(self._random.choice(self._seeds))
        for _ in range(self._random.randint(1, 8)):
            self._change(data)
        return bytes(data[:LONGEST])

    def _change(self, data: bytearray) -> None:
        chance = self._random
        at = chance.randrange(len(data) + 1)
        end = min(len(data), at + chance.choice((1, 1, 4, 16, 64)))
        match chance.randrange(7):
            case 0:
                del data[at:end]
            case 1:
                data[at:at] = data[at:end] * chance.choice((1, 2, 100))
            case 2:
                data[at:end] = chance.choice(self._words)
            case 3:
                data[at:at] = chance.choice(self._words) * chance.choice((1, 1, 3, 500))
            case 4:
                data[at:end] = chance.randbytes(end - at)
            case 5:
                other = chance.choice(self._seeds)
                data[at:at] = other[chance.randrange(len(other)) :]
            case _:
                if data:
                    data[at % len(data)] ^= 1 << chance.randrange(8)


def attempt(target: Target, data: bytes) -> str:
    """Return a finding in one line, or "". The origin of an exception distinguishes findings."""
    began = time.process_time()
    try:
        target.run(data)
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} at {last.filename.rpartition('/')[2]}:{last.lineno}"
    return "slow" if time.process_time() - began > SLOW else ""
