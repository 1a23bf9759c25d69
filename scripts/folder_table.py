"""Write the table of folders and that of sizes into docs/architecture.md:  make docs

core/ and pages/ ─▶ counted(), sizes() ─▶ written(): between the marks of the page        tests/test_docs.py compares them
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PAGE = PROJECT / "docs" / "architecture.md"
MOST = 15

# Before the rooms had departments: count, median, 90th percentile, 99th, longest.
BEFORE = {"functions": (4000, 6, 16, 32, 127), "modules": (417, 107, 242, 377, 729)}


def counted(project: Path = PROJECT, rooms: Sequence[str] = ("core", "pages")) -> dict[str, int]:
    """Count modules by folder, as in {"core/store/db": 13}; folders without modules are left out."""
    found: dict[str, int] = {}
    for path in sorted(path for room in rooms for path in (project / room).rglob("*.py")):
        if path.name != "__init__.py":
            folder = path.parent.relative_to(project).as_posix()
            found[folder] = found.get(folder, 0) + 1
    return found


def render(folders: Mapping[str, int]) -> str:
    """Return one row per room: its own modules, then those of its folders."""
    rooms: dict[str, list[str]] = {}
    for folder, modules in sorted(folders.items()):
        room = "/".join(folder.split("/")[:2])
        inner = folder.removeprefix(room).lstrip("/")
        rooms.setdefault(room, []).append(f"{inner or 'itself'} {modules}")
    rows = (f"| `{room}/` | {', '.join(inner)} |\n" for room, inner in rooms.items())
    return "| room | modules |\n| --- | --- |\n" + "".join(rows)


def sizes(project: Path = PROJECT) -> dict[str, list[int]]:
    """Return the lines of each function and of each module of core/, pages/ and castmind_app.py, the smallest first."""
    paths = [*project.glob("core/**/*.py"), *project.glob("pages/**/*.py"), *project.glob("castmind_app.py")]
    sources = {path: path.read_text(encoding="utf-8") for path in paths}
    nodes = [node for source in sources.values() for node in ast.walk(ast.parse(source))]
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {
        "functions": sorted((node.end_lineno or 0) - node.lineno + 1 for node in functions),
        "modules": sorted(source.count("\n") for path, source in sources.items() if path.name != "__init__.py"),
    }


def figures(lines: Sequence[int]) -> tuple[int, ...]:
    """Return count, median, 90th percentile, 99th and longest."""
    return (len(lines), *(lines[len(lines) * percent // 100] for percent in (50, 90, 99)), lines[-1])


def rounded(number: int) -> int:
    """Return the number by its first two digits: the page need not change with every function."""
    return int(float(f"{number:.2g}"))


def render_sizes(of: Mapping[str, Sequence[int]]) -> str:
    """Return two rows for functions and two for modules: before, and of this tree, rounded but for the longest."""
    rows = ["| | count | median | 90th percentile | 99th | longest |", "| --- | --- | --- | --- | --- | --- |"]
    for name, lines in of.items():
        *now, longest = figures(lines)
        for when, row in (("before", BEFORE[name]), ("now", (*map(rounded, now), longest))):
            rows.append(f"| {name}, {when} | " + " | ".join(f"{each:,}" for each in row) + " |")
    return "\n".join(rows) + "\n"


def between(mark: str) -> re.Pattern[str]:
    """Return the pattern of the text between the marks of a table."""
    return re.compile(rf"(?<=<!-- {mark} -->\n).*(?=<!-- end of {mark} -->)", re.DOTALL)


def written(page: str, project: Path = PROJECT) -> str:
    """Return the page with the tables of this tree between their marks."""
    page = between("folders").sub(lambda _: render(counted(project)), page)
    return between("sizes").sub(lambda _: render_sizes(sizes(project)), page)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
