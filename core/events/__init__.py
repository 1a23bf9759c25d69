"""Events: facts that are told to listeners once they are certain. Open to all rooms.

    inside Store.write   record(event) ─▶ kept with the transaction ─┬─ COMMIT ───▶ Bus.publish, in the order of commits
                                                                     └─ ROLLBACK ─▶ dropped
    outside of one       Bus.publish(event)
    Bus.publish ─▶ one queue a listener ─▶ the listener's own thread ─▶ listener(event)

A kill between COMMIT and `publish` loses the event, never the rows: an event says that it is worth looking, and whoever does
work also looks at its start and by the clock.
"""

from core.events.bus import Bus, Hear, Publish, nobody
from core.events.kinds import (
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
    ModelPulled,
    QueuePaused,
    QueueResumed,
    SettingChanged,
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
    "ModelPulled",
    "Publish",
    "QueuePaused",
    "QueueResumed",
    "Recording",
    "SettingChanged",
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
