"""`transcribe FILE`: write the words to stdout, progress to stderr; the library is not used."""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial
from pathlib import Path

from core.cli import saved
from core.cli.meter import ProgressLine
from core.domain.transcripts.transcript import Transcript
from core.export.export_data import Material
from core.export.layout.cues import stamp
from core.export.writers.json_document import transcript_json
from core.export.writers.markdown import markdown
from core.export.writers.srt import srt
from core.export.writers.txt import txt
from core.export.writers.vtt import vtt
from core.ops.doctor import trials
from core.speech.client.client import SpeechClient
from core.speech.request import Progress


def run(options: argparse.Namespace) -> int:
    values = saved.all_layers()
    request = trials.request_for(options.file, values, model=options.model, language=options.language)
    client = SpeechClient()
    try:
        with ProgressLine() as line:
            show = partial(_show, line)
            transcript = client.transcribe(request, (), on_window=lambda _: None, on_progress=show, cancelled=lambda: False)
    finally:
        client.stop()
    text = rendered(options.file, transcript, options.format)
    sys.stdout.write(text)
    if not transcript.segments:
        print("Nobody speaks in this audio.", file=sys.stderr)
    return 0


def rendered(file: Path, transcript: Transcript, form: str) -> str:
    """Return the transcript in the given format; a file outside the library has no notes."""
    match form:
        case "srt":
            return srt(transcript)
        case "vtt":
            return vtt(transcript)
        case "json":
            return json.dumps(transcript_json(transcript), ensure_ascii=False, indent=1) + "\n"
        case "md":
            return markdown(Material(trials.episode_for(file), transcript))
        case _:
            return txt(transcript)


def _show(line: ProgressLine, progress: Progress) -> None:
    line.say(_described(progress), progress.phase)


def _described(progress: Progress) -> str:
    if progress.phase != "transcribing":
        return f"{progress.phase} the model {progress.fraction:.0%}" if progress.total_bytes else f"{progress.phase} the model"
    parts = [f"{progress.fraction:4.0%}", f"{stamp(progress.position)} of {stamp(progress.duration)}"]
    if progress.eta is not None:
        parts.append(f"{stamp(progress.eta)} left")
    return "  ".join(parts)
