"""Write the table of folders into docs/architecture.md:  make docs

core/ and pages/ ─▶ render() ─▶ between the two marks of the page        tests/test_docs.py compares them
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PAGE = PROJECT / "docs" / "architecture.md"
BETWEEN = re.compile(r"(?<=<!-- folders -->\n).*(?=<!-- end of folders -->)", re.DOTALL)
MOST = 15


def counted(project: Path = PROJECT) -> dict[str, int]:
    """Count modules by folder, as in {"core/store/db": 13}; folders without modules are left out."""
    found: dict[str, int] = {}
    for path in sorted([*project.glob("core/**/*.py"), *project.glob("pages/**/*.py")]):
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


def written(page: str, folders: Mapping[str, int]) -> str:
    """Return the page with its table replaced by this one."""
    return BETWEEN.sub(lambda _: render(folders), page)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), counted()), encoding="utf-8")
