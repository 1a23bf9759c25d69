"""The scan for known vulnerabilities, with the real pip-audit before a source of advisories of the test's own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import audit
from scripts.pins import pins, requirement_files
from tests.fakes.advisories import FakeAdvisories, advisory


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAdvisories]:
    monkeypatch.setattr(audit, "REPORT", tmp_path / "audit.json")
    with FakeAdvisories() as server:
        yield server


def run(monkeypatch: pytest.MonkeyPatch, url: str) -> int:
    monkeypatch.setattr(sys, "argv", ["audit", "--osv-url", url])
    return audit.main()


def test_every_pin_of_every_file_is_looked_up(
    source: FakeAdvisories, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, source.url) == 0
    wanted = pins(requirement_files(development=True))
    # audioop-lts and colorama are for other Pythons and systems than the one that scans.
    assert {"streamlit", "audioop-lts", "colorama", "pytest"} <= wanted.keys()
    assert sorted(source.asked) == sorted(wanted.items())
    assert f"{len(wanted)} packages looked up, no known vulnerabilities" in capsys.readouterr().out


def test_a_known_vulnerability_fails_and_names_the_remedy(
    source: FakeAdvisories, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source.known["httpx"] = advisory("httpx", "PYSEC-2099-1", "99.1")
    source.known["nh3"] = advisory("nh3", "PYSEC-2099-2", None)
    assert run(monkeypatch, source.url) == 1
    said = capsys.readouterr().out
    assert "PYSEC-2099-1 (mended in 99.1)" in said
    assert "PYSEC-2099-2 (no version mends it yet)" in said
    assert "PYSEC-2099-1" in audit.REPORT.read_text()


@pytest.mark.long
def test_nobody_listening_is_a_notice_and_no_failure(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "http://127.0.0.1:9/v1/query") == 0
    assert "NOTHING WAS SCANNED" in capsys.readouterr().out


def test_a_source_that_fails_is_a_notice_and_no_failure(
    source: FakeAdvisories, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source.status = 503
    assert run(monkeypatch, source.url) == 0
    assert "NOTHING WAS SCANNED" in capsys.readouterr().out


@pytest.mark.long
def test_a_broken_pip_audit_is_no_missing_network(source: FakeAdvisories) -> None:
    with pytest.raises(RuntimeError, match="ended with 2 and no report"):
        audit.ask(["--vulnerability-service", "nobody"], {"httpx": "0.28.1"})


def test_an_index_that_knows_no_package_counts_as_no_source() -> None:
    report = {"dependencies": [{"name": name, "skip_reason": "not found"} for name in ("httpx", "nh3")], "fixes": []}
    scan = audit.read_report(report, {"httpx": "0.28.1", "nh3": "0.3.8"})
    assert scan.looked_up == 0
    status, said = audit.verdict(scan)
    assert (status, "NOTHING WAS SCANNED" in said[0]) == (0, True)


def test_a_scan_with_holes_fails_and_names_them() -> None:
    known = {"name": "httpx", "version": "0.28.1", "vulns": []}
    report = {"dependencies": [known, {"name": "nh3", "skip_reason": "not found"}], "fixes": []}
    status, said = audit.verdict(audit.read_report(report, {"httpx": "0.28.1", "nh3": "0.3.8"}))
    assert status == 1
    assert "nh3 0.3.8" in said[0]
