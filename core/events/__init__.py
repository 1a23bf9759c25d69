"""Events: facts that are published to listeners after their transaction is committed. All packages may import this one.

    inside Store.write     record(event) ─▶ kept with the transaction ─┬─ COMMIT ───▶ Bus.publish, in commit order
                                                                       └─ ROLLBACK ─▶ dropped
    outside                Bus.publish(event)
    Bus.publish ─▶ one queue per listener ─▶ the listener's own thread ─▶ listener(event)

A kill between COMMIT and `publish` loses the event, never the rows. An event is only a hint to look: listeners that do work
also look when they start, and periodically.
"""

from core.events.bus import Bus, Hear, Publish, nobody
from core.events.kinds import (
    Audited,
    BackupMade,
    CancelRequested,
    EpisodeAdded,
    EpisodeDeleted,
    EpisodeRestored,
    EpisodeTrashed,
    Event,
    FeedAdded,
    FeedPolled,
    FeedRemoved,
    ImportFinished,
    JobsQueued,
    ModelAsked,
    ModelPulled,
    PartRestarted,
    QueuePaused,
    QueueResumed,
    SessionsEnded,
    SettingChanged,
    SignedIn,
    StepCancelled,
    StepEvent,
    StepFailed,
    StepFinished,
    StepRequeued,
    StepStarted,
    StepWaiting,
    TaskCancelled,
    TaskEvent,
    TaskFailed,
    TaskFinished,
    TaskStarted,
)
from core.events.recording import Recording, record

__all__ = [
    "Audited",
    "BackupMade",
    "Bus",
    "CancelRequested",
    "EpisodeAdded",
    "EpisodeDeleted",
    "EpisodeRestored",
    "EpisodeTrashed",
    "Event",
    "FeedAdded",
    "FeedPolled",
    "FeedRemoved",
    "Hear",
    "ImportFinished",
    "JobsQueued",
    "ModelAsked",
    "ModelPulled",
    "PartRestarted",
    "Publish",
    "QueuePaused",
    "QueueResumed",
    "Recording",
    "SessionsEnded",
    "SettingChanged",
    "SignedIn",
    "StepCancelled",
    "StepEvent",
    "StepFailed",
    "StepFinished",
    "StepRequeued",
    "StepStarted",
    "StepWaiting",
    "TaskCancelled",
    "TaskEvent",
    "TaskFailed",
    "TaskFinished",
    "TaskStarted",
    "nobody",
    "record",
]
