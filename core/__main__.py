"""The command line: python -m core COMMAND; these are the commands:

    transcribe FILE   write the words to stdout, progress to stderr; the library is not used
    migrate           upgrade the database while no server runs, after a backup of it
    backup            write one zip of the library to data/backups; also beside a running server
    verify BACKUP     read every byte of a backup
    restore BACKUP    restore a backup; with a running server, through it
    drill URL         restore the replica of Litestream elsewhere, check and time it, and compare it with the library
    reindex           rebuild the search index; with a running server, through it
    opml import FILE  subscribe to the feeds of another program; with a running server, through it
    opml export       write all feeds to a file for another program
    password [USER]   set a user's password; with a running server, through it
    rotate-key        seal all secrets with a new key, while no server runs
    doctor            examine this installation, with remedies; --fix mends what is safe, --bundle FILE writes a zip for support,
                      --speech, --card and --notes run trials and keep a report

A command imports its dependencies only when it runs, because `migrate` precedes every start of a container. Exit codes: 0
success, 1 failure, 2 a wrong command line, 5 when `migrate` finds recordings or backups but no library that it can open (the app
then asks the user), 130 after Ctrl-C. `doctor`: 0 nothing to do, 1 warnings, 2 faults.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from core.errors import CastMindError

INTERRUPTED = 130
WRONG_COMMAND_LINE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s", stream=sys.stderr)
    command: Callable[[argparse.Namespace], int] = options.run
    try:
        return command(options)
    except CastMindError as error:
        print(f"{error.detail} [{error.code}]", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error}. Nothing else was done. [{type(error).__name__}]", file=sys.stderr)
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

    command = commands.add_parser("backup", help="make a backup; a server may be running")
    command.add_argument("--media", action="store_true", help="with the audio that feeds brought; uploads are always in it")
    command.add_argument("--output", type=Path, help="a file or folder to write to (default: the data folder's backups)")
    command.set_defaults(run=_backup)

    command = commands.add_parser("verify", help="read every byte of a backup")
    command.add_argument("backup", help="a name from the data folder's backups, or a path")
    command.set_defaults(run=_verify)

    command = commands.add_parser("restore", help="put a backup back; what is there now is backed up first")
    command.add_argument("backup", help="a name from the data folder's backups, or a path")
    command.add_argument("--yes", action="store_true", help="do not ask")
    command.set_defaults(run=_restore)

    command = commands.add_parser("drill", help="restore the replica into a temporary folder, check it and time it")
    command.add_argument("replica", nargs="?", help="its address, as for Litestream: file:///folder or s3://bucket/path")
    command.add_argument("--restored", type=_file, metavar="FILE", help="compare a database that Litestream has restored already")
    command.set_defaults(run=_drill)

    command = commands.add_parser("reindex", help="write the search index anew; a running server is asked to")
    command.set_defaults(run=_reindex)

    _opml_parser(commands.add_parser("opml", help="subscriptions from another program, and to one"))

    command = commands.add_parser("password", help="set a user's password; with a running server, through it")
    command.add_argument("user", nargs="?", default="", help="the name (default: the first user)")
    command.set_defaults(run=_password)

    command = commands.add_parser("rotate-key", help="seal all secrets with a new key, while no server runs")
    command.add_argument(
        "--leave-unreadable", action="store_true", help="go on where a secret cannot be opened; it stays as it is"
    )
    command.set_defaults(run=_rotate_key)

    command = commands.add_parser("doctor", help="say what works on this computer, and what to do about the rest")
    command.add_argument("--speech", action="store_true", help="transcribe the samples and keep a report")
    command.add_argument("--file", type=_file, help="with --speech: transcribe this file instead")
    command.add_argument("--card", action="store_true", help="prove speech on the card, with its memory, and keep a report")
    command.add_argument(
        "--fact", type=_fact, action="append", default=[], metavar="NAME=VALUE", help="with --card: a line for its report"
    )
    command.add_argument("--notes", action="store_true", help="have Ollama write notes on the samples and keep a report")
    command.add_argument("--json", action="store_true", help="print the findings as JSON")
    command.add_argument("--fix", action="store_true", help="mend what is safe; nothing that you made is deleted")
    command.add_argument("--dry-run", action="store_true", help="with --fix: only say what would be done")
    command.add_argument("--bundle", type=_bundle, metavar="FILE", help="write a zip for support, without contents and secrets")
    command.set_defaults(run=_doctor)
    return parser


def _opml_parser(parser: argparse.ArgumentParser) -> None:
    ways = parser.add_subparsers(required=True, metavar="WAY")
    way = ways.add_parser("import", help="subscribe to all feeds of a file; a running server is asked to")
    way.add_argument("file", type=_file)
    way.add_argument(
        "--backlog", type=_count, default=0, help="how many older episodes of each feed are transcribed (default: 0)"
    )
    way.add_argument("--no-auto", action="store_true", help="do not transcribe later episodes automatically")
    way.set_defaults(run=_opml_import)
    way = ways.add_parser("export", help="write all feeds to a file")
    way.add_argument("file", type=Path, nargs="?", help="default: standard output")
    way.add_argument("--keys", action="store_true", help="with feeds whose address looks like a personal key")
    way.set_defaults(run=_opml_export)


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text} is not a number of episodes")
    return int(text)


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    return path


def _bundle(text: str) -> Path:
    path = Path(text)
    if not path.absolute().parent.is_dir() or path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is not a file in a folder that exists")
    return path


def _fact(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"{text} is not NAME=VALUE")
    return name, value


def _transcribe(options: argparse.Namespace) -> int:
    from core.cli import transcribe

    return transcribe.run(options)


def _migrate(_options: argparse.Namespace) -> int:
    from core.cli import migrate

    return migrate.run()


def _backup(options: argparse.Namespace) -> int:
    from core.cli import backups

    return backups.backup(options)


def _verify(options: argparse.Namespace) -> int:
    from core.cli import backups

    return backups.verify(options)


def _restore(options: argparse.Namespace) -> int:
    from core.cli import backups

    return backups.restore(options)


def _drill(options: argparse.Namespace) -> int:
    from core.cli import drill

    if bool(options.replica) == bool(options.restored):
        print("Name either the replica's address or --restored FILE.", file=sys.stderr)
        return WRONG_COMMAND_LINE
    return drill.run(options)


def _reindex(_options: argparse.Namespace) -> int:
    from core.cli import reindex

    return reindex.run()


def _opml_import(options: argparse.Namespace) -> int:
    from core.cli import opml

    return opml.bring(options)


def _opml_export(options: argparse.Namespace) -> int:
    from core.cli import opml

    return opml.export(options)


def _password(options: argparse.Namespace) -> int:
    from core.cli import password

    return password.run(options)


def _rotate_key(options: argparse.Namespace) -> int:
    from core.cli import rotate_key

    return rotate_key.run(options)


def _doctor(options: argparse.Namespace) -> int:
    if options.speech or options.card or options.notes:
        from core.cli import trial_runs

        return trial_runs.run(options)
    from core.cli import checkup

    return checkup.run(options)


if __name__ == "__main__":
    sys.exit(main())
