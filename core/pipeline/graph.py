"""The table of steps, one line each. Order, waiting and retries follow from the attributes that each step declares.

A plug-in registers its step in the same table, before CastMind is built: the runner then takes the steps that are registered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.domain.jobs import step_graph
from core.domain.jobs.step_graph import StepGraph, StepNode
from core.pipeline.step import Step
from core.pipeline.steps.fetch import Fetch
from core.pipeline.steps.publish import Publish
from core.pipeline.steps.summarise import Summarise
from core.pipeline.steps.transcribe import Transcribe

BUILT_IN: tuple[Step, ...] = (
    Fetch(),
    Transcribe(),
    Summarise(),
    Publish(),
)

_registered: dict[str, Step] = {}


def steps() -> Mapping[str, Step]:
    """Return the registered steps by name, in order."""
    return {name: _registered[name] for name in step_graph.current().names}


def register(step: Step) -> None:
    """Add a step. Raises ValueError for one that does not fit into the graph, and leaves the table unchanged then."""
    _put([*_registered.values(), step])


def unregister(name: str) -> None:
    """Remove a step.

    Its jobs stay in the queue without being run, and block nothing. Raises ValueError if other steps name it.
    """
    _put([step for step in _registered.values() if step.name != name])


def _put(listed: Iterable[Step]) -> None:
    chosen = list(listed)
    step_graph.install(StepGraph(StepNode(s.name, s.after, s.after_settled, s.before) for s in chosen))
    _registered.clear()
    _registered.update({step.name: step for step in chosen})


_put(BUILT_IN)
