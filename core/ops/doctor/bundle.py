"""A zip for support: what is known of this installation, without contents, secrets, addresses and names.

    about.json      versions, number of rows of each table, steps of the schema
    findings.json   codes with their numbers; of texts only those in OPEN
    settings.json   numbers, switches and choices as they are; of all other texts only whether they are set
    log.jsonl       the last lines, each as the sentence of the program it was made from; what was put into it is left out

Nothing is masked by a pattern that a text could slip through: what is not known to be harmless does not get in.
"""

from __future__ import annotations

import io
import json
import platform
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_origin

from core.ops.doctor import log_lines
from core.ops.doctor.finding import Finding, Patient
from core.settings import VERSION, table
from core.store.examine import census

# Params of findings whose texts tell nothing of a person: versions, kinds, names of models and devices.
OPEN = frozenset(
    {
        "version",
        "python",
        "kernel",
        "machine",
        "kind",
        "compute_type",
        "device",
        "card",
        "memory",
        "need",
        "megabytes",
        "mode",
        "umask",
        "watches",
        "files",
        "missing",
        "folders",
        "free_gb",
        "least_gb",
    }
)
WITHHELD = "…"
# Of these, "name" is that of an examination or of a package, not of a file.
NAMED = frozenset({"versions.package", "versions.package_missing", "examination.broke", "examination.slow"})
README = (
    "Made by `castmind doctor --bundle`. It holds versions, findings, settings without texts, counts and sentences of the log. "
    "It holds no titles, transcripts, notes, addresses, names of hosts or users, and no secrets.\n"
)


def make(patient: Patient, findings: Sequence[Finding]) -> bytes:
    """Return the zip."""
    parts = {
        "README.txt": README,
        "about.json": _json(_about(patient)),
        "findings.json": _json([_finding(each) for each in findings]),
        "settings.json": _json(_settings(patient)),
        "log.jsonl": "".join(json.dumps(line) + "\n" for line in log_lines.last(patient.data / "logs")),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def write(path: Path, patient: Patient, findings: Sequence[Finding]) -> None:
    """Write the zip to a file, whole or not at all. Raises OSError."""
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(make(patient, findings))
    part.replace(path)


def _about(patient: Patient) -> Mapping[str, Any]:
    there = patient.database.is_file()
    return {
        "castmind": VERSION,
        "python": platform.python_version(),
        "sqlite": census.version(),
        "machine": platform.machine(),
        "container": patient.container,
        "time": patient.now,
        "rows": _told(lambda: census.counts(patient.database)) if there else {},
        "schema": _told(lambda: census.steps(patient.database)) if there else [],
    }


def _told(ask: Any) -> Any:
    try:
        return ask()
    except Exception as error:
        return {"error": type(error).__name__}


def _finding(finding: Finding) -> Mapping[str, Any]:
    return {
        "examination": finding.examination,
        "status": finding.status,
        "code": finding.code,
        "params": {name: _param(finding, name, value) for name, value in finding.params.items()},
    }


def _param(finding: Finding, name: str, value: object) -> object:
    if isinstance(value, int | float):
        return value
    if name in OPEN or (name == "name" and finding.code in NAMED):
        return str(value)
    return WITHHELD


def _settings(patient: Patient) -> Mapping[str, Any]:
    shown = {}
    for name, field in table().items():
        value = getattr(patient.settings, name)
        harmless = isinstance(value, bool | int | float) or get_origin(field.annotation) is Literal
        given = "default" if value == field.default else WITHHELD
        shown[name] = {"value": value if harmless else given, "from": _layer(patient.loaded.sources.get(name, "default"))}
    return shown


def _layer(source: str) -> str:
    """Return the kind of the layer; a file's name may be a person's."""
    return source if source in ("default", "saved", "environment") else "file"


def _json(value: Mapping[str, Any] | Iterable[Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
