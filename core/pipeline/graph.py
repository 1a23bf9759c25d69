"""The table of steps: one line a step. Order, waiting and what a retry runs again follow from what each says of itself.

A plug-in registers its step into the same table, before CastMind is built: the runner takes the steps that are there then.
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
    """The registered steps by name, in order."""
    return {name: _registered[name] for name in step_graph.current().names}


def register(step: Step) -> None:
    """Adds a step. Raises ValueError for one that does not fit into the graph; the table is as before then."""
    _put([*_registered.values(), step])


def unregister(name: str) -> None:
    """Takes a step out. Its jobs stay in the queue, are not run, and hold nothing up. Raises ValueError where others name it."""
    _put([step for step in _registered.values() if step.name != name])


def _put(listed: Iterable[Step]) -> None:
    chosen = list(listed)
    step_graph.install(StepGraph(StepNode(s.name, s.after, s.after_settled, s.before) for s in chosen))
    _registered.clear()
    _registered.update({step.name: step for step in chosen})


_put(BUILT_IN)
