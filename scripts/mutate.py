"""Run mutation tests of the pure modules:  make mutate ARGS="--sample 40 --seed 7"

cosmic-ray lists mutants (a comparison, a number, and/or, not, a loop) ─▶ a random sample by seed
    ─▶ a fork each, which imports the mutated module; no file is touched ─▶ its tests: killed │ survived

One process at low priority. A survivor needs a look but is not always a gap: some mutants are equivalent.
"""

from __future__ import annotations

import argparse
import importlib.abc
import importlib.machinery
import importlib.util
import os
import random
import re
import signal
import sys
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import hypothesis
import pytest
from cosmic_ray import ast, mutating, plugins

PROJECT = Path(__file__).resolve().parent.parent

# The modules of the pure rooms with behaviour, and the rules of retention, verification and chunking elsewhere. All run in the
# process that imports them: a child process would import the unmutated module.
MODULES = (
    "core/domain/accounts/browser.py",
    "core/domain/accounts/door.py",
    "core/domain/accounts/identity.py",
    "core/domain/accounts/role.py",
    "core/domain/accounts/session_cookie.py",
    "core/domain/accounts/user.py",
    "core/domain/accounts/user_agent.py",
    "core/domain/accounts/visit.py",
    "core/domain/dependencies.py",
    "core/domain/episodes/episode.py",
    "core/domain/episodes/file_facts.py",
    "core/domain/episodes/html_blocks.py",
    "core/domain/episodes/listed.py",
    "core/domain/episodes/publisher_extras.py",
    "core/domain/episodes/retention.py",
    "core/domain/episodes/search_query.py",
    "core/domain/episodes/search_result.py",
    "core/domain/episodes/show_notes.py",
    "core/domain/episodes/statistics.py",
    "core/domain/episodes/upload.py",
    "core/domain/exposure.py",
    "core/domain/feeds/enclosure_name.py",
    "core/domain/feeds/feed.py",
    "core/domain/feeds/feed_address.py",
    "core/domain/feeds/feed_credentials.py",
    "core/domain/feeds/feed_folder.py",
    "core/domain/feeds/folder_feed.py",
    "core/domain/feeds/guid_spelling.py",
    "core/domain/feeds/imports.py",
    "core/domain/feeds/listing.py",
    "core/domain/feeds/matching.py",
    "core/domain/feeds/people.py",
    "core/domain/feeds/polling.py",
    "core/domain/feeds/remarks.py",
    "core/domain/feeds/replaced.py",
    "core/domain/jobs/job.py",
    "core/domain/jobs/step_graph.py",
    "core/domain/jobs/task.py",
    "core/domain/jobs/waits.py",
    "core/domain/log_kinds.py",
    "core/domain/notes/comparison.py",
    "core/domain/notes/note.py",
    "core/domain/notes/ollama_state.py",
    "core/domain/schedules/cron.py",
    "core/domain/schedules/cron_words.py",
    "core/domain/schedules/quiet_hours.py",
    "core/domain/schedules/schedule.py",
    "core/domain/schedules/timetable.py",
    "core/domain/transcripts/carry_over.py",
    "core/domain/transcripts/hearing_again.py",
    "core/domain/transcripts/provenance.py",
    "core/domain/transcripts/publisher_match.py",
    "core/domain/transcripts/spoken.py",
    "core/domain/transcripts/text_anchor.py",
    "core/domain/transcripts/transcript.py",
    "core/domain/transcripts/word_timing.py",
    "core/domain/redaction.py",
    "core/domain/notify/channel.py",
    "core/domain/notify/delivery.py",
    "core/domain/notify/kinds.py",
    "core/domain/notify/masking.py",
    "core/domain/notify/message.py",
    "core/domain/notify/pacing.py",
    "core/domain/notify/schemes.py",
    "core/domain/notify/services.py",
    "core/domain/daily_window.py",
    "core/domain/incident.py",
    "core/domain/shortening.py",
    "core/domain/trends.py",
    "core/domain/text_places.py",
    "core/domain/web_address.py",
    "core/transactions/episode_jobs.py",
    "core/transactions/episode_material.py",
    "core/transactions/fallback_title.py",
    "core/transactions/feed_entries.py",
    "core/transactions/folder_feeds.py",
    "core/transactions/merge_episodes.py",
    "core/transactions/publisher_extras.py",
    "core/transactions/replace_transcript.py",
    "core/transactions/transcript_edit.py",
    "core/notes/text/chunking.py",
    "core/notes/verify.py",
    "core/ops/backup/retention.py",
    "core/ops/checks/engine_checks.py",
    "core/ops/checks/works.py",
    "core/ops/healing/backoff.py",
    "core/services/library/retention.py",
    "core/store/library/retention.py",
)
# Tests that show more of a module than the file that mirrors it.
FURTHER = {
    "core/transactions/transcript_edit.py": ("tests/services/reading/test_annotations.py",),
    "core/transactions/replace_transcript.py": ("tests/services/reading/test_annotations.py",),
}


