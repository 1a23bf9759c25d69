"""Findings in words: every code has its sentences, in both languages, and faults their remedies."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.domain.text_places import names
from core.ops import sentences
from core.ops.doctor import told
from core.ops.doctor.examinations import GROUPS
from core.ops.doctor.finding import Finding, bad, fine, odd
from core.ops.health import Check

SOURCES = sorted((Path(told.__file__).parent).glob("*.py"))
CODE = re.compile(r'"((?:[a-z_]+)\.(?:[a-z_0-9]+))"')


def codes() -> set[str]:
    """Return all codes that the examinations name."""
    groups = {"backups", "card", "certificate", "clock", "database", "disk", "environment", "examination", "feeds", "files"}
    groups |= {"leftovers", "limits", "logs", "memory", "model", "mounts", "reach", "permissions", "port", "secrets", "settings"}
    groups |= {"replica", "versions"}
    found = {code for path in SOURCES for code in CODE.findall(path.read_text(encoding="utf-8"))}
    outside = {"model.bin", "settings.json"}
    return {code for code in found - outside if code.partition(".")[0] in groups}


def test_every_code_has_its_sentence_and_every_sentence_its_code() -> None:
    texts = {key.removeprefix("doctor.") for key in sentences.texts("en") if re.fullmatch(r"doctor\.[a-z_]+\.[a-z_0-9]+", key)}
    own = {f"group.{group}" for group in GROUPS} | {"bundle.help", "bundle.written", "fix.more", "fix.nothing", "summary.fine"}
    assert texts - own == codes()


def test_what_is_wrong_comes_with_what_to_do() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in SOURCES)
    wrong = set(re.findall(r'(?:odd|bad)\(\s*"([a-z_0-9.]+)"', source))
    wrong |= {code for code in codes() if code.startswith("card.") and code not in ("card.used", "card.not_wanted")}
    assert len(wrong) > 40
    assert {code for code in wrong if not sentences.has(f"doctor.{code}.remedy")} == set()


def test_a_remedy_asks_for_nothing_that_the_finding_does_not_have() -> None:
    texts = sentences.texts("en")
    asked = {
        key: names(text) - names(texts[key.removesuffix(".remedy")]) for key, text in texts.items() if key.endswith(".remedy")
    }
    assert {key: more for key, more in asked.items() if more} == {}


@pytest.mark.parametrize(
    ("findings", "status"), [([], 0), ([fine("feeds.fine")], 0), ([odd("x"), fine("y")], 1), ([bad("x"), odd("y")], 2)]
)
def test_the_exit_status_is_that_of_the_worst(findings: list[Finding], status: int) -> None:
    assert told.exit_status(findings) == status


FOUND = [
    odd("secrets.open", fix="secret_modes", path="/x/.env", mode="0644").found_by("secrets"),
    fine("port.free", port=8501).found_by("port"),
    Finding.of("disk", Check("warn", "low", "low", {"free_gb": "1", "least_gb": "2"})).found_by("disk"),
]


def test_lines_are_grouped_and_coloured_only_where_asked() -> None:
    plain = "\n".join(told.lines(FOUND, "en", colours=False))
    assert plain.index("Computer") < plain.index("Port 8501 is free") < plain.index("Files and folders")
    assert "→ Run chmod 600 on it." in plain and "--fix" in plain and "0 faults, 2 warnings, 1 passed" in plain
    assert "\x1b" not in plain and "\x1b[33m!" in "\n".join(told.lines(FOUND, "en", colours=True))
    assert "端口 8501 空闲" in "\n".join(told.lines(FOUND, "zh", colours=False))
    assert told.summary([FOUND[1]], "en") == "All is well: 1 passed"


def test_json_holds_the_sentence_and_the_remedy() -> None:
    row, free, disk = told.as_json(FOUND, "en")
    assert (row["group"], row["fix"], row["remedy"]) == ("files", "secret_modes", "Run chmod 600 on it.")
    assert free["remedy"] == "" and disk["remedy"] == "" and "1 GB free" in disk["said"]
