"""Write docs/settings.md from the table of settings:  make docs

core.settings.table(), compose_variables.VARIABLES → render() → docs/settings.md        tests/test_docs.py compares them
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from core.settings import FOREIGN_NAMES, PREFIX, PROJECT, environment_name, table
from scripts.compose_variables import NOT_PASSED, VARIABLES

PAGE = PROJECT / "docs" / "settings.md"

GROUPS = {
    "server": "Server",
    "accounts": "Accounts",
    "pages": "Pages",
    "speech": "Speech",
    "notes": "Notes",
    "sources": "Uploads, inbox and feeds",
    "keeping": "What is kept",
    "notifications": "Notifications",
    "backup": "Backups",
}

KINDS: dict[Any, str] = {str: "text", Path: "path", int: "whole number", float: "number", bool: "true or false"}

INTRO = f"""\
# Settings

This page is made from the table in `core/settings.py` by `make docs`; a test fails when the two differ.

Nothing needs to be set: CastMind starts with the defaults. A value can come from several places, and a later one wins:

1. the default below,
2. `config/base.toml`,
3. `config/<environment>.toml`, where `{PREFIX}ENV` names the environment,
4. `config/docker.toml`, in a container only,
5. `config/local.toml`, for this computer, not in git,
6. what was saved on the settings page,
7. the environment variable in the table. The same name with `_FILE` appended reads the value from that file, which suits
   secrets.

In a `.toml` file the setting's own name is the key: `whisper_model = "small"`. In an environment variable a list is
separated by commas. The settings page shows where each value comes from and does not let a value be changed that the
environment fixes. An unknown name or a value that does not fit stops the start with a message that says where it stands.

A change takes effect without a restart, except where the last column says otherwise.
"""

CONTAINER = """\
## In a container

The compose files read `.env` beside them, and pass on the variables above that are set there; `.env.template` holds a line
for each. {own} are the container's own inside; `CASTMIND_DATA_DIR` and `CASTMIND_PORT` name what it gets of this
computer.
"""


def kind(annotation: Any) -> str:
    """Describe a type in words: `auto`, `cuda` or `cpu`; whole number; list."""
    origin = get_origin(annotation)
    if origin is Literal:
        return " · ".join(f"`{value}`" for value in get_args(annotation))
    if origin is tuple:
        return "list"
    if origin in (Union, UnionType):
        return ", ".join("nothing" if part is type(None) else kind(part) for part in get_args(annotation))
    return KINDS[annotation]


def shown(value: Any) -> str:
    """Format a default as a user would type it."""
    if value is None or value in ("", ()):
        return "empty"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def row(name: str, field: FieldInfo, *, restart: bool) -> str:
    cells = (
        f"`{name}`",
        (field.description or "").replace("<", r"\<"),
        kind(field.annotation),
        shown(field.default),
        f"`{environment_name(name)}`",
        "restart" if restart else "",
    )
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def sections() -> Iterator[str]:
    groups: dict[str, list[str]] = {}
    for name, field in table().items():
        extra = field.json_schema_extra
        assert isinstance(extra, dict), f"{name} is not declared with _setting()"
        groups.setdefault(str(extra["group"]), []).append(row(name, field, restart=bool(extra["restart"])))
    for group, rows in groups.items():
        head = "| setting | what it does | values | default | environment variable | takes effect |"
        yield "\n".join([f"## {GROUPS[group]}", "", head, "| --- | --- | --- | --- | --- | --- |", *rows])


def container() -> str:
    """Return the section on the variables of the compose files in .env."""
    own = ", ".join(f"`{environment_name(name)}`" for name in sorted(NOT_PASSED))
    rows = [f"| `{v.name}` | {v.help} | {shown(v.default)} |" for v in VARIABLES]
    head = "| variable | what it does | default |"
    return "\n".join([CONTAINER.format(own=own), head, "| --- | --- | --- |", *rows])


def render() -> str:
    """Return the whole page as Markdown."""
    also = " and ".join(f"`{PREFIX}{name.upper()}`" for name in FOREIGN_NAMES)
    note = f"Variables that other programs share may also be given with CastMind's prefix, which then wins: {also}."
    return "\n\n".join([INTRO.rstrip(), *sections(), note, container()]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
    print(f"Wrote {PAGE.relative_to(PROJECT)}")
