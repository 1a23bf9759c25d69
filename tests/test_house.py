"""Rules of the house that hold for every file: names, words, and texts in both languages."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core import errors
from tests.unmirrored import COUNT, FOLDERS, SHOWN_BY, WITHOUT_BEHAVIOUR

PROJECT = Path(__file__).resolve().parent.parent
TEXT = PROJECT / "pages" / "text"

# Not the project's own: installed, downloaded or made here.
ELSEWHERE = {".git", ".venv", "data", "data-staging", "node_modules", "artifacts", "build", ".hypothesis"}
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}

# Where packages come from is the choice of who installs. Joined here, so that this file does not hold the words.
REGISTRY_HOSTS = [".".join(parts) for parts in [("pypi", "org"), ("files", "pythonhosted", "org"), ("registry", "npmjs", "org")]]


def own_files() -> Iterator[Path]:
    for top in sorted(PROJECT.iterdir()):
        if top.name in ELSEWHERE or top.name.endswith("_cache"):
            continue
        paths = [top] if top.is_file() else sorted(top.rglob("*"))
        yield from (p for p in paths if p.is_file() and "__pycache__" not in p.parts)


def text_of(path: Path) -> str | None:
    """None for a binary file."""
    raw = path.read_bytes()
    return None if b"\0" in raw[:4096] else raw.decode("utf-8")


def test_no_file_names_a_package_registry() -> None:
    found = [(str(p.relative_to(PROJECT)), host) for p in own_files() for host in REGISTRY_HOSTS if host in (text_of(p) or "")]
    assert found == []


def test_no_module_has_a_vague_name() -> None:
    parts = {part for p in own_files() if p.suffix == ".py" for part in p.relative_to(PROJECT).with_suffix("").parts}
    assert not parts & VAGUE_NAMES


def flat(tree: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Nested texts with dotted keys."""
    found: dict[str, str] = {}
    for key, value in tree.items():
        found |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return found


def texts(language: str) -> dict[str, str]:
    return flat(json.loads((TEXT / f"{language}.json").read_text(encoding="utf-8")))


def test_both_languages_hold_the_same_keys() -> None:
    assert texts("en").keys() ^ texts("zh").keys() == set()


def test_both_languages_fill_in_the_same_places() -> None:
    def places(text: str) -> set[str]:
        return set(re.findall(r"\{(\w+)", text))

    en, zh = texts("en"), texts("zh")
    assert [key for key in en if places(en[key]) != places(zh[key])] == []


def test_no_text_is_empty() -> None:
    assert [(lang, key) for lang in ("en", "zh") for key, text in texts(lang).items() if not text.strip()] == []


def shown_errors(cls: type[errors.CastMindError] = errors.CastMindError) -> Iterator[type[errors.CastMindError]]:
    yield cls
    for sub in cls.__subclasses__():
        if sub is not errors.Stopped and sub.__module__.startswith(f"{errors.__name__}."):
            yield from shown_errors(sub)


def test_every_error_that_a_person_can_see_has_a_text() -> None:
    assert {f"error.{e.code}" for e in shown_errors()} - texts("en").keys() == set()


def test_every_text_that_a_page_asks_for_is_there() -> None:
    known = texts("en")
    missing = [
        (str(path.relative_to(PROJECT)), node.lineno, node.args[0].value)
        for path in sorted((PROJECT / "pages").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "t"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value not in known
    ]
    assert missing == []


def has_code(package: Path) -> bool:
    """Whether an `__init__.py` does more than to import and to name."""
    return any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in ast.parse(package.read_text(encoding="utf-8")).body)


def mirrors() -> Iterator[tuple[str, Path]]:
    """(module, its test file) of core/ and pages/; a package with code has `test_package.py` beside its folder."""
    for path in sorted([*PROJECT.glob("core/**/*.py"), *PROJECT.glob("pages/**/*.py")]):
        module = path.relative_to(PROJECT)
        if path.name == "__init__.py" and not has_code(path):
            continue
        named = path.parent if path.name == "__init__.py" else path
        place = named.relative_to(PROJECT / "core" if module.parts[0] == "core" else PROJECT)
        yield module.as_posix(), PROJECT / "tests" / place.parent / f"test_{place.stem}.py"


def test_each_module_has_a_test_file_of_its_name_or_a_reason_for_none() -> None:
    missing = {module for module, test in mirrors() if not test.is_file() and not module.startswith(tuple(FOLDERS))}
    excused = WITHOUT_BEHAVIOUR.keys() | SHOWN_BY.keys()
    assert sorted(missing - excused) == [], "write the test file, tests/x/test_y.py for core/x/y.py"
    assert sorted(excused - missing) == [], "it has its test file, or is gone: take it off tests/unmirrored.py"


def test_the_list_of_modules_without_a_test_file_only_shrinks() -> None:
    assert len(WITHOUT_BEHAVIOUR) + len(SHOWN_BY) == COUNT, "lower the number with the list; it never rises"
    assert not WITHOUT_BEHAVIOUR.keys() & SHOWN_BY.keys()


def test_what_shows_a_module_in_place_of_its_own_test_file_is_there() -> None:
    assert [shown for shown in SHOWN_BY.values() if not (PROJECT / shown).is_file()] == []


def imported(path: Path) -> Iterator[str]:
    """Every module that the file imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_only_the_benchmarks_own_tests_import_them() -> None:
    """Code that tests and benchmarks share stands in tests/fixtures, so that a benchmark changes without any other test."""
    files = {path.relative_to(PROJECT).as_posix(): path for path in (PROJECT / "tests").rglob("*.py")}
    users = {name for name, path in files.items() if "bench" in {module.split(".")[0] for module in imported(path)}}
    assert users == {"tests/scripts/test_bench.py", "tests/scripts/test_kills_count.py", "tests/scripts/test_soak.py"}
