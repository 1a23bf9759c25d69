"""The mutation tool tells tests that notice a change from tests that do not, and its table names files that are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.mutate import PROJECT, TESTS, mutants, score
from tests.unmirrored import WITHOUT_BEHAVIOUR

PURE = (
    "core/domain/**/*.py",
    "core/transactions/**/*.py",
    "core/notes/verify*.py",
    "core/**/polling.py",
    "core/**/retention.py",
)
# Of the same names as pure modules.
NOT_PURE = {
    "core/api/library/retention.py": "routes: tests/api/library/test_retention.py asks them",
    "core/store/migrations/feeds/polling.py": "a step of the schema: tests/store/test_migrations.py runs it",
}

SOURCE = '''
from dataclasses import dataclass

LIMIT = 10


@dataclass(frozen=True)
class Age:
    years: int


def grown(age: int) -> bool:
    """At 10 != 11."""
    return age >= LIMIT
'''
CARELESS = "def test_it():\n    from room.ages import grown\n    assert grown(50) and not grown(1)\n"
CAREFUL = "def test_it():\n    from room.ages import grown\n    assert grown(10) and not grown(9)\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "__init__.py").touch()
    (tmp_path / "room" / "ages.py").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "test_careless.py").write_text(CARELESS, encoding="utf-8")
    (tmp_path / "test_careful.py").write_text(CAREFUL, encoding="utf-8")
    return tmp_path


def test_a_change_is_one_of_the_code_and_not_of_a_decorator_or_a_text() -> None:
    assert {(each.line, each.after) for each in mutants(SOURCE)} == {
        (4, "LIMIT = 11"),
        (4, "LIMIT = 9"),
        (14, "return age > LIMIT"),
        (14, "return age < LIMIT"),
    }


@pytest.mark.long
def test_survivors_are_told_and_the_file_stays_as_it_is(root: Path) -> None:
    careless = score(root, "room/ages.py", ["test_careless.py"], sample=0, seed=1)
    assert (careless.possible, careless.tried) == (4, 4)
    assert {each.after for each in careless.survivors} == {"LIMIT = 11", "LIMIT = 9", "return age > LIMIT"}
    assert careless.row() == "| `room/ages.py` | 4 | 4 | 1 | 25 % |"
    assert score(root, "room/ages.py", ["test_careful.py"], sample=0, seed=1).survivors == ()
    assert (root / "room" / "ages.py").read_text(encoding="utf-8") == SOURCE


@pytest.mark.long
def test_a_sample_is_the_same_for_the_same_seed(root: Path) -> None:
    found = [score(root, "room/ages.py", ["test_careless.py"], sample=2, seed=3) for _ in range(2)]
    assert found[0] == found[1]
    assert found[0].tried == 2


def test_tests_that_fail_as_they_are_prove_nothing(root: Path) -> None:
    (root / "test_careless.py").write_text("def test_it():\n    assert False\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="fails as it is"):
        score(root, "room/ages.py", ["test_careless.py"], sample=1, seed=1)


def test_every_module_of_the_table_and_its_tests_are_there() -> None:
    named = {path for module, tests in TESTS.items() for path in (module, *tests)}
    assert [path for path in sorted(named) if not (PROJECT / path).is_file()] == []


def test_every_module_of_the_pure_rooms_is_in_the_table_or_has_a_reason() -> None:
    found = {path.relative_to(PROJECT).as_posix() for room in PURE for path in PROJECT.glob(room) if path.name != "__init__.py"}
    without = found & (WITHOUT_BEHAVIOUR.keys() | NOT_PURE.keys())
    assert sorted(found - TESTS.keys()) == sorted(without)
