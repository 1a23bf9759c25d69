"""The list of CastMind's components contains every pinned requirement, and no package for development only."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import sbom
from scripts.pins import pins, requirement_files


@pytest.mark.long
def test_the_list_holds_every_pin_in_its_version(tmp_path: Path) -> None:
    listed = sbom.write(tmp_path / "sbom.json")
    assert listed == pins(requirement_files(development=False))
    assert {"streamlit", "ctranslate2"} <= listed.keys()
    assert not {"pytest", "pip-audit"} & listed.keys()


def test_a_pin_that_the_list_lacks_is_an_error(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sbom, "write", lambda: {"streamlit": "1.0"})
    assert sbom.main() == 1
    assert "numpy" in capsys.readouterr().err


def test_pins_are_read_whatever_follows_them(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("# a==1\na-b==1.2.3 \\\n    --hash=sha256:00\nc==2 ; python_version >= '3.13'\nd==3;x\n    # via a==9\n")
    assert pins([file]) == {"a-b": "1.2.3", "c": "2", "d": "3"}
