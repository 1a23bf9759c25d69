"""The kinds of events: as JSON, and in the docs."""

from __future__ import annotations

import json
from pathlib import Path

from core import events
from core.events import Event, StepWaiting

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_an_event_is_json() -> None:
    waiting = StepWaiting(at=7.0, job_id=1, episode_id=2, step="fetch", code="offline", detail="No network.", until=9.0)
    assert json.loads(json.dumps(waiting.to_json())) == {
        "kind": "step.waiting",
        "at": 7.0,
        "job_id": 1,
        "episode_id": 2,
        "step": "fetch",
        "code": "offline",
        "detail": "No network.",
        "until": 9.0,
    }


def test_the_docs_name_every_kind() -> None:
    text = (DOCS / "architecture" / "events.md").read_text(encoding="utf-8")
    kinds = {kind.kind for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, Event) and kind.kind}
    assert {kind for kind in kinds if f"`{kind}`" not in text} == set()