def mirror(module: str) -> str:
    """Return tests/x/test_y.py for core/x/y.py."""
    path = Path(module)
    return f"tests/{path.parent.relative_to('core').as_posix()}/test_{path.name}"


TESTS: Mapping[str, tuple[str, ...]] = {module: (mirror(module), *FURTHER.get(module, ())) for module in MODULES}

# The cosmic-ray operators that resemble human mistakes; a type checker catches most of the others.
COMPARISONS = {
    "Eq": ("NotEq",),
    "NotEq": ("Eq",),
    "Lt": ("LtE", "GtE"),
    "LtE": ("Lt", "Gt"),
    "Gt": ("GtE", "LtE"),
    "GtE": ("Gt", "Lt"),
    "Is": ("IsNot",),
    "IsNot": ("Is",),
}
OPERATORS = (
    *(f"core/ReplaceComparisonOperator_{a}_{b}" for a, others in COMPARISONS.items() for b in others),
    *(f"core/ReplaceBinaryOperator_{pair}" for pair in ("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Mul")),
    "core/ReplaceUnaryOperator_Delete_Not",
    "core/ReplaceUnaryOperator_Delete_USub",
    *(f"core/{name}" for name in ("ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd")),
    *(
        f"core/{name}"
        for name in ("ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "NumberReplacer", "ZeroIterationForLoop")
    ),
)
# cosmic-ray takes the star of `def f(a, *, b)` for a product.
KEYWORD_ONLY = re.compile(r"(?:^|, )/,")
LEAST_SECONDS, TIMES_AS_LONG = 20.0, 5.0
NICENESS = 10


@dataclass(frozen=True)
class Mutant:
    """One mutant: `line` counts from 1; `before` and `after` are the text of that line."""

    source: str
    line: int
    before: str
    after: str


@dataclass(frozen=True)
class Score:
    module: str
    possible: int
    tried: int
    survivors: tuple[Mutant, ...]

    def row(self) -> str:
        killed = self.tried - len(self.survivors)
        return f"| `{self.module}` | {self.possible} | {self.tried} | {killed} | {100 * killed / max(self.tried, 1):.0f} % |"


def mutants(source: str) -> list[Mutant]:
    """Return all mutants but those of decorators (`frozen=True` guards against programmers) and of a `*` between parameters."""
    found = {
        changed: mutant
        for changed, mutant in _mutants(source)
        if not mutant.before.lstrip().startswith("@") and not KEYWORD_ONLY.search(mutant.after)
    }
    return list(found.values())


def _mutants(source: str) -> Iterator[tuple[str, Mutant]]:
    """Yield the changed source and the mutant. Each statement is parsed by itself: parsing a module anew takes seconds in all."""
    statements = [node.get_code() for node in ast.get_ast(source).children]
    trees = [ast.get_ast(statement) for statement in statements]
    for name in OPERATORS:
        operator = plugins.get_operator(name)()
        for number, tree in enumerate(trees):
            count = sum(1 for node in ast.ast_nodes(tree) for _ in operator.mutation_positions(node))
            for occurrence in range(count):
                statement = mutating.mutate_code(statements[number], operator, occurrence)
                if statement and statement != statements[number]:
                    changed = "".join([*statements[:number], statement, *statements[number + 1 :]])
                    yield changed, _told(source, changed)


def _told(source: str, changed: str) -> Mutant:
    before, after = source.splitlines(), changed.splitlines()
    at = next(n for n, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1])
    return Mutant(changed, at + 1, before[at].strip(), after[at].strip())


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """An importer that loads one module from a different source text."""

    def __init__(self, path: Path, name: str, source: str) -> None:
        self._path, self._name, self._source = path, name, source

    def find_spec(self, name: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        if name != self._name:
            return None
        return importlib.util.spec_from_loader(name, self, origin=str(self._path))

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self._source, str(self._path), "exec"), module.__dict__)


