"""Measure the images without their base: `python -m scripts.image_sizes BASE [TARGET=IMAGE ...] [--check]`.

docker save ─▶ the layers above the base ─▶ unpacked: bytes of their files · packed: each through gzip
            ─▶ rows for docs/benchmarks.md; with --check against the rows there (+5 %) and against the limits
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tarfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

RECORD = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
DOCKER = os.environ.get("CASTMIND_DOCKER") or "/usr/bin/docker"
MB = 1_000_000
GROWTH = 1.05
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Size:
    """Sizes in megabytes of 1,000,000 bytes."""

    unpacked: float
    packed: float


LIMITS: Mapping[str, Size] = {"cpu": Size(900, 330), "cuda": Size(1800, 950)}


# --- deciding -----------------------------------------------------------------------------------------


def recorded(text: str) -> dict[str, Size]:
    """Parse the rows of the table: `| cpu | 793 | 262 | 900 | 330 |`."""
    rows = re.findall(r"^\| (cpu|cuda) \| ([\d.]+) \| ([\d.]+) \| [\d.]+ \| [\d.]+ \|$", text, re.MULTILINE)
    return {target: Size(float(unpacked), float(packed)) for target, unpacked, packed in rows}


def complaints(target: str, size: Size, record: Size | None) -> list[str]:
    """Return a sentence for each size that is too large."""
    limit = LIMITS[target]
    found = []
    for kind in ("unpacked", "packed"):
        now, most = getattr(size, kind), getattr(limit, kind)
        if now > most:
            found.append(f"{target} is {now:.0f} MB {kind}, and {most:.0f} MB are the limit.")
        if record is None:
            continue
        before = getattr(record, kind)
        if now > before * GROWTH:
            found.append(f"{target} is {now:.0f} MB {kind}, {now / before - 1:.1%} more than the {before:.0f} MB on record.")
    if record is None:
        found.append(f"docs/benchmarks.md has no row for {target}.")
    return found


def row(target: str, size: Size) -> str:
    limit = LIMITS[target]
    return f"| {target} | {size.unpacked:.0f} | {size.packed:.0f} | {limit.unpacked:.0f} | {limit.packed:.0f} |"


# --- measuring ----------------------------------------------------------------------------------------


def measure(image: str, base: str) -> Size:
    """Measure an image. Raises ValueError if it is not built on that base."""
    below, layers = layers_of(base), layers_of(image)
    if layers[: len(below)] != below:
        raise ValueError(f"{image} is not built on {base}.")
    sizes, order = _archive(image)
    own = [sizes[name] for name in dict.fromkeys(order[len(below) :]) if name in sizes]
    if not own:
        raise ValueError(f"{image} was saved in a form that is not understood: none of its layers was found.")
    return Size(sum(s.unpacked for s in own), sum(s.packed for s in own))


def layers_of(image: str) -> list[str]:
    said = subprocess.run([DOCKER, "image", "inspect", image], stdout=subprocess.PIPE, check=True, text=True).stdout
    found: list[str] = json.loads(said)[0]["RootFS"]["Layers"]
    return found


def _archive(image: str) -> tuple[dict[str, Size], list[str]]:
    """Return each layer's size by its name in the archive, and the names in the image's order, lowest first."""
    sizes: dict[str, Size] = {}
    order: list[str] = []
    with subprocess.Popen([DOCKER, "save", image], stdout=subprocess.PIPE) as saving:
        assert saving.stdout
        with tarfile.open(fileobj=saving.stdout, mode="r|") as archive:
            for member in archive:
                if not member.isreg():
                    continue  # a link to a layer that is already in the archive
                content = archive.extractfile(member)
                assert content
                if member.name == "manifest.json":
                    order = json.load(content)[0]["Layers"]
                elif member.size > tarfile.BLOCKSIZE and not member.name.endswith(".json"):
                    sizes[member.name] = layer_size(content)
    if saving.returncode:
        raise ValueError(f"{image} could not be saved.")
    return sizes, order


class _Packed:
    """A reader that compresses the bytes passing through it and counts the result."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._packer = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS | 16)
        self.size = 0

    def read(self, count: int = -1) -> bytes:
        block = self._source.read(count)
        self.size += len(self._packer.compress(block))
        return block

    def finish(self) -> int:
        while self.read(BLOCK):
            pass
        return self.size + len(self._packer.flush())


def layer_size(layer: IO[bytes]) -> Size:
    """Return the size of one layer's tar; zero for a blob that is no tar (a description)."""
    packed = _Packed(layer)
    try:
        with tarfile.open(fileobj=packed, mode="r|") as files:  # type: ignore[call-overload]
            unpacked = sum(member.size for member in files)
    except tarfile.ReadError:
        return Size(0, 0)
    return Size(unpacked / MB, packed.finish() / MB)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.image_sizes")
    parser.add_argument("base")
    parser.add_argument("images", nargs="+", metavar="TARGET=IMAGE")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    record = recorded(RECORD.read_text(encoding="utf-8"))
    bad: list[str] = []
    for target, _, image in (each.partition("=") for each in options.images):
        size = measure(image, options.base)
        print(row(target, size))
        bad += complaints(target, size, record.get(target))
    if options.check:
        print("\n".join(bad), file=sys.stderr)
    return 1 if options.check and bad else 0


if __name__ == "__main__":
    sys.exit(main())
