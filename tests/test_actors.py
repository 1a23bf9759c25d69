"""Pages, routes and commands name in each call of a service the actor who asks: read from their source with `ast`.

    core/app/{account_,}services.py: Parts ─▶ services by name ─▶ their methods
    pages, core/api, core/cli ─▶ expressions that are a service ─▶ methods called on them ─▶ the first argument

An expression is a service if it is an attribute of the application (`app.current().library`), a parameter annotated with the
class of a service, a new object of such a class, or a name for one of these.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
CALLERS = ("pages/**/*.py", "core/api/**/*.py", "core/cli/**/*.py")

# Expressions for the actor: the parameter of a route, the reader of a page, the command line, CastMind itself.
ACTORS = {"actor", "me()", "OWNER", "SYSTEM"}

# The application, in pages, and the types of a parameter that is the application.
APPLICATIONS = {"app.current()", "core.app.current()"}
APPLICATION_TYPES = {"Services", "CastMind", "core.app.CastMind", "app.CastMind"}

# Functions that pass on a method, and functions that call it with the arguments after it.
PASS_ON = {"outbound"}
CALL_LATER = {"partial", "run_in_threadpool"}

# Methods that take no actor.
WITHOUT_ACTOR = {
    "Sessions.who": "finds the actor of a request",
    "SettingsService.read_saved": "reads the settings at the start of a process, which no user asked for",
}

# Attributes of the application that are no service: they concern the process, not a person's data.
OWN = {
    "data": "the path of the data folder",
    "version": "a constant",
    "ready": "the state of the process, for /health and the first page",
    "metrics": "asked by monitors that have no user",
    "up": "the state of the process, for /health",
    "health": "asked by monitors that have no user",
}

Aliases = dict[str, str]
"""A name in a function → the class of the service, or APPLICATION."""

APPLICATION = "the application"

Parents = dict[ast.AST, ast.AST]
"""A node → the node around it."""


@cache
def _tree(path: str) -> ast.Module:
    return ast.parse((PROJECT / path).read_text(encoding="utf-8"))


def _class(tree: ast.Module, name: str) -> ast.ClassDef:
    return next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)


@cache
def _parts() -> tuple[dict[str, str], dict[str, str]]:
    """Return attribute → class of each part of the application, and class → module."""
    named, modules = {}, {}
    for path, table in (("core/app/account_services.py", "AccountParts"), ("core/app/services.py", "Parts")):
        tree = _tree(path)
        imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
        modules |= {alias.name: node.module or "" for node in imports for alias in node.names}
        parts = [node for node in _class(tree, table).body if isinstance(node, ast.AnnAssign)]
        named |= {ast.unparse(node.target): ast.unparse(node.annotation) for node in parts}
    return named, modules


@cache
def services() -> dict[str, str]:
    """Return attribute → class of each service that is open to pages and routes."""
    named, modules = _parts()
    rooms = (
        "core.services.",
        "core.ops.backup.service.",
        "core.ops.doctor.service.",
        "core.ops.incidents.service.",
        "core.ops.logs.",
    )
    return {name: kind for name, kind in named.items() if name[0] != "_" and modules[kind].startswith(rooms)}


@cache
def methods() -> dict[str, dict[str, bool]]:
    """Return class → public method → whether its first parameter is `actor: Actor`. Properties are no methods."""
    _, modules = _parts()
    found = {}
    for kind in services().values():
        body = _class(_tree(modules[kind].replace(".", "/") + ".py"), kind).body
        functions = [node for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        found[kind] = {node.name: _takes_actor(node) for node in functions if node.name[0] != "_" and not _is_property(node)}
    return found


def _takes_actor(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return [ast.unparse(each) for each in function.args.args[:2]] == ["self", "actor: Actor"]


def _is_property(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(ast.unparse(each) == "property" for each in function.decorator_list)


def kind_of(node: ast.expr, known: Aliases) -> str | None:
    """Return the class of the service that the expression is, or APPLICATION; None for all others."""
    text = ast.unparse(node)
    if text in APPLICATIONS:
        return APPLICATION
    if text in known:
        return known[text]
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func)
        return called if called in methods() else None
    if isinstance(node, ast.Attribute) and kind_of(node.value, known) == APPLICATION:
        return services().get(node.attr)
    return None


def learn(node: ast.AST, known: Aliases) -> None:
    """Add the names that this node gives to services."""
    if isinstance(node, ast.arg) and node.annotation:
        kind = ast.unparse(node.annotation)
        if kind in methods() or kind in APPLICATION_TYPES:
            known[node.arg] = kind if kind in methods() else APPLICATION
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=True))
            for name, value in pairs:
                if kind := kind_of(value, known):
                    known[ast.unparse(name)] = kind


def uses(scope: ast.AST, known: Aliases) -> Iterator[tuple[ast.Attribute, str]]:
    """Yield (attribute, class of its owner) for the attributes of services and of the application."""
    known, inner = dict(known), []
    waiting = list(ast.iter_child_nodes(scope))
    found: list[tuple[ast.Attribute, str]] = []
    while waiting:
        node = waiting.pop(0)
        learn(node, known)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner.append(node)
            continue
        found += [(node, kind)] if isinstance(node, ast.Attribute) and (kind := kind_of(node.value, known)) else []
        waiting = [*ast.iter_child_nodes(node), *waiting]
    yield from found
    for each in inner:
        yield from uses(each, known)


def complaint(node: ast.Attribute, kind: str, around: Parents) -> str | None:
    """Return the fault of a use of `node`, an attribute of a `kind`, if any."""
    text = ast.unparse(node)
    if kind == APPLICATION:
        return None if node.attr in services() or node.attr in OWN else f"{text} is no service"
    if node.attr.startswith("_"):
        return f"{text} is private"
    if node.attr not in methods()[kind] or f"{kind}.{node.attr}" in WITHOUT_ACTOR:
        return None
    if not methods()[kind][node.attr]:
        return f"{text} takes no actor"
    return None if first_argument(node, around) in ACTORS else f"{text} is called without an actor"


def first_argument(method: ast.expr, around: Parents) -> str | None:
    """Return the first argument of the call of the method, also if it is called later; None without one."""
    call = around[method]
    if isinstance(call, ast.IfExp) or (isinstance(call, ast.Call) and ast.unparse(call.func) in PASS_ON):
        return first_argument(call, around)
    if not isinstance(call, ast.Call):
        return None
    arguments = call.args if call.func is method else call.args[1:] if ast.unparse(call.func) in CALL_LATER else []
    return ast.unparse(arguments[0]) if arguments else None


def check(path: str, tree: ast.Module) -> list[str]:
    around = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    found = ((node.lineno, complaint(node, kind, around)) for node, kind in uses(tree, {}))
    return [f"{path}:{line}: {text}" for line, text in found if text]


@cache
def callers() -> tuple[str, ...]:
    return tuple(path.relative_to(PROJECT).as_posix() for pattern in CALLERS for path in sorted(PROJECT.glob(pattern)))


def test_every_call_of_a_service_names_who_asks() -> None:
    wrong = [text for path in callers() for text in check(path, _tree(path))]
    assert not wrong, "\n".join(wrong)


def test_the_walk_finds_the_calls_of_every_service_and_all_that_is_no_service() -> None:
    found = [(node, kind) for path in callers() for node, kind in uses(_tree(path), {})]
    asked = {kind for kind in services().values() if any(methods()[kind].values())}
    assert {kind for node, kind in found if node.attr in methods().get(kind, {})} >= asked
    assert {node.attr for node, kind in found if kind == APPLICATION} - set(services()) == set(OWN)
    assert {f"{kind}.{node.attr}" for node, kind in found} >= set(WITHOUT_ACTOR)


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("app.current().library.count()", "called without an actor"),
        ("def f():\n    library = app.current().library\n    library.count(wanted)", "called without an actor"),
        ("def f():\n    castmind = app.current()\n    castmind.queue.pause()", "called without an actor"),
        ("def f(services: Services):\n    a, b = services.queue, 1\n    def g():\n        a.pause()", "called without an actor"),
        ("def f(library: Library):\n    return partial(library.count, 3)", "called without an actor"),
        ("button(app.current().backups.listing)", "called without an actor"),
        ("Trash(store, settings, data).step()", "takes no actor"),
        ("app.current()._runner.wake()", "is no service"),
        ("app.current().events.start()", "is no service"),
        ("app.current().library._store.read()", "is private"),
    ],
)
def test_a_call_without_an_actor_is_found(source: str, fault: str) -> None:
    (found,) = check("pages/some.py", ast.parse(source))
    assert fault in found


@pytest.mark.parametrize(
    "source",
    [
        "app.current().library.count(me())",
        "button(partial(app.current().backups.start, me(), media=True))",
        "def f(services: Services):\n    def g(actor):\n        return services.library.count(actor)",
        "app.current().settings.values",
        "st.session_state.library.count()",
    ],
)
def test_a_call_with_an_actor_is_left_alone(source: str) -> None:
    assert check("pages/some.py", ast.parse(source)) == []
