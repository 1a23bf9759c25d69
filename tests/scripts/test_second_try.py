"""Only a few failures of browser tests are given a second try, and that one decides."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts import second_try

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
    monkeypatch.setattr(second_try, "FAILURES", tmp_path / "lastfailed")
    return tmp_path


def failed(project: Path, *names: str) -> None:
    (project / "lastfailed").write_text(json.dumps(dict.fromkeys(names, True)), "utf-8")


@pytest.mark.parametrize(
    "names",
    [
        (),
        ("tests/notes/test_verify.py::test_a",),
        ("tests/browser/test_line.py::test_once", "tests/store/test_b.py::test_b"),
        tuple(f"tests/browser/test_line.py::test_{number}" for number in range(4)),
    ],
)
def test_other_failures_stand(project: Path, names: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    failed(project, *names)
    assert second_try.main() == 1
    assert f"{len(names)} failed" in capsys.readouterr().out


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