def passes(root: Path, module: str, source: str, tests: Sequence[str], *, limit: float, quiet: bool = True) -> bool:
    """Return whether the tests pass with the module replaced by `source`; longer than `limit` seconds counts as a failure."""
    child = os.fork()
    if child == 0:
        _in_the_child(root, module, source, tests, quiet)
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def _in_the_child(root: Path, module: str, source: str, tests: Sequence[str], quiet: bool) -> None:
    status = 1
    try:
        os.setsid()
        # No plug-ins: loading them takes longer than most of these tests. Derandomised: every run tries the same examples.
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        hypothesis.settings.register_profile("mutate", derandomize=True, database=None)
        hypothesis.settings.load_profile("mutate")
        if quiet:
            nowhere = os.open(os.devnull, os.O_RDWR)
            for handle in range(3):
                os.dup2(nowhere, handle)
        os.chdir(root)
        sys.path.insert(0, str(root))
        sys.meta_path.insert(0, Changed(root / module, module.removesuffix(".py").replace("/", "."), source))
        options = ["-x", "-q", "-p", "no:cacheprovider", "--rootdir", str(root)]
        status = int(pytest.main([*options, *tests]))
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def score(root: Path, module: str, tests: Sequence[str], *, sample: int, seed: int, until: float = float("inf")) -> Score:
    """Test `sample` mutants of the module, drawn by `seed`; 0 tests all. Ends early at `until` (time.monotonic)."""
    source = (root / module).read_text(encoding="utf-8")
    began = time.monotonic()
    if not passes(root, module, source, tests, limit=600.0, quiet=False):
        raise SystemExit(f"{' '.join(tests)} fails as it is.")
    limit = max(LEAST_SECONDS, TIMES_AS_LONG * (time.monotonic() - began))
    possible = mutants(source)
    chosen = random.Random(seed).sample(possible, min(sample or len(possible), len(possible)))
    tried, survivors = 0, list[Mutant]()
    for mutant in chosen:
        if time.monotonic() > until:
            break
        tried += 1
        if passes(root, module, mutant.source, tests, limit=limit):
            survivors.append(mutant)
    return Score(module, len(possible), tried, tuple(survivors))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="make mutate", description="Asks whether the tests of pure modules notice changes.")
    parser.add_argument("modules", nargs="*", help="some of the table; all without", choices=[[], *TESTS])
    parser.add_argument("--sample", type=int, default=25, help="mutants a module, 0 for all (25)")
    parser.add_argument("--seed", type=int, default=1, help="which ones (1)")
    parser.add_argument("--seconds", type=float, default=1800.0, help="for all of it (1800)")
    wanted = parser.parse_args(arguments)
    os.nice(max(NICENESS - os.nice(0), 0))
    until = time.monotonic() + wanted.seconds
    print("| module | mutants | tried | killed | share |\n| --- | --- | --- | --- | --- |", flush=True)
    for module in wanted.modules or TESTS:
        if time.monotonic() < until:
            found = score(PROJECT, module, TESTS[module], sample=wanted.sample, seed=wanted.seed, until=until)
            print(found.row(), flush=True)
            for each in found.survivors:
                print(f"    survived {module}:{each.line}: {each.before}  ─▶  {each.after}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
