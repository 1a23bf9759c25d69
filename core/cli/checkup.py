"""`doctor`: examine this installation, print what was found, fix what is safe, write a bundle for support.

findings ─▶ --fix: what is safe is mended, and all is examined anew ─▶ --bundle FILE ─▶ lines │ --json ─▶ exit status
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Sequence

from core import settings
from core.cli import reindex, saved
from core.cli.meter import ProgressLine
from core.errors import StartError
from core.ops import sentences
from core.ops.doctor import bundle, examinations, fixes, standalone, told
from core.ops.doctor.finding import Finding, Patient
from core.ops.doctor.fixes import Deed
from core.settings import Loaded
from core.speech.client.client import SpeechClient


def run(options: argparse.Namespace) -> int:
    loaded = _loaded()
    language = sentences.language_of(loaded.values.language)
    client = SpeechClient()
    try:
        patient = standalone.patient(loaded, client)
        findings = _examined(patient)
        deeds: list[Deed] = []
        if options.fix:
            with contextlib.redirect_stdout(sys.stderr):
                deeds = fixes.apply(findings, patient, _rebuild_index, dry=options.dry_run)
            if deeds and not options.dry_run:
                findings = _examined(patient)
    finally:
        client.stop()
    if options.bundle:
        bundle.write(options.bundle, patient, findings)
    _print(findings, deeds, options, language)
    return told.exit_status(findings)


def _loaded() -> Loaded:
    """Return the settings of all layers; without those in the database where it cannot be read, which is a finding."""
    try:
        return saved.all_loaded()
    except StartError:
        return settings.load()


def _examined(patient: Patient) -> list[Finding]:
    if not sys.stderr.isatty():
        return examinations.examine(patient)
    with ProgressLine() as line:
        return examinations.examine(patient, on_progress=lambda done, total, name: line.say(f"{name}  {done}/{total}", name))


def _rebuild_index() -> None:
    reindex.run()


def _print(findings: Sequence[Finding], deeds: Sequence[Deed], options: argparse.Namespace, language: str) -> None:
    if options.json:
        body = {
            "findings": told.as_json(findings, language),
            "fixed": [{"code": deed.code, "what": deed.what} for deed in deeds],
            "dry_run": options.dry_run,
            "status": told.exit_status(findings),
        }
        print(json.dumps(body, ensure_ascii=False, indent=1))
        return
    print("\n".join(told.lines(findings, language, colours=sys.stdout.isatty() and not os.environ.get("NO_COLOR"))))
    if options.fix:
        print("\n".join(_fixed(deeds, language, dry=options.dry_run)))
    if options.bundle:
        print(sentences.sentence("doctor.bundle.written", {"path": str(options.bundle)}, language))


def _fixed(deeds: Sequence[Deed], language: str, *, dry: bool) -> list[str]:
    if not deeds:
        return [sentences.sentence("doctor.fix.nothing", {}, language)]
    way = "would" if dry else "done"
    return [sentences.sentence(f"doctor.fix.{deed.code}.{way}", {"what": deed.what}, language) for deed in deeds]
