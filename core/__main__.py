"""The command line: python -m core transcribe | migrate | doctor.

    transcribe FILE   words to stdout, progress to stderr; the library is not touched
    migrate           brings the database up to date, while no server runs
    doctor            what works here and what to do; --speech and --notes try it and keep a report

Ends with 0 when all went well, 1 when it did not, 2 for a wrong command line, 130 after Ctrl-C.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from core import VERSION, settings
from core.domain.transcript import Transcript
from core.errors import CastMindError, StartError
from core.export.cues import stamp
from core.export.jsonform import transcript_json
from core.export.markdown import markdown
from core.export.srt import srt
from core.export.txt import txt
from core.export.vtt import vtt
from core.ops import doctor
from core.ops.reports import Report
from core.settings import Settings
from core.speech.client import SpeechClient
from core.speech.request import Progress
from core.store import journal, saved_settings
from core.store.db import DataFolderLock, Store
from core.store.migrations import migrations

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s", stream=sys.stderr)
    command: Callable[[argparse.Namespace], int] = options.run
    try:
        return command(options)
    except CastMindError as error:
        print(f"{error.detail} [{error.code}]", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core", description="CastMind from the command line.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("transcribe", help="print what is said in a file")
    command.add_argument("file", type=_file)
    command.add_argument("--model", help="auto, a faster-whisper name, a folder, or demo (default: the settings)")
    command.add_argument("--language", help="en, zh, ... (default: the settings; auto listens)")
    command.add_argument("--format", choices=("txt", "srt", "vtt", "json", "md"), default="txt")
    command.set_defaults(run=_transcribe)

    command = commands.add_parser("migrate", help="bring the database up to date")
    command.set_defaults(run=_migrate)

    command = commands.add_parser("doctor", help="say what works on this computer, and what to do about the rest")
    command.add_argument("--speech", action="store_true", help="transcribe the samples and keep a report")
    command.add_argument("--file", type=_file, help="with --speech: transcribe this file instead")
    command.add_argument("--notes", action="store_true", help="have Ollama write notes on the samples and keep a report")
    command.set_defaults(run=_doctor)
    return parser


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    return path


def _settings() -> Settings:
    """All layers; what was saved in the pages is read without writing, so that a server may be running."""
    loaded = settings.load()
    path = loaded.values.data / "castmind.db"
    if not path.is_file():
        return loaded.values
    store = Store(path)
    try:
        saved = saved_settings.all_saved(store.read())
    except Exception as error:
        raise StartError(f"The saved settings in {path} cannot be read: {error}. Run `python -m core migrate`.") from error
    finally:
        store.close()
    return settings.load(saved).values


# --- transcribe -------------------------------------------------------------------------------------


def _transcribe(options: argparse.Namespace) -> int:
    values = _settings()
    request = doctor.request_for(options.file, values, model=options.model, language=options.language)
    client = SpeechClient()
    try:
        transcript = client.transcribe(request, (), on_window=lambda _: None, on_progress=_Meter().show, cancelled=lambda: False)
    finally:
        client.stop()
    text = rendered(options.file, transcript, options.format)
    sys.stdout.write(text)
    if not transcript.segments:
        print("Nobody speaks in this audio.", file=sys.stderr)
    return 0


def rendered(file: Path, transcript: Transcript, form: str) -> str:
    """The transcript in one of the formats; a file outside the library has no notes."""
    match form:
        case "srt":
            return srt(transcript)
        case "vtt":
            return vtt(transcript)
        case "json":
            return json.dumps(transcript_json(transcript), ensure_ascii=False, indent=1) + "\n"
        case "md":
            return markdown(doctor.episode_for(file), transcript, None)
        case _:
            return txt(transcript)


class _Meter:
    """Progress on stderr: one line that changes on a terminal, else a line whenever the phase changes."""

    def __init__(self) -> None:
        self._phase = ""
        self._live = sys.stderr.isatty()

    def show(self, progress: Progress) -> None:
        if not self._live:
            if progress.phase != self._phase:
                print(progress.phase, file=sys.stderr, flush=True)
            self._phase = progress.phase
            return
        end = "\n" if progress.phase == "transcribing" and progress.fraction >= 1 else ""
        print(f"\r\x1b[K{_described(progress)}", end=end, file=sys.stderr, flush=True)


def _described(progress: Progress) -> str:
    if progress.phase != "transcribing":
        return f"{progress.phase} the model {progress.fraction:.0%}" if progress.total_bytes else f"{progress.phase} the model"
    parts = [f"{progress.fraction:4.0%}", f"{stamp(progress.position)} of {stamp(progress.duration)}"]
    if progress.eta is not None:
        parts.append(f"{stamp(progress.eta)} left")
    return "  ".join(parts)


# --- migrate ----------------------------------------------------------------------------------------


def _migrate(_options: argparse.Namespace) -> int:
    # Without what was saved: that is in the very database that may need to be brought up to date.
    values = settings.load().values
    lock = DataFolderLock(values.data)
    lock.acquire()
    try:
        store = Store(values.data / "castmind.db")
        journal.put_in_order(store.path)
        before = _applied(store) if store.path.is_file() else []
        store.open()
        try:
            new = [name for name in _applied(store) if name not in before]
        finally:
            store.close()
    finally:
        lock.release()
    print(f"{store.path}: " + (f"applied {', '.join(new)}" if new else "already up to date"))
    return 0


def _applied(store: Store) -> list[str]:
    return [step.name for step in migrations.applied(store.read())]


# --- doctor -----------------------------------------------------------------------------------------


def _doctor(options: argparse.Namespace) -> int:
    values = _settings()
    reports: list[Report] = []
    client = SpeechClient()
    try:
        if not (options.speech or options.notes):
            checks = doctor.checkup(values, client)
            print("\n".join(doctor.describe(checks)))
            return 1 if any(check.status == "fail" for check in checks.values()) else 0
        if options.speech:
            reports.append(doctor.speech(values, client, file=options.file, version=VERSION, say=_say))
            _finish(reports[-1], values)
    finally:
        client.stop()
    if options.notes:
        # After the worker has ended: the card is Ollama's now.
        reports.append(doctor.notes(values, version=VERSION, say=_say))
        _finish(reports[-1], values)
    return 0 if all(report.passed for report in reports) else 1


def _finish(report: Report, values: Settings) -> None:
    print(report.markdown())
    print(f"Kept in {report.keep(values.data / 'reports')}", file=sys.stderr)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
