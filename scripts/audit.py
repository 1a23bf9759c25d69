"""Scan the pinned Python packages for known vulnerabilities:  make audit

    requirements*.txt ─▶ pins ─▶ pip-audit with each source of advisories in turn ─▶ verdict

    every package was looked up      0 without findings, else 1 with ids and fixed versions
    some were looked up, some not    1: an incomplete scan must not pass as complete
    no source answered               0 with a notice, because the checks must also run on a computer without a network

pip-audit itself cannot tell the last two cases from the first: to it a package index without advisories knows none of the
packages, so it skips them all and reports no findings.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.pins import PROJECT, pins, requirement_files

REPORT = PROJECT / "artifacts" / "audit.json"
# pip-audit's names: the package index's own advisories, then the Open Source Vulnerabilities database.
SOURCES = (["--vulnerability-service", "pypi"], ["--vulnerability-service", "osv"])
TIMEOUT_SECONDS = 15
# Phrases in pip-audit's last line if a source did not answer, or answered with a server error.
NO_ANSWER = ("Could not connect", "redirecting properly", "requests.exceptions.", "urllib3.exceptions.", "ServiceError")


@dataclass(frozen=True)
class Finding:
    package: str
    version: str
    advisory: str
    fixed_in: tuple[str, ...]

    def __str__(self) -> str:
        remedy = f"mended in {', '.join(self.fixed_in)}" if self.fixed_in else "no version mends it yet"
        return f"{self.package} {self.version}: {self.advisory} ({remedy})"


@dataclass(frozen=True)
class Scan:
    """One source's answer: the number of packages looked up, the packages left out, the findings."""

    looked_up: int = 0
    left_out: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = field(default=())


def read_report(report: dict[str, Any], wanted: dict[str, str]) -> Scan:
    """Parse a report; a package counts as looked up only if the report names its exact version."""
    seen = {(d["name"], d["version"]): d["vulns"] for d in report["dependencies"] if "skip_reason" not in d}
    found = [
        Finding(name, version, "/".join([v["id"], *v.get("aliases", [])]), tuple(v["fix_versions"]))
        for (name, version), vulns in seen.items()
        for v in vulns
    ]
    left_out = tuple(f"{name} {version}" for name, version in wanted.items() if (name, version) not in seen)
    return Scan(len(seen), left_out, tuple(found))


def ask(source: list[str], wanted: dict[str, str]) -> Scan:
    """Run pip-audit against one source. Raises RuntimeError if it fails for any reason but an unreachable source."""
    with tempfile.TemporaryDirectory(prefix="castmind-audit-") as folder:
        listed, report = Path(folder) / "pins.txt", Path(folder) / "report.json"
        listed.write_text("".join(f"{name}=={version}\n" for name, version in wanted.items()), encoding="utf-8")
        # The pins list every installed package, so nothing has to be resolved.
        options = ["--requirement", str(listed), "--no-deps", "--disable-pip", "--format", "json", "--output", str(report)]
        limits = ["--progress-spinner", "off", "--timeout", str(TIMEOUT_SECONDS), "--cache-dir", folder]
        command = [sys.executable, "-m", "pip_audit", *options, *limits, *source]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        if report.exists():
            REPORT.parent.mkdir(exist_ok=True)
            REPORT.write_bytes(report.read_bytes())
            return read_report(json.loads(report.read_text(encoding="utf-8")), wanted)
    last_words = (ended.stderr.strip().splitlines() or ["(nothing)"])[-1]
    if any(words in last_words for words in NO_ANSWER):
        return Scan(left_out=tuple(wanted))
    raise RuntimeError(f"pip-audit ended with {ended.returncode} and no report: {ended.stderr[-2000:]}")


def verdict(scan: Scan) -> tuple[int, list[str]]:
    """Return the exit status and the lines to print."""
    if scan.findings:
        remedy = "Raise what has a mended version in requirements*.in, then `make lock`."
        return 1, [f"{len(scan.findings)} known vulnerabilities:", *(f"  {f}" for f in scan.findings), remedy]
    if not scan.looked_up:
        return 0, [
            "NOTICE: NOTHING WAS SCANNED. No source of advisories answered, so it is not known whether the pinned",
            "NOTICE: packages have vulnerabilities. Run `make audit` where there is a network.",
        ]
    if scan.left_out:
        return 1, [f"The source of advisories does not know {len(scan.left_out)} packages: {', '.join(scan.left_out)}"]
    return 0, [f"{scan.looked_up} packages looked up, no known vulnerabilities."]


def main() -> int:
    parser = argparse.ArgumentParser(description="Scan the pinned Python packages for known vulnerabilities")
    parser.add_argument("--osv-url", help="ask only this server, which speaks the protocol of Open Source Vulnerabilities")
    arguments = parser.parse_args()
    sources = [["--vulnerability-service", "osv", "--osv-url", arguments.osv_url]] if arguments.osv_url else SOURCES
    wanted = pins(requirement_files(development=True))
    scan = Scan(left_out=tuple(wanted))
    for source in sources:
        scan = ask(source, wanted)
        if scan.looked_up:
            break
    status, lines = verdict(scan)
    print("\n".join(lines))
    return status


if __name__ == "__main__":
    sys.exit(main())
