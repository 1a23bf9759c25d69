"""Order the steps of the pipeline as a graph. It is data; `core.pipeline.graph` installs it from its table.

    fetch ──▶ transcribe ──▶ summarise ··▶ publish        ──▶ must be done first     ··▶ must be done, or have settled
                   │                          ▲
                   └──────────────────────────┘

Order, waiting, and the steps that a retry runs again follow from the edges. A settled step cannot go on by itself: waiting,
failed, cancelled. Nobody waits for a step that has no job in an episode, because the episode is older than the step.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class StepNode:
    """A step and its edges, by names of steps: see `core.pipeline.step.Step`, which has them under the same names."""

    name: str
    after: tuple[str, ...] = ()
    after_settled: tuple[str, ...] = ()
    before: tuple[str, ...] = ()


class StepGraph:
    """Immutable. Raises ValueError for a duplicate or invalid name, an edge to an unknown step, and a cycle."""

    def __init__(self, nodes: Iterable[StepNode]) -> None:
        listed = list(nodes)
        names = [node.name for node in listed]
        _check_names(listed, names)
        strict = {node.name: set(node.after) for node in listed}
        for node in listed:
            for later in node.before:
                strict[later].add(node.name)
        every = {node.name: strict[node.name] | set(node.after_settled) for node in listed}
        self.names = _ordered(names, every)
        self._places = {name: place for place, name in enumerate(self.names)}
        self._required = _closures(self.names, strict)
        self._preceding = _closures(self.names, every)

    def place(self, name: str) -> int:
        """Return where a step stands in the order; after all others for one that is not registered (any more)."""
        return self._places.get(name, len(self.names))

    def required(self, name: str) -> frozenset[str]:
        """Return the steps that must be done before this one, near and far."""
        return self._required[name]

    def preceding(self, name: str) -> frozenset[str]:
        """Return all steps before this one, near and far."""
        return self._preceding[name]

    def awaited(self, name: str) -> frozenset[str]:
        """Return the steps that this one waits for only while they can go on by themselves."""
        return self._preceding[name] - self._required[name]

    def following(self, name: str) -> tuple[str, ...]:
        """Return the steps that depend on this one, near and far, in order."""
        return tuple(each for each in self.names if name in self._preceding[each])


def _check_names(nodes: list[StepNode], names: list[str]) -> None:
    for node in nodes:
        if not _NAME.fullmatch(node.name):
            raise ValueError(f"{node.name!r} is no name of a step: small letters, digits and _, forty at most")
        if names.count(node.name) > 1:
            raise ValueError(f"there are two steps named {node.name}")
        for other in (*node.after, *node.after_settled, *node.before):
            if other not in names:
                raise ValueError(f"the step {node.name} names {other}, which is no step")


def _ordered(names: list[str], before: dict[str, set[str]]) -> tuple[str, ...]:
    """Sort topologically; where the graph leaves a choice, keep the listed order."""
    left, found = list(names), list[str]()
    while left:
        free = next((name for name in left if before[name] <= set(found)), None)
        if free is None:
            raise ValueError(f"the steps {', '.join(left)} wait for each other")
        left.remove(free)
        found.append(free)
    return tuple(found)


def _closures(order: Iterable[str], before: dict[str, set[str]]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for name in order:
        found[name] = frozenset(before[name]).union(*(found[each] for each in before[name]))
    return found


_installed: list[StepGraph] = []


def install(graph: StepGraph) -> None:
    """Make this the graph of the process."""
    _installed[:] = [graph]


def current() -> StepGraph:
    """Return the graph of the process. Raises RuntimeError before there is one: import core.pipeline.graph."""
    if not _installed:
        raise RuntimeError("no steps are registered; core.pipeline.graph registers the built-in ones")
    return _installed[0]
