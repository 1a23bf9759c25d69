"""The bundle for support: canaries in every column, file, setting and log line are found nowhere in its bytes."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from core.message import Message
from core.ops.doctor import bundle
from core.ops.doctor.examinations import examine
from core.ops.doctor.finding import Patient, odd
from core.settings import Settings
from tests.ops.doctor.conftest import NO_OLLAMA, PROBE, MakePatient

CANARY = "Kanarienvogel"


def members(made: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def plant(database: Path) -> int:
    """Put a canary into every column of text of every row; return how many columns took one."""
    planted = 0
    with closing(sqlite3.connect(database, isolation_level=None)) as db:
        for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {trigger}")
        db.execute(f"CREATE TABLE {CANARY} (x)")
        tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'").fetchall()
        for (table,) in tables:
            if table.startswith(("search_", "_sqlite", "sqlite_")):
                continue
            for column in db.execute(f"PRAGMA table_info({table})").fetchall():
                try:
                    db.execute(
                        f"UPDATE {table} SET {column[1]} = '{CANARY}' || rowid WHERE typeof({column[1]}) IN ('text', 'null')"
                    )
                except sqlite3.Error:
                    continue  # a key, a check, a table without rows
                planted += 1
    return planted


def canaries_in_settings() -> dict[str, str]:
    """Return a canary for each setting that is a plain text."""
    texts = [name for name, field in Settings.model_fields.items() if field.annotation is str and name != "compute_type"]
    addresses = dict.fromkeys(("public_url", "openid_issuer"), f"http://{CANARY}.home:8501")
    return {name: f"{CANARY}-{name}" for name in texts} | addresses


def test_no_canary_is_in_the_bundle(filled: Patient, make: MakePatient) -> None:
    assert plant(filled.database) > 40
    logs = filled.data / "logs"
    logs.mkdir()
    row = {"time": CANARY, "level": CANARY, "logger": CANARY, "message": f"took {CANARY} from the inbox", "title": CANARY}
    trace = {"time": "2026-12-01T05:00:00Z", "error": f'File "/home/{CANARY}/core/{CANARY}.py", line 1, in {CANARY}\n{CANARY}'}
    (logs / "castmind.log").write_text("\n".join(map(json.dumps, (row, trace, {"event": CANARY, "user_id": CANARY}))))
    (filled.data / "secret.key").write_text(CANARY)
    (filled.data / "secret.key").chmod(0o644)
    (filled.data / "media" / f"{CANARY}.mp3").write_text(CANARY)
    (filled.data / "backups" / f"castmind-{CANARY}.zip").write_text(CANARY)
    why = Message(CANARY, "speech.card_fails", words=CANARY)
    patient = replace(
        make(**canaries_in_settings(), allowed_hosts=f"{CANARY}.invalid"),
        probe=lambda: replace(PROBE, model=CANARY, cuda_error=why, reason=why),
        ollama=lambda: replace(NO_OLLAMA, tried=((f"http://{CANARY}:1", CANARY),)),
        environ={"CASTMIND_PODCASTINDEX_KEY_FILE": str(filled.data / "secret.key")},
    )
    findings = examine(patient)
    assert CANARY in json.dumps([each.to_dict() for each in findings])
    parts = members(bundle.make(patient, findings))
    assert [name for name, text in parts.items() if CANARY.lower() in (name + text).lower()] == []
    assert str(filled.data) not in "".join(parts.values())
    assert "took %s from the inbox" in parts["log.jsonl"]


def test_it_holds_what_support_needs(filled: Patient, make: MakePatient) -> None:
    patient = make(backlog="5", whisper_model="small", device="cpu")
    parts = members(bundle.make(patient, [odd("memory.small", memory="3.8", model="small", need="5.0", n=2)]))
    about, (finding,), settings = (json.loads(parts[f"{name}.json"]) for name in ("about", "findings", "settings"))
    assert about["rows"]["episodes"] == 4 and "0001_library" in about["schema"][0]
    assert finding["params"] == {"memory": "3.8", "model": "…", "need": "5.0", "n": 2}
    assert settings["backlog"] == {"value": 5, "from": "environment"} and settings["device"]["value"] == "cpu"
    assert settings["whisper_model"] == {"value": "…", "from": "environment"}
    assert settings["itunes_url"]["value"] == "default"


def test_a_broken_database_is_told_by_its_error_alone(patient: Patient) -> None:
    patient.data.mkdir()
    patient.database.write_bytes(b"broken" * 999)
    about = json.loads(members(bundle.make(patient, []))["about.json"])
    assert about["rows"] == {"error": "DatabaseDamaged"}


def test_a_file_is_whole_or_not_there(patient: Patient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle.write(tmp_path / "support.zip", patient, [])
    assert zipfile.is_zipfile(tmp_path / "support.zip") and not (tmp_path / "support.zip.part").exists()
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        bundle.write(tmp_path / "second.zip", patient, [])
    assert not (tmp_path / "second.zip").exists()
