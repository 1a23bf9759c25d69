"""`doctor --speech`, `--card`, `--notes`: run trials and keep a report of each."""

from __future__ import annotations

import argparse
import sys

from core.cli import saved
from core.ops import gpu_proof
from core.ops.doctor import trials
from core.ops.reports import Report
from core.settings import VERSION, Settings
from core.speech.client.client import SpeechClient


def run(options: argparse.Namespace) -> int:
    values = saved.all_layers()
    reports: list[Report] = []
    client = SpeechClient()
    gpu = trials.lease(values, client)
    try:
        if options.speech:
            reports.append(trials.speech(values, client, file=options.file, version=VERSION, say=_say, gpu=gpu))
            _finish(reports[-1], values)
        if options.card:
            client.end()
            reports.append(gpu_proof.prove(values, client, version=VERSION, say=_say, gpu=gpu, given=dict(options.fact)))
            _finish(reports[-1], values)
    finally:
        client.stop()
    if options.notes:
        # The speech worker has ended, so Ollama can use the whole card.
        reports.append(trials.notes(values, version=VERSION, say=_say, gpu=gpu))
        _finish(reports[-1], values)
    return 0 if all(report.passed for report in reports) else 1


def _finish(report: Report, values: Settings) -> None:
    print(report.markdown())
    print(f"Kept in {report.keep(values.data / 'reports')}", file=sys.stderr)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
