"""deploy.sh without an engine: messages in two languages, handling of .env, comparison of versions."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.running import PROJECT

PARTS = PROJECT / "scripts" / "deploy"
SHELL = [PROJECT / "deploy.sh", *(PARTS / f"{name}.sh" for name in ("speak", "env", "look", "roll"))]
LEVELS = {"ok", "note", "bad"}


def texts(language: str) -> dict[str, str]:
    """The table of one language, as bash reads it."""
    show = 'for key in "${!TEXT[@]}"; do printf "%s\\0%s\\0" "$key" "${TEXT[$key]}"; done'
    said = subprocess.run(
        ["bash", "-c", f"declare -A TEXT; . {PARTS / language}.sh; {show}"], capture_output=True, text=True, check=True
    ).stdout.split("\0")
    return dict(zip(said[0::2], said[1::2], strict=False))


def bash(folder: Path, command: str, **environment: str) -> str:
    sources = "; ".join(f". {PARTS}/{name}.sh" for name in ("env", "look", "roll"))
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"{sources}; {command}"],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_both_languages_say_the_same_things_with_the_same_facts() -> None:
    english, chinese = texts("en"), texts("zh")
    assert english.keys() == chinese.keys()
    for key, text in english.items():
        assert set(re.findall(r"\{\d\}", text)) == set(re.findall(r"\{\d\}", chinese[key])), key
        assert re.search(r"[\u4e00-\u9fff]", chinese[key]) or key == "compose_ok" or text == chinese[key], key


def test_every_text_is_said_and_none_is_missing() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in SHELL)
    said = set(re.findall(r"(?:tell (?:\w+|\"\$\w+\")|die|filled) ([a-z_]+)", code)) | {"file_cuda", "file_cpu"}
    keys = texts("en").keys()
    assert said - keys == set()
    assert {key for key in keys if not key.endswith(".fix")} - said == LEVELS
    assert {key.removesuffix(".fix") for key in keys} == {key for key in keys if not key.endswith(".fix")}


ENGINE = """#!/bin/sh
case "$*" in
    *"exec c1 /app/docker/asks") exit $ASKS ;;
    *exec*doctor) echo "database: pass" ;;
    version*) echo 27.0 ;;
    *"compose version"*) echo 2.30.0 ;;
    *"compose ps"*) echo c1 ;;
    *oneoff*) echo False ;;
    *State.Status*) echo "running healthy 0 0" ;;
    *image.version*) echo 0.9 ;;
    *) echo sha256:1 ;;
esac
"""


@pytest.mark.parametrize(
    ("asks", "language", "said", "unsaid"),
    [
        ("0", "C.UTF-8", "localhost:8777 waits for an answer", "database: pass"),
        ("0", "zh_CN.UTF-8", "localhost:8777 的页面正在等待您的选择", "database: pass"),
        ("1", "C.UTF-8", "database: pass", "waits for an answer"),
        # An image of an earlier version has no such program.
        ("127", "zh_CN.UTF-8", "database: pass", "等待您的选择"),
    ],
)
def test_a_page_that_waits_for_an_answer_is_told(asks: str, language: str, said: str, unsaid: str, tmp_path: Path) -> None:
    engine = tmp_path / "docker"
    engine.write_text(ENGINE)
    engine.chmod(0o755)
    path = f"{tmp_path}:/usr/bin:/bin"
    environment = {"PATH": path, "LC_ALL": language, "ASKS": asks, "CASTMIND_PORT": "8777"}
    done = subprocess.run([PROJECT / "deploy.sh", "status"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert said in done.stdout and unsaid not in done.stdout


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "TZ=Asia/Shanghai\n"),
        ("", "TZ=Asia/Shanghai\n"),
        ("# mine\n\nA=1", "# mine\n\nA=1\nTZ=Asia/Shanghai\n"),
        ("#TZ=UTC\nexport TZ=x\nMYTZ=1\nTZ=y\n", "#TZ=UTC\nTZ=Asia/Shanghai\nMYTZ=1\n"),
        ("A=\\n & $(x) 'é'\n", "A=\\n & $(x) 'é'\nTZ=Asia/Shanghai\n"),
    ],
)
def test_a_value_is_written_and_every_other_line_stays(before: str | None, after: str, tmp_path: Path) -> None:
    if before is not None:
        (tmp_path / ".env").write_text(before, encoding="utf-8")
    bash(tmp_path, "write TZ Asia/Shanghai")
    assert (tmp_path / ".env").read_text(encoding="utf-8") == after
    assert [path.name for path in tmp_path.iterdir()] == [".env"]


def test_the_permissions_of_env_stay(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HF_TOKEN=secret\n", encoding="utf-8")
    (tmp_path / ".env").chmod(0o600)
    bash(tmp_path, "write TZ UTC")
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("line", "value"),
    [("X=1", "1"), ("export X=1", "1"), ("X='a b'", "a b"), ('X="a b"\r', "a b"), ("#X=1", ""), ("XX=1", ""), ("X=1\nX=2", "2")],
)
def test_a_value_is_read_as_compose_reads_it(line: str, value: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(line.encode() + b"\n")
    assert bash(tmp_path, "given X") == value
    assert bash(tmp_path, "given X", X="shell") == "shell"


def test_what_is_set_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PUID=7\n", encoding="utf-8")
    bash(tmp_path, "write_when_unset PUID 1000; write_when_unset PGID 1000; write_when_unset TZ ''")
    assert (tmp_path / ".env").read_text(encoding="utf-8") == "PUID=7\nPGID=1000\n"


@pytest.mark.parametrize(
    ("version", "new_enough"), [("580.65.06", True), ("525", True), ("v525.1", True), ("470.256.02", False), ("99", False)]
)
def test_versions_are_compared_as_versions(version: str, new_enough: bool, tmp_path: Path) -> None:
    assert (bash(tmp_path, f"if is_at_least 525 {version}; then echo yes; fi") == "yes\n") == new_enough


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("castmind:cpu", "castmind"),
        ("castmind", "castmind"),
        ("home:5000/castmind", "home:5000/castmind"),
        ("home:5000/castmind:1.2", "home:5000/castmind"),
        ("me/castmind@sha256:0123", "me/castmind"),
    ],
)
def test_the_tag_of_an_image_is_told_from_a_port(image: str, name: str, tmp_path: Path) -> None:
    assert bash(tmp_path, f"untagged {image}") == name
