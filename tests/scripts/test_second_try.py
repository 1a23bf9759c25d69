"""Only a few failures of browser tests are given a second try, and that one decides."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import second_try
from scripts.pins import PROJECT

ONCE = """
from pathlib import Path

def test_once():
    seen = Path(__file__).with_name("seen")
    before = seen.exists()
    seen.touch()
    assert before

def test_never():
    raise AssertionError
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tests" / "browser").mkdir(parents=True)
    (tmp_path / "tests" / "browser" / "test_line.py").write_text(ONCE, "utf-8")
    monkeypatch.setattr(second_try, "PROJECT", tmp_path)
    monkeypatch.setattr(second_try, "CACHE", tmp_path / "kept")
    return tmp_path


def failed(project: Path, *names: str, ended: int | None = 1) -> None:
    for name, value in (("cache/lastfailed", dict.fromkeys(names, True)), ("castmind/ended", ended)):
        path = project / "kept" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value), "utf-8")


@pytest.mark.parametrize(
    "names",
    [
        (),
        ("tests/notes/test_verify.py::test_a",),
        ("tests/browser/test_line.py::test_once", "tests/store/test_b.py::test_b"),
        tuple(f"tests/browser/test_line.py::test_{number}" for number in range(4)),
        ("tests/browser/test_line.py",),
    ],
)
def test_other_failures_stand(project: Path, names: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    failed(project, *names)
    assert second_try.main() == 1
    assert f"{len(names)} failed" in capsys.readouterr().out


@pytest.mark.parametrize("ended", [None, 0, 2, 3, 5])
def test_a_run_that_was_broken_off_stands(project: Path, ended: int | None) -> None:
    failed(project, "tests/browser/test_line.py::test_once", ended=ended)
    assert second_try.main() == 1
    assert not (project / "tests" / "browser" / "seen").exists()


def test_the_end_of_a_run_is_kept(project: Path) -> None:
    shutil.copy(PROJECT / "tests" / "conftest.py", project / "tests")
    for more in (["-p", "no:cacheprovider"], ["-n2", "-o", "cache_dir=kept_by_pytest"]):
        run = [sys.executable, "-m", "pytest", "-q", *more, "tests"]
        assert subprocess.run(run, cwd=project, check=False, capture_output=True).returncode == 1
    assert json.loads((project / "kept_by_pytest" / "v" / "castmind" / "ended").read_text("utf-8")) == 1


def test_a_run_that_never_began_stands(project: Path) -> None:
    assert second_try.main() == 1


def test_the_second_try_decides(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    names = [f"tests/browser/test_line.py::{name}" for name in ("test_once", "test_never")]
    failed(project, names[0])
    assert second_try.main() != 0
    assert second_try.main() == 0
    assert names[0] in capfd.readouterr().out
    failed(project, *names)
    assert second_try.main() != 0
