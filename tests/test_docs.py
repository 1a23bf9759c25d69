"""The documentation agrees with the project."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from core import settings
from scripts import compose_variables, env_template, folder_table, settings_doc

PROJECT = Path(__file__).resolve().parent.parent
READMES = ["README.md", "README.zh.md"]


def read(name: str) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", read("Makefile"), re.MULTILINE))


def in_code(text: str) -> str:
    """Return the text in backticks and code blocks: prose such as "make sure" names no target."""
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))


def make_calls(text: str) -> set[str]:
    return set(re.findall(r"\bmake(?: [A-Z]+=\S+)? ([a-z][a-z-]*)", in_code(text)))


def required(name: str) -> set[str]:
    """Return the packages of a requirements*.in, without versions and markers."""
    lines = (line.strip() for line in read(name).splitlines())
    return {re.split(r"[<>=!~ ;\[]", line)[0] for line in lines if line and not line.startswith(("#", "-"))}


def test_settings_page_is_that_of_the_table() -> None:
    assert settings_doc.PAGE.read_text(encoding="utf-8") == settings_doc.render(), "run `make docs`"


def table(mark: str) -> str:
    """Return the table between its marks of docs/architecture.md."""
    (found,) = folder_table.between(mark).findall(folder_table.PAGE.read_text(encoding="utf-8"))
    return str(found)


def test_table_of_folders_is_that_of_the_tree() -> None:
    assert table("folders") == folder_table.render(folder_table.counted()), "run `make docs`"


def row_of_sizes(name: str) -> tuple[int, ...]:
    (cells,) = re.findall(rf"^\| {name} \| (.+) \|$", table("sizes"), re.MULTILINE)
    return tuple(int(cell.replace(",", "")) for cell in cells.split("|"))


def test_table_of_sizes_is_near_the_tree() -> None:
    """Within a twentieth: the table is rounded, and need not change with every function."""
    for name, lines in folder_table.sizes().items():
        assert row_of_sizes(f"{name}, before") == folder_table.BEFORE[name]
        assert row_of_sizes(f"{name}, now") == pytest.approx(folder_table.figures(lines), rel=0.05, abs=1), "run `make docs`"


def test_no_folder_holds_more_modules_than_the_page_says() -> None:
    folders = folder_table.counted() | folder_table.counted(rooms=("bench", "tests/browser"))
    assert {folder: n for folder, n in folders.items() if n > folder_table.MOST} == {}
    assert {"core/domain/feeds", "bench/server", "tests/browser/episode"} <= folders.keys()
    assert f"at most {folder_table.MOST} of its own" in folder_table.PAGE.read_text(encoding="utf-8")


def test_the_entry_links_every_page_of_the_architecture() -> None:
    linked = set(re.findall(r"\]\(architecture/(\S+?)\)", read("docs/architecture.md")))
    assert linked == {path.name for path in PROJECT.glob("docs/architecture/*.md")}


def test_every_module_that_the_architecture_names_is_there() -> None:
    pages = [PROJECT / "docs" / "architecture.md", PROJECT / "docs" / "glossary.md", *PROJECT.glob("docs/architecture/*.md")]
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    named = set(re.findall(r"`((?:core|pages|tests|scripts)/[\w/.-]+)`", text))
    assert named
    assert sorted(path for path in named if not (PROJECT / path).exists()) == []


def test_the_glossary_is_in_order_and_says_each_word_once() -> None:
    words = re.findall(r"^\| \*\*(.+?)\*\* \|", read("docs/glossary.md"), re.MULTILINE)
    assert len(words) > 30
    assert words == sorted(set(words), key=str.casefold)


def assignments(template: str) -> dict[str, str]:
    """Return the assignments of .env.template with every line uncommented."""
    return dict(re.findall(r"^#([A-Za-z_]+)=(.*)$", template, re.MULTILINE))


def test_env_template_is_that_of_the_table() -> None:
    assert read(".env.template") == env_template.template(), "run `make docs`"


def test_compose_files_pass_on_the_settings_of_the_table() -> None:
    base = read("docker-compose.base.yml")
    assert base == env_template.compose(base), "run `make docs`"


def test_every_variable_of_the_compose_files_is_in_the_template_and_every_one_of_the_template_is_read() -> None:
    files = "".join(read(f"docker-compose.{name}yml") for name in ("", "base.", "cpu."))
    read_there = {*re.findall(r"\$\{(\w+)", files), *re.findall(r"^ +- ([A-Z_]+)$", files, re.MULTILINE)}
    by_others = {"COMPOSE_FILE", "COMPOSE_PROFILES", "CASTMIND_DEPLOY_WAIT"}
    assert assignments(read(".env.template")).keys() - by_others == read_there
    assert "CASTMIND_DEPLOY_WAIT" in read("scripts/deploy/roll.sh")


def test_template_shows_the_defaults_of_the_compose_files() -> None:
    files = "".join(read(f"docker-compose.{name}yml") for name in ("", "base.", "cpu."))
    own = {v.name: v.default for v in compose_variables.VARIABLES}
    # An image's name depends on the file, and the proxy serves localhost by default.
    others = {("CASTMIND_IMAGE", "castmind:cuda"), ("CASTMIND_IMAGE", "castmind:cpu"), ("CASTMIND_ALLOWED_HOSTS", "localhost")}
    assert set(re.findall(r"\$\{(\w+):-([^}]*)\}", files)) - others <= set(own.items())
    assert own["BASE_IMAGE"] in re.findall(r"^ARG BASE_IMAGE=(.*)$", read("Dockerfile"), re.MULTILINE)


def test_template_as_it_stands_changes_nothing() -> None:
    container = {"CASTMIND_CONTAINER": "1"}
    written = {name: value for name, value in assignments(read(".env.template")).items() if name in env_template.passed()}
    assert len(written) == len(env_template.passed())
    assert settings.load(environ=container | written).values == settings.load(environ=container).values


@pytest.mark.parametrize("page", [*READMES, "CONTRIBUTING.md", "docs/benchmarks.md", "docs/trust.md", "docs/dependencies.md"])
def test_every_make_target_that_a_page_names_exists(page: str) -> None:
    assert make_calls(read(page)) <= make_targets()


def test_readmes_name_the_same_commands() -> None:
    english, chinese = (sorted(set(re.findall(r"```sh\n(.*?)```", read(page), re.DOTALL))) for page in READMES)
    assert english
    assert english == chinese


@pytest.mark.parametrize("page", [str(p.relative_to(PROJECT)) for p in [*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")]])
def test_links_to_files_lead_somewhere(page: str) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", read(page))
    here = (PROJECT / page).parent
    assert [t for t in targets if "://" not in t and not (here / t).exists()] == []


@pytest.mark.parametrize("name", ["requirements", "requirements-dev", "requirements-mutate"])
def test_every_direct_dependency_is_explained_and_pinned(name: str) -> None:
    wanted = required(f"{name}.in")
    explained = set(re.findall(r"^\| `([a-z0-9-]+)` \|", read("docs/dependencies.md"), re.MULTILINE))
    pinned = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", read(f"{name}.txt"), re.MULTILINE))
    assert wanted <= explained
    assert wanted <= pinned.keys()


def test_nothing_is_explained_that_is_not_a_dependency() -> None:
    explained = set(re.findall(r"^\| `([a-z0-9-]+)` \|", read("docs/dependencies.md"), re.MULTILINE))
    assert explained == required("requirements.in") | required("requirements-dev.in") | required("requirements-mutate.in")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-mutate.txt"])
def test_every_pin_carries_a_hash_and_no_address(name: str) -> None:
    blocks = re.split(r"\n(?=[a-z0-9])", re.sub(r"^ *#.*\n", "", read(name), flags=re.MULTILINE).strip())
    assert [b.splitlines()[0] for b in blocks if "==" not in b or "--hash=sha256:" not in b] == []
    assert "://" not in read(name)


def test_what_lies_in_the_repository_is_what_the_page_says() -> None:
    named = re.findall(r"^\| `(core/\S+)` .*? \| `([0-9a-f]{64})` \|", read("docs/dependencies.md"), re.MULTILINE)
    assert named
    assert [path for path, sha256 in named if hashlib.sha256((PROJECT / path).read_bytes()).hexdigest() != sha256] == []
