"""Track one transcription in the client: the request, and the results so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from core import errors
from core.domain.transcripts.transcript import Window
from core.speech.request import Progress, SpeechRequest


class Lease(Protocol):
    """The worker's shared device: it is released between two windows if other work waits."""

    def wanted(self) -> bool:
        """Return whether other work should get the device at the next window boundary."""

    def pause(self) -> float:
        """Release the device, wait to get it back, and return the seconds that it took."""


class Unshared:
    """A lease without competitors."""

    def wanted(self) -> bool:
        return False

    def pause(self) -> float:
        return 0.0


UNSHARED = Unshared()


class Call:
    """One transcription: its request and its results. With `spans` (seconds) only those are transcribed.

    When it was `interrupted` for work of higher priority, another round resumes behind the last window.
    """

    def __init__(
        self,
        request: SpeechRequest,
        windows: list[Window],
        on_window: Callable[[Window], None],
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
        *,
        lease: Lease,
        spans: Sequence[tuple[float, float]] = (),
    ) -> None:
        self._request, self._windows = request, windows
        self._spans = tuple(spans)
        self._on_window, self._on_progress = on_window, on_progress
        self.cancelled = cancelled
        self.lease = lease
        self.duration = 0.0
        self._begin_round()

    def _begin_round(self) -> None:
        self.under_way = False
        self.answered = False
        self.interrupted = False
        self.outcome: Exception | None = None
        self._asked_to_interrupt = False

    def go_on(self) -> None:
        """After an interruption, let work of higher priority go first, then prepare the next round."""
        self.lease.pause()
        self._begin_round()

    def to_interrupt(self) -> bool:
        """Return whether to tell the worker, once a round, that other work waits."""
        if self._asked_to_interrupt or not self.lease.wanted():
            return False
        self._asked_to_interrupt = True
        return True

    def message(self) -> dict[str, Any]:
        last = self._windows[-1] if self._windows else None
        resume = _resume(last) if last else None
        return {"do": "transcribe", "request": self._request.to_dict(), "resume": resume, "spans": self._spans}

    def take(self, message: dict[str, Any]) -> None:
        match message["event"]:
            case "progress":
                self.under_way = message["progress"]["phase"] in ("transcribing", "comparing")
                self._on_progress(Progress.from_dict(message["progress"]))
            case "window":
                window = Window.from_dict(message["window"])
                self._on_window(window)
                self._windows.append(window)
            case "done":
                self.duration, self.answered = float(message["duration"]), True
            case "interrupted":
                self.answered = self.interrupted = True
            case "stopped":
                self.answered, self.outcome = True, errors.ShuttingDown()
            case "cancelled":
                self.answered, self.outcome = True, errors.Cancelled()
            case "error":
                self.answered, self.outcome = True, error_from(message)


def _resume(last: Window) -> dict[str, Any]:
    """Return the position to resume from: after the last window; an interrupted window is planned again, and its rest
    transcribed.
    """
    planned = last.planned_from if last.broken_off and last.planned_from is not None else last.end
    return {"start": last.end, "planned_from": planned, "index": last.index + 1, "language": last.language}


def error_from(message: dict[str, Any]) -> errors.CastMindError:
    """Return the worker's error as an instance of its class; an unknown class becomes one that is retried."""
    known = {cls.code: cls for cls in _tree(errors.CastMindError)}
    return known.get(message["code"], errors.WorkerDied)(message["detail"], **message.get("params", {}))


def _tree(cls: type[errors.CastMindError]) -> list[type[errors.CastMindError]]:
    return [cls, *(deeper for sub in cls.__subclasses__() for deeper in _tree(sub))]
