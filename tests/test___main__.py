"""`python -m core`, as somebody at a terminal meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import __main__ as command_line


@pytest.mark.parametrize("arguments", [[], ["transcribe"], ["transcribe", "/no/such/file"], ["doctor", "--format", "pdf"]])
def test_a_wrong_command_line_is_told_apart(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command_line.main(arguments)
    assert ended.value.code == 2 and "usage:" in capsys.readouterr().err


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of commands that this process runs."""
    monkeypatch.setenv("CASTMIND_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def test_a_setting_that_does_not_fit_is_named(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CASTMIND_PORT", "many")
    assert command_line.main(["doctor"]) == 1
    assert "'port'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("fact", "right"), [("clock=1.2 GHz", True), ("a==b", True), ("clock", False), ("=3", False), ("a=", True)]
)
def test_a_fact_for_the_report_is_a_name_with_its_value(fact: str, right: bool) -> None:
    if right:
        found = command_line._parser().parse_args(["doctor", "--card", "--fact", fact])
        assert found.fact == [tuple(fact.split("=", 1))]
    else:
        with pytest.raises(SystemExit) as ended:
            command_line._parser().parse_args(["doctor", "--card", "--fact", fact])
        assert ended.value.code == 2
