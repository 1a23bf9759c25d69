"""The table of steps: one line a step."""

from __future__ import annotations

from collections.abc import Mapping

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


def steps() -> Mapping[str, Step]:
    """The registered steps by name, in order."""
    return {step.name: step for step in BUILT_IN}
