"""Count what the bus tells: each event of core/events becomes a number.

event ─▶ EventCounts.hear ─▶ instruments        facts that an event lacks are read from the library: speed, delay of notes
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from core import errors, events
from core.domain.episodes.statistics import TranscriptionRun
from core.domain.jobs.job import Stage
from core.events import Event
from core.ops.metrics.instruments import Instruments

WEEK = 7 * 24 * 3600.0
# Runs whose start is remembered: far more than there are lanes.
MOST_RUNNING = 1000
_CODES = errors.codes(errors.CastMindError) | {"context_exceeded"}
OUTCOMES: dict[type[events.StepEvent], str] = {
    events.StepFinished: "finished",
    events.StepFailed: "failed",
    events.StepWaiting: "waiting",
    events.StepRequeued: "requeued",
    events.StepCancelled: "cancelled",
}
TASK_OUTCOMES: dict[type[events.TaskEvent], str] = {
    events.TaskFinished: "finished",
    events.TaskFailed: "failed",
    events.TaskCancelled: "cancelled",
}


def known(code: str | None, well: str = "answered") -> str:
    """Return an error's code as a label; codes that no error has share one."""
    return well if code is None else code if code in _CODES else "other"


def wanted_since(published: float | None, queued: float) -> float:
    """Return when somebody could first want the notes: at the publication, unless the episode is from an older backlog."""
    return published if published is not None and 0.0 <= queued - published <= WEEK else queued


class EventCounts:
    """A listener of all events. `run_of` returns the newest transcription of an episode; `wanted` returns (published, queued) of
    an episode that has its first notes, None for others."""

    def __init__(
        self,
        instruments: Instruments,
        *,
        run_of: Callable[[int], TranscriptionRun | None],
        wanted: Callable[[int], tuple[float | None, float] | None],
    ) -> None:
        self._made = instruments
        self._run_of = run_of
        self._wanted = wanted
        self._began: OrderedDict[int, float] = OrderedDict()

    def hear(self, event: Event) -> None:
        self._made.events.labels(event.kind).inc()
        match event:
            case events.StepStarted():
                self._began[event.job_id] = event.at
                if len(self._began) > MOST_RUNNING:
                    self._began.popitem(last=False)
            case events.StepEvent() if outcome := OUTCOMES.get(type(event)):
                self._stopped(event, outcome)
            case events.TaskEvent() if outcome := TASK_OUTCOMES.get(type(event)):
                self._made.tasks.labels(event.task, outcome).inc()
            case events.FeedPolled():
                self._made.polls.labels(known(event.error)).inc()
            case events.EpisodeAdded():
                self._made.episodes.labels(event.source).inc()
            case events.BackupMade():
                self._made.backups.labels(event.reason).inc()
            case events.ModelAsked():
                self._asked(event)

    def _stopped(self, event: events.StepEvent, outcome: str) -> None:
        self._made.stages.labels(event.step, outcome).inc()
        began = self._began.pop(event.job_id, None)
        if outcome != "finished":
            return
        if began is not None:
            self._made.stage_seconds.labels(event.step).observe(max(event.at - began, 0.0))
        if event.step == Stage.TRANSCRIBE and began is not None:
            self._transcribed(event.episode_id, began)
        elif event.step == Stage.SUMMARISE and (wanted := self._wanted(event.episode_id)) is not None:
            self._made.notes_delay.observe(max(event.at - wanted_since(*wanted), 0.0))

    def _transcribed(self, episode_id: int, began: float) -> None:
        run = self._run_of(episode_id)
        # A publisher's transcript that was taken over is no run, and the newest one is an earlier one then.
        if run is not None and run.finished_at >= began:
            self._made.factor.labels(run.device).observe(run.factor)
            self._made.audio_seconds.inc(run.duration)

    def _asked(self, event: events.ModelAsked) -> None:
        self._made.ollama_calls.labels(known(event.error)).inc()
        if event.error is None:
            self._made.ollama_seconds.observe(event.seconds)
        self._made.ollama_tokens.labels("prompt").inc(event.prompt_tokens)
        self._made.ollama_tokens.labels("answer").inc(event.answer_tokens)
