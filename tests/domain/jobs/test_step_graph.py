"""The graph of steps: order, waiting and the steps of a retry, for plug-ins too."""

from __future__ import annotations

import pytest

from core.domain.jobs import step_graph
from core.domain.jobs.step_graph import StepGraph, StepNode

BUILT_IN = (
    StepNode("fetch"),
    StepNode("transcribe", after=("fetch",)),
    StepNode("summarise", after=("transcribe",)),
    StepNode("publish", after=("transcribe",), after_settled=("summarise",)),
)
DIARISE = StepNode("diarise", after=("transcribe",), before=("summarise",))
EMBED = StepNode("embed", after=("transcribe",))


def test_the_built_in_steps_and_what_depends_on_each() -> None:
    graph = StepGraph(BUILT_IN)
    assert graph.names == ("fetch", "transcribe", "summarise", "publish")
    assert graph.following("transcribe") == ("summarise", "publish")
    assert graph.following("publish") == ()
    assert (graph.required("publish"), graph.awaited("publish")) == ({"fetch", "transcribe"}, {"summarise"})


def test_a_step_between_two_others_is_waited_for_by_the_second() -> None:
    graph = StepGraph([*BUILT_IN, DIARISE])
    assert graph.names == ("fetch", "transcribe", "diarise", "summarise", "publish")
    assert graph.required("summarise") == {"fetch", "transcribe", "diarise"}
    assert graph.following("diarise") == ("summarise", "publish")
    assert (graph.required("publish"), graph.awaited("publish")) == ({"fetch", "transcribe"}, {"diarise", "summarise"})


def test_a_step_beside_the_others_holds_none_of_them_up() -> None:
    graph = StepGraph([*BUILT_IN, EMBED])
    assert graph.names == ("fetch", "transcribe", "summarise", "publish", "embed")
    assert graph.following("transcribe") == ("summarise", "publish", "embed")
    assert graph.following("summarise") == ("publish",) and graph.following("embed") == ()
    assert graph.preceding("embed") == {"fetch", "transcribe"}


def test_a_step_that_is_not_registered_stands_last() -> None:
    assert StepGraph(BUILT_IN).place("gone") == 4


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (StepNode("fetch"), "two steps named fetch"),
        (StepNode("embed", after=("nothing",)), "names nothing"),
        (StepNode("embed", before=("nothing",)), "names nothing"),
        (StepNode("embed", after=("publish",), before=("fetch",)), "wait for each other"),
        (StepNode("embed", after_settled=("embed",)), "wait for each other"),
        (StepNode("o'clock"), "is no name"),
        (StepNode(""), "is no name"),
        (StepNode("x" * 41), "is no name"),
    ],
)
def test_a_step_that_does_not_fit_is_refused(node: StepNode, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        StepGraph([*BUILT_IN, node])


def test_the_graph_of_the_process_is_the_one_installed_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step_graph, "_installed", [])
    with pytest.raises(RuntimeError, match="no steps are registered"):
        step_graph.current()
    for graph in (StepGraph(BUILT_IN), StepGraph([*BUILT_IN, EMBED])):
        step_graph.install(graph)
        assert step_graph.current() is graph
