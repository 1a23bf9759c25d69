"""Who hears which events: a name for logs, the kinds of events, and a callback for each event, in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core.events import (
    Audited,
    CancelRequested,
    Event,
    JobsQueued,
    ModelPulled,
    PartRestarted,
    QueuePaused,
    QueueResumed,
    SessionsEnded,
    SettingChanged,
    StepFailed,
    StepRequeued,
)
from core.services.notify.listener import HEARD

if TYPE_CHECKING:
    from core.app import CastMind

LISTENERS: tuple[tuple[str, tuple[type[Event], ...], Callable[[CastMind, Any], object]], ...] = (
    ("runner", (JobsQueued, StepRequeued, CancelRequested, QueuePaused, QueueResumed), lambda app, _: app._runner.wake()),
    ("metrics", (Event,), lambda app, event: app.metrics.hear(event)),
    ("notifications", HEARD, lambda app, event: app._notice_listener.hear(event)),
    ("audit log", (Audited,), lambda app, event: app.audit.write(event)),
    ("sessions", (SessionsEnded,), lambda app, event: app.sessions.forget(event.sessions)),
    ("notes that wait for a model", (ModelPulled,), lambda app, _: app._waiting_jobs.model_arrived()),
    ("incidents", (StepFailed, PartRestarted), lambda app, event: app._incident_keeper.hear(event)),
    ("levels of the log", (SettingChanged,), lambda app, _: app.logs.apply_levels()),
)
