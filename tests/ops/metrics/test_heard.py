from __future__ import annotations

import pytest

from core import events
from core.domain.episodes.statistics import TranscriptionRun
from core.events import Event
from core.ops.metrics.heard import MOST_RUNNING, WEEK, EventCounts, known, wanted_since
from core.ops.metrics.instruments import Instruments

RUN = TranscriptionRun(finished_at=100.0, duration=600.0, wall_seconds=60.0, model="small", device="cpu", compute_type="int8")


class Ear:
    def __init__(self, run: TranscriptionRun | None = RUN, wanted: tuple[float | None, float] | None = None) -> None:
        self.made = Instruments()
        self.hearing = EventCounts(self.made, run_of=lambda _: run, wanted=lambda _: wanted)

    def hears(self, *told: Event) -> Ear:
        for event in told:
            self.hearing.hear(event)
        return self

    def __getitem__(self, name: str) -> float | None:
        name, _, labels = name.partition(" ")
        pairs = dict(pair.split("=") for pair in labels.split()) if labels else {}
        return self.made.registry.get_sample_value(f"castmind_{name}", pairs)


def step(kind: type[events.StepEvent], name: str, at: float, **more: object) -> Event:
    return kind(job_id=1, episode_id=7, step=name, at=at, **more)  # type: ignore[arg-type]


def test_a_finished_step_is_timed_and_one_that_stopped_is_only_counted() -> None:
    ear = Ear().hears(step(events.StepStarted, "fetch", 10.0), step(events.StepFinished, "fetch", 14.0))
    ear.hears(step(events.StepStarted, "fetch", 20.0), step(events.StepFailed, "fetch", 29.0, code="gone", detail=""))
    assert (ear["stage_seconds_sum stage=fetch"], ear["stage_seconds_count stage=fetch"]) == (4.0, 1.0)
    assert ear["stages_total stage=fetch outcome=finished"] == ear["stages_total stage=fetch outcome=failed"] == 1.0


@pytest.mark.parametrize(
    ("kind", "more", "outcome"),
    [
        (events.StepWaiting, {"code": "", "detail": "", "until": 0.0}, "waiting"),
        (events.StepRequeued, {}, "requeued"),
        (events.StepCancelled, {}, "cancelled"),
    ],
)
def test_every_way_to_stop_has_its_outcome(kind: type[events.StepEvent], more: dict[str, object], outcome: str) -> None:
    ear = Ear().hears(step(kind, "summarise", 1.0, **more))
    assert ear[f"stages_total stage=summarise outcome={outcome}"] == 1.0


def test_a_transcription_gives_its_real_time_factor() -> None:
    ear = Ear().hears(step(events.StepStarted, "transcribe", 40.0), step(events.StepFinished, "transcribe", 101.0))
    assert (ear["real_time_factor_sum device=cpu"], ear["audio_seconds_total"]) == (0.1, 600.0)


@pytest.mark.parametrize("began", [100.5, None])
def test_a_transcript_that_was_taken_over_is_no_run(began: float | None) -> None:
    """The newest run of the episode is an earlier one."""
    ear = Ear().hears(*([step(events.StepStarted, "transcribe", began)] if began else []))
    assert ear.hears(step(events.StepFinished, "transcribe", 102.0))["audio_seconds_total"] == 0.0


@pytest.mark.parametrize(
    ("published", "queued", "since"),
    [(10.0, 50.0, 10.0), (None, 50.0, 50.0), (0.0, WEEK, 0.0), (0.0, WEEK + 1, WEEK + 1), (60.0, 50.0, 50.0)],
)
def test_notes_are_wanted_since_the_publication_but_for_a_backlog(published: float | None, queued: float, since: float) -> None:
    assert wanted_since(published, queued) == since


def test_the_delay_of_first_notes_is_measured_and_no_later_ones() -> None:
    done = step(events.StepFinished, "summarise", 3610.0)
    assert Ear(wanted=(10.0, 20.0)).hears(done)["notes_delay_seconds_sum"] == 3600.0
    assert Ear(wanted=None).hears(done)["notes_delay_seconds_count"] == 0.0


def test_polls_questions_tasks_episodes_and_backups_are_counted() -> None:
    ear = Ear().hears(
        events.FeedPolled(feed_id=1),
        events.FeedPolled(feed_id=1, error="network_unreachable"),
        events.FeedPolled(feed_id=1, error="made up"),
        events.ModelAsked(seconds=3.0, prompt_tokens=500, answer_tokens=20),
        events.ModelAsked(seconds=9.0, error="ollama_timeout"),
        events.TaskFailed(task_id=1, task="export", code="", detail=""),
        events.TaskFinished(task_id=1, task="export"),
        events.EpisodeAdded(episode_id=1, source="feed"),
        events.BackupMade(backup="a.zip", reason="nightly", bytes=1),
    )
    for name in (
        "feed_polls_total result=answered",
        "feed_polls_total result=network_unreachable",
        "feed_polls_total result=other",
        "ollama_calls_total result=answered",
        "ollama_calls_total result=ollama_timeout",
        "tasks_total task=export outcome=failed",
        "tasks_total task=export outcome=finished",
        "episodes_added_total source=feed",
        "backups_total reason=nightly",
        "events_total kind=backup.made",
    ):
        assert ear[name] == 1.0, name
    assert (ear["ollama_tokens_total kind=prompt"], ear["ollama_tokens_total kind=answer"]) == (500.0, 20.0)
    assert (ear["ollama_seconds_sum"], ear["ollama_seconds_count"]) == (3.0, 1.0)


def test_codes_are_bounded() -> None:
    assert (known(None), known("disk_full"), known("x" * 50)) == ("answered", "disk_full", "other")


def test_runs_whose_end_never_comes_take_no_memory() -> None:
    ear = Ear()
    for number in range(MOST_RUNNING + 50):
        ear.hears(events.StepStarted(job_id=number, episode_id=1, step="fetch", at=1.0))
    assert len(ear.hearing._began) == MOST_RUNNING
    ear.hears(events.StepFinished(job_id=1, episode_id=1, step="fetch", at=2.0))
    assert ear["stages_total stage=fetch outcome=finished"] == 1.0
