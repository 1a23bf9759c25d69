"""The report of an incident, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.domain import incident as domain
from core.domain.dependencies import Ability, Effect
from core.domain.incident import AutomaticDeed, Cause, Incident
from core.ops import sentences
from core.ops.incidents import keeper, report
from core.ops.last_run import End

FOUND = Incident(
    3,
    1_760_000_000.0,
    1_760_000_600.0,
    (Cause("crash", "untold", 1_760_000_000.0, 1_760_000_100.0), Cause("ollama", "absent", 1_760_000_200.0, 1_760_000_600.0, 4)),
    {Ability.READ: Effect.STOPS, Ability.NOTES: Effect.LESS},
    (AutomaticDeed("restarted", 1_760_000_100.0), AutomaticDeed("worker_restarted", 1_760_000_300.0, 2)),
)


def test_it_says_what_since_when_what_was_affected_and_done() -> None:
    said = report.markdown(FOUND, ["12:00 ERROR core.app it broke"], "en")
    assert said.startswith("# Fault report: CastMind was killed, Ollama\n")
    assert "(about 10 min)" in said and "(×4)" in said and "(×2)" in said
    for heading in ("What happened", "What was affected", "What CastMind did automatically", "First lines of the log (UTC)"):
        assert f"## {heading}" in said
    assert "- Stopped: " in said and "started again and its jobs continue" in said and "    12:00 ERROR core.app it broke" in said
    chinese = report.markdown(FOUND, [], "zh")
    assert "故障报告" in chinese and "日志" not in chinese and not re.search(r"[{}]", chinese)


def test_one_that_is_not_over_says_so_and_nothing_is_invented() -> None:
    said = report.markdown(Incident(1, 1_760_000_000.0, None, (Cause("own", "x", 1_760_000_000.0),)), [], "en")
    assert "not over yet" in said and "own: " in said and "Nothing stopped." in said and "Nothing was needed." in said


def test_every_happening_and_every_deed_has_its_words() -> None:
    source = Path(keeper.__file__).read_text(encoding="utf-8")
    deeds = set(domain.DEEDS.values()) | set(re.findall(r'deed="(\w+)"', source)) | {"restarted"}
    keys = {f"incident.deed.{deed}" for deed in deeds} | {f"incident.crash.{end.value}" for end in End}
    keys |= {f"incident.effect.{effect.value}" for effect in Effect} | {f"incident.{name}" for name in report.HAPPENINGS}
    assert {key for key in keys if not sentences.has(key)} == set()
    known = {key.removeprefix("incident.deed.") for key in sentences.texts("en") if key.startswith("incident.deed.")}
    assert known - {"none"} == deeds


def test_files_are_whole_and_bounded_in_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "MOST_FILES", 2)
    (tmp_path / "speech-20260101-000000.md").write_text("another report")
    paths = [
        report.keep(tmp_path, Incident(n, FOUND.opened_at + n * 60, FOUND.closed_at, FOUND.causes), [], "en") for n in (1, 2, 3)
    ]
    assert report.keep(tmp_path, Incident(3, FOUND.opened_at + 180, FOUND.closed_at, FOUND.causes), [], "en") == paths[2]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*(p.name for p in paths[1:]), "speech-20260101-000000.md"])
