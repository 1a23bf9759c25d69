"""A public class has a name of its own in core/ and pages/, so that a search or a log entry leads to one class.

core, pages ─▶ top-level classes ─▶ names that several modules give ─▶ less those of the HTTP contract ─▶ none
"""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent

# Models of the API that share a name with a class of core, or with each other: the reason, and the modules that may use the name.
# In the contract, a schema has the name of its class.
CONTRACT = {
    "Action": ("the schema of a bulk action's name", {"core/api/library/bulk_actions.py", "core/domain/notes/note.py"}),
    "DiskUse": ("the schema of the disk's figures", {"core/api/library/statistics.py", "core/services/library/disk_use.py"}),
    "Span": (
        "the schema of a passage to be heard again",
        {"core/api/library/episodes.py", "core/domain/transcripts/annotation.py"},
    ),
    "Stage": ("the schema of a step's name", {"core/api/stage_name.py", "core/domain/jobs/job.py"}),
    "Statistics": ("the schema of all figures", {"core/api/library/statistics.py", "core/services/library/statistics.py"}),
    "Wanted": (
        "three schemas, told apart by their modules",
        {"core/api/feeds/refresh.py", "core/api/library/episodes.py", "core/api/library/exports.py"},
    ),
}


def classes(sources: dict[str, str]) -> dict[str, set[str]]:
    """Return the name of each public top-level class → the paths of its modules. `sources` maps paths to source text."""
    found = defaultdict(set)
    for path, source in sources.items():
        for node in ast.parse(source).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].add(path)
    return found


def shared(sources: dict[str, str]) -> dict[str, set[str]]:
    return {name: paths for name, paths in classes(sources).items() if len(paths) > 1}


def test_no_two_modules_define_a_public_class_of_the_same_name() -> None:
    paths = [*PROJECT.glob("core/**/*.py"), *PROJECT.glob("pages/**/*.py")]
    found = shared({path.relative_to(PROJECT).as_posix(): path.read_text(encoding="utf-8") for path in paths})
    assert found == {name: paths for name, (_, paths) in CONTRACT.items()}


def test_each_of_the_shared_names_has_a_class_in_the_api() -> None:
    assert all(any(path.startswith("core/api/") for path in paths) for _, paths in CONTRACT.values())


def test_a_name_in_two_modules_is_found() -> None:
    sources = {"core/a.py": "class Run: ...", "pages/b.py": "class Run: ...\nclass Other: ...", "core/c.py": "class _Run: ..."}
    assert shared(sources) == {"Run": {"core/a.py", "pages/b.py"}}
