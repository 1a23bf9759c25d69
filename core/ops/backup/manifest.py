"""The description of a backup: `manifest.json`, the last file in the zip.

    {"format": 1, "program": "CastMind", "version", "kind", "created_at", "schema": [steps],
     "files": [{"path", "bytes", "sha256"}], "skipped": [paths], "library", "counts": {table: rows}}

A program refuses a newer format number, because it would misread the rest. Only names that pass `safe_path` are ever written
or unpacked.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from core.errors import BackupDamaged, BackupForeign, BackupTooNew, BackupUnsafe

NAME = "manifest.json"
DATABASE = "castmind.db"
FOLDERS = ("uploads", "exports", "media")
FORMAT = 1
PROGRAM = "CastMind"
Kind = Literal["manual", "nightly", "restore-point", "migration", "imported"]
TEXT_LENGTH = 4096
# The end of the year 9999: later times cannot be formatted as dates.
LAST_TIME = 253_370_764_800.0
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """A file of the backup. `path` is relative to the data folder."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`created_at` is Unix seconds; `schema` the migrations of the database; `skipped` files that vanished during the backup.

    `library` identifies the library, `counts` its rows by table; older backups lack both ("" and {}).
    """

    version: str
    kind: str
    created_at: float
    schema: tuple[str, ...]
    files: tuple[ManifestEntry, ...]
    skipped: tuple[str, ...] = ()
    library: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def contents(self) -> tuple[str, ...]:
        """Return the kinds of content: database, uploads, exports, media."""
        tops = {entry.path.partition("/")[0] for entry in self.files}
        return tuple(name for name in ("database", *FOLDERS) if (DATABASE if name == "database" else name) in tops)

    @property
    def of_database_alone(self) -> bool:
        """Return whether it was made before an upgrade, and so tells nothing about the files beside the database."""
        return self.kind == "migration"

    @property
    def bytes(self) -> int:
        return sum(entry.bytes for entry in self.files)

    def to_json(self) -> str:
        return json.dumps({"format": FORMAT, "program": PROGRAM, **asdict(self)}, ensure_ascii=False, indent=1)


def parse(text: str) -> Manifest:
    """Parse a manifest. Raises BackupForeign, BackupTooNew, BackupUnsafe, BackupDamaged."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BackupDamaged(
            f"The backup's manifest cannot be read ({error}). Nothing was changed; take another backup."
        ) from error
    if not isinstance(raw, dict) or raw.get("program") != PROGRAM:
        raise BackupForeign()
    if not isinstance(raw.get("format"), int) or raw["format"] > FORMAT:
        raise BackupTooNew(
            f"The backup has the form {raw.get('format')!r:.40}, this CastMind knows {FORMAT}. "
            "Nothing was changed; update CastMind."
        )
    try:
        manifest = _built(raw)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise BackupDamaged(f"The backup's manifest lacks {error!s:.200}. Nothing was changed; take another backup.") from error
    check_names(entry.path for entry in manifest.files)
    return manifest


def _built(raw: Mapping[str, Any]) -> Manifest:
    files = tuple(ManifestEntry(_text(f["path"]), _size(f["bytes"]), _text(f["sha256"])) for f in _list(raw["files"]))
    if DATABASE not in {entry.path for entry in files}:
        raise KeyError(DATABASE)
    return Manifest(
        version=_text(raw["version"]),
        kind=_text(raw["kind"]),
        created_at=_time(raw["created_at"]),
        schema=tuple(map(_text, _list(raw["schema"]))),
        files=files,
        skipped=tuple(map(_text, _list(raw.get("skipped", [])))),
        library=_text(raw.get("library", "")),
        counts={_text(name): _size(count) for name, count in dict(raw.get("counts", {})).items()},
    )


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > TEXT_LENGTH or not _is_utf8(value):
        raise ValueError(f"a text, not {value!r:.100}")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"a list, not {value!r:.100}")
    return value


def _time(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value) or not 0 <= value < LAST_TIME:
        raise ValueError(f"a time, not {value!r:.100}")
    return float(value)


def _is_utf8(text: str) -> bool:
    """Return whether the text can be encoded: JSON may contain a lone surrogate, which can be neither sent nor written."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _size(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 63:
        raise ValueError(f"a size, not {value!r:.100}")
    return value


def check_names(paths: Iterable[str]) -> None:
    """Raise BackupUnsafe for a name that leaves the data folder, is not a plain path, or is repeated."""
    seen: set[str] = set()
    for path in paths:
        if not safe_path(path):
            raise BackupUnsafe(
                f"The backup holds the name {path[:200]!r}, which CastMind never writes. Nothing of it was unpacked.",
                path=_shown(path),
            )
        if path in seen:
            raise BackupUnsafe(f"The backup holds {path[:200]!r} twice. Nothing of it was unpacked.", path=_shown(path))
        seen.add(path)


def _shown(path: str) -> str:
    return path[:200].encode(errors="replace").decode()


def safe_path(path: str) -> bool:
    """Return whether it is the database, or a file below one of the three folders, in its canonical spelling."""
    if path == DATABASE:
        return True
    if not _is_utf8(path):
        return False
    parts = path.split("/")
    plain = all(part not in ("", ".", "..") and not re.search(r"[\x00-\x1f\x7f\\:]", part) for part in parts)
    return plain and len(parts) > 1 and parts[0] in FOLDERS
