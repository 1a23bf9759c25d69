"""Write .env.template and the list of settings in docker-compose.base.yml:  make docs

VARIABLES (of containers only) ────────┬─▶ template() ─▶ .env.template
core.settings.table() ─────────────────┤
                                       └─▶ compose()  ─▶ docker-compose.base.yml, between its two marks

tests/test_docs.py compares both files, and docs/settings.md, with this module's output.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

from core.settings import PROJECT, environment_name, table
from scripts.compose_variables import NOT_PASSED, VARIABLES
from scripts.settings_doc import GROUPS, shown

TEMPLATE = PROJECT / ".env.template"
COMPOSE = PROJECT / "docker-compose.base.yml"
BEGIN, END = "      # settings: written by `make docs` from the table in core/settings.py\n", "      # end of settings\n"


INTRO = """\
# What can be set for CastMind in a container. Copy this file to .env, and take the # away from the lines that you change.
# Each line shows its default. deploy.sh writes COMPOSE_FILE, PUID, PGID and TZ into .env itself and leaves the rest alone.
# Settings that stand here cannot be changed on the settings page. Made by `make docs`; docs/settings.md says more.
"""


def passed() -> tuple[str, ...]:
    """Return the environment variables of the settings that the compose file passes on."""
    return tuple(environment_name(name) for name in table() if name not in NOT_PASSED)


def template() -> str:
    """Return the content of .env.template."""
    own = tomllib.loads((PROJECT / "config" / "docker.toml").read_text(encoding="utf-8"))
    groups: dict[str, list[str]] = {}
    for name, field in table().items():
        if name not in NOT_PASSED:
            extra = field.json_schema_extra
            assert isinstance(extra, dict), f"{name} is not declared with _setting()"
            default = shown(own.get(name, field.default)).strip("`").replace("empty", "")
            groups.setdefault(str(extra["group"]), []).append(_line(environment_name(name), default, field.description or ""))
    return "\n".join(
        [
            INTRO,
            *_section("The container", [_line(v.name, v.default, v.help) for v in VARIABLES]),
            *(line for group, lines in groups.items() for line in _section(GROUPS[group], lines)),
        ]
    )


def _section(title: str, lines: list[str]) -> Iterator[str]:
    yield f"# --- {title} ---\n"
    yield from lines


def _line(name: str, default: str, help: str) -> str:
    return f"# {help}\n#{name}={default}\n"


def compose(text: str) -> str:
    """Return the base compose file with the current list of settings."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    assert tail, f"{COMPOSE.name} has lost its marks"
    return head + BEGIN + "".join(f"      - {name}\n" for name in passed()) + END + tail


if __name__ == "__main__":
    TEMPLATE.write_text(template(), encoding="utf-8")
    COMPOSE.write_text(compose(COMPOSE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"Wrote {TEMPLATE.name} and the settings in {COMPOSE.name}")
