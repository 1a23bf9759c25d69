"""The library: its database, search index, files and backups."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

from core.errors import Cancelled, CastMindError, DatabaseDamaged, StartError
from core.ops import part_checks
from core.ops.backup import upgrade
from core.ops.backup.backup_file import verified
from core.ops.doctor.finding import Finding, Patient, bad, fine, odd
from core.store.examine import census, integrity

DATABASE_SECONDS = 50.0
VERIFY_SECONDS = 20.0
MEGABYTE = 1_000_000
# A file that no row names may be arriving now.
LEAST_AGE = 24 * 3600.0
NOT_AUDIO = (".part", ".json")


def database(patient: Patient) -> Iterator[Finding]:
    """Read the whole file: pages, references, index."""
    try:
        upgrade.look(patient.data, patient.backups)
    except DatabaseDamaged as error:
        yield bad("database.damaged", fault=error.detail)
        return
    except StartError:
        yield bad("database.missing", folder=str(patient.data))
        return
    if not patient.database.is_file():
        yield fine("database.none", folder=str(patient.data))
        return
    try:
        state = integrity.look(patient.database, DATABASE_SECONDS)
    except DatabaseDamaged as error:
        yield bad("database.damaged", fault=error.detail)
    except integrity.TooLong:
        yield fine("database.large", seconds=round(DATABASE_SECONDS))
    else:
        yield from _state(state)


def _state(state: integrity.FileState) -> Iterator[Finding]:
    if state.pages:
        yield bad("database.damaged", fault=state.pages[0])
    if state.references:
        yield bad("database.references", count=state.references)
    if state.index:
        yield bad("database.index", fix="index", fault=state.index)
    if not (state.pages or state.references or state.index):
        yield fine("database.whole", megabytes=f"{state.bytes / MEGABYTE:.1f}")


def files(patient: Patient) -> Iterator[Finding]:
    """Compare the audio files with the rows that name them, and the exports with the episodes."""
    if not patient.database.is_file():
        return
    # In this order: files that arrive in between have no row yet, and are younger than a day.
    there = [path for name in ("media", "uploads") for path in (patient.data / name).glob("*") if path.is_file()]
    named = census.named_files(patient.database)
    missing = sorted(episode for name, episode in named.items() if not (patient.data / name).is_file())
    if missing:
        yield bad("files.missing", count=len(missing), episode=missing[0])
    unnamed = [path for path in there if _unnamed(patient, path, named)]
    if unnamed:
        megabytes = round(sum(path.stat().st_size for path in unnamed) / MEGABYTE)
        yield odd("files.unnamed", count=len(unnamed), megabytes=megabytes)
    exports = _ownerless(patient)
    if exports:
        yield odd("files.exports", count=exports)
    if not (missing or unnamed or exports):
        yield fine("files.agree", count=len(named))


def _unnamed(patient: Patient, path: Path, named: dict[str, int]) -> bool:
    if path.suffix in NOT_AUDIO or f"{path.parent.name}/{path.name}" in named:
        return False
    return path.stat().st_mtime < patient.now - LEAST_AGE


def _ownerless(patient: Patient) -> int:
    """Return how many exported files belong to episodes that are not there any more."""
    ids = census.episode_ids(patient.database)
    found = (re.match(r"(\d+)-.*\.(?:md|vtt|srt|txt|json)$", path.name) for path in (patient.data / "exports").glob("*"))
    return sum(1 for match in found if match and int(match[1]) not in ids)


def backups(patient: Patient) -> Iterator[Finding]:
    """Check the age of the nightly backup, that each can be read, and every byte of the latest."""
    values, made = patient.settings, patient.backups.listing()
    yield Finding.of("backup", part_checks.backup(patient.backups, values.backup_nightly, patient.now))
    yield Finding.of("library", part_checks.library(patient.backups))
    for broken in (backup for backup in made if backup.error):
        yield odd("backups.unreadable", name=broken.name)
    readable = [backup for backup in made if not backup.error]
    if not readable:
        if patient.database.is_file() and not values.backup_nightly:
            yield odd("backups.none")
        return
    latest = max(readable, key=lambda backup: backup.created_at)
    yield _verified(latest.path)


def _verified(path: Path) -> Finding:
    ends = time.monotonic() + VERIFY_SECONDS
    try:
        verified(path, cancelled=lambda: time.monotonic() > ends)
    except Cancelled:
        return fine("backups.large", name=path.name, seconds=round(VERIFY_SECONDS))
    except (CastMindError, OSError) as error:
        return bad("backups.damaged", name=path.name, error=str(error))
    return fine("backups.whole", name=path.name)
