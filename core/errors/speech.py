"""Speech recognition: its models and its process."""

from __future__ import annotations

from core.errors.tree import CastMindError, OutsideCondition, Permanent, Transient


class SpeechModelMissing(OutsideCondition):
    code = "speech_model_missing"


class WorkerDied(Transient):
    """The speech worker ended unexpectedly. Finished windows are kept."""

    code = "worker_died"


class WorkerKeepsDying(Permanent):
    """The speech worker ended again and again at the same place."""

    code = "worker_keeps_dying"

    @classmethod
    def after(cls, last: CastMindError, times: int) -> WorkerKeepsDying:
        return cls(
            f"Speech recognition ended {times} times at the same place, so it was given up. The last time: {last.detail} "
            "Choose a smaller model, or give this computer more memory, then try again: it continues from there, and the count "
            "starts over.",
            times=times,
        )


class SpeechModelUnusable(Permanent):
    """The speech model cannot be loaded on this computer."""

    code = "speech_model_unusable"
