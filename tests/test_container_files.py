"""Rules for the Dockerfile and its build context that the linter does not check.

Dockerfile ─▶ instructions() ─▶ stages        .dockerignore: an allow-list
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
Instruction = tuple[str, str]


def instructions(text: str) -> list[Instruction]:
    """Return (name, arguments) pairs, with continuation lines joined and comments removed."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(name.upper(), rest.strip()) for name, _, rest in (line.partition(" ") for line in joined.splitlines())]


def dockerfile() -> list[Instruction]:
    return instructions((PROJECT / "Dockerfile").read_text(encoding="utf-8"))


def stages() -> dict[str, tuple[str, list[Instruction]]]:
    """Return name → (base, instructions), in the file's order."""
    found: dict[str, tuple[str, list[Instruction]]] = {}
    for name, rest in dockerfile():
        if name == "FROM":
            base, _, stage = rest.partition(" AS ")
            found[stage] = (base, [])
        elif found:
            next(reversed(found.values()))[1].append((name, rest))
    return found


def settles(stage: str) -> list[Instruction]:
    """Return the instructions of a stage and of all its bases, lowest first."""
    known = stages()
    base, own = known[stage]
    return [*(settles(base) if base in known else []), *own]


def test_an_old_engine_without_a_network_reads_it() -> None:
    text = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
    assert not re.search(r"^#\s*(syntax|escape|check)\s*=", text, re.MULTILINE | re.IGNORECASE)
    assert "<<" not in text


def test_every_stage_builds_on_the_base_that_can_be_chosen_or_on_an_earlier_stage() -> None:
    earlier: list[str] = []
    for stage, (base, _) in stages().items():
        assert base in (*earlier, "${BASE_IMAGE}")
        earlier.append(stage)


def test_the_base_is_pinned_to_a_version() -> None:
    default = dict(rest.partition("=")[::2] for name, rest in dockerfile() if name == "ARG")["BASE_IMAGE"]
    assert re.fullmatch(r"[a-z0-9./-]+:[a-z]*-?\d+\.\d+[\w.-]*(@sha256:[0-9a-f]{64})?", default)


def test_cuda_is_what_a_build_without_a_target_gives() -> None:
    assert list(stages())[-1] == "cuda"
    assert "cpu" in stages()


def test_what_changes_often_lies_above_what_does_not() -> None:
    copied = [rest for name, rest in settles("cuda") if name == "COPY"]
    parts = ("ffmpeg", "cublas", "packages", "ytdlp", "app")
    order = [next(i for i, rest in enumerate(copied) if f"--from={part} " in rest) for part in parts]
    assert order == sorted(order)


def test_the_extra_is_off_unless_asked_for_and_the_same_in_both_targets() -> None:
    given = [rest for name, rest in stages()["ytdlp"][1] if name in ("ARG", "RUN")]
    assert given == ["PIP_INDEX_URL=", "WITH_YTDLP=", './ytdlp "${WITH_YTDLP}"']
    assert all(("COPY", "--from=ytdlp /opt/ytdlp /opt/ytdlp") in settles(target) for target in ("cpu", "cuda"))


def test_both_targets_say_what_they_are_and_how_they_are() -> None:
    for target in ("cpu", "cuda"):
        found = dict(settles(target))
        assert {"ENTRYPOINT", "CMD", "HEALTHCHECK", "STOPSIGNAL", "EXPOSE"} <= found.keys()
        # As a list: through a shell the app would not receive the signals.
        assert found["ENTRYPOINT"].startswith("[")
        assert found["CMD"].startswith("[")
        labels = set(re.findall(r"org\.opencontainers\.image\.(\w+)=", found["LABEL"]))
        assert {"version", "revision", "source", "licenses"} <= labels


def test_nothing_secret_is_built_in() -> None:
    names = [rest for name, rest in dockerfile() if name in ("ARG", "ENV")]
    assert [n for n in names if re.search(r"PASSWORD|TOKEN|SECRET|CREDENTIAL|_KEY\b", n, re.IGNORECASE)] == []


def test_nothing_is_fetched_by_address() -> None:
    assert [rest for name, rest in dockerfile() if name == "ADD" or (name == "RUN" and "://" in rest)] == []


def test_only_named_files_are_sent_to_the_build() -> None:
    lines = (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    assert not allowed & {".", "*", ".env", ".git", ".venv", "data", "tests", "bench", "artifacts"}
    assert all((PROJECT / name).exists() for name in allowed)
    assert "config/local.toml" in rules


@pytest.mark.parametrize(("status", "goes_on"), [(0, True), (5, True), (1, False), (2, False), (137, False)])
def test_the_entrypoint_goes_on_to_the_page_where_there_is_no_library(tmp_path: Path, status: int, goes_on: bool) -> None:
    """`migrate` exits with 5 then: the app itself asks the user. Any other status ends the container with the same status."""
    source = (PROJECT / "entrypoint.sh").read_text()
    function = source[source.index("migrate() {") : source.index("is_app() {")]
    python = tmp_path / "python"
    python.write_text(f"#!/bin/bash\nexit {status}\n")
    python.chmod(0o755)
    script = f"set -euo pipefail\n{function}\nmigrate\necho the app"
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = subprocess.run(["bash", "-c", script], env={"PATH": path}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == ((0, "the app\n") if goes_on else (status, ""))


def test_what_wants_an_engine_stands_where_make_looks_for_it() -> None:
    """`make test-container` collects tests/container only: collecting all tests takes a quarter of a minute."""
    tests = PROJECT / "tests"
    marks = re.compile(r"^(@|pytestmark = )pytest\.mark\.container\b", re.MULTILINE)
    marked = {path.parent for path in tests.rglob("test_*.py") if marks.search(path.read_text(encoding="utf-8"))}
    assert marked == {tests / "container"}
