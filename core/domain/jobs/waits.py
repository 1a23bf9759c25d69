"""What an episode's jobs amount to for a reader, and what waiting jobs have in common.

    jobs of an episode ─▶ without a wait for better notes ─▶ shown: one state
    waiting jobs ─▶ Held: the same condition outside, once, with the number of its episodes

An episode that can be read is done, whatever its notes could still gain: notes that were extracted from the transcript, or
written before, stand until the language model answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core import errors
from core.domain.jobs.job import Job, Stage, State, overall

# Errors whose host is part of the condition: another host may answer.
_OF_A_HOST = errors.codes(errors.NetworkUnreachable, errors.ServerBusy, errors.DownloadFailed)


def for_better_notes(job: Job, *, has_notes: bool) -> bool:
    """Return whether the job only waits to improve notes that can be read; one that is just being tried again still waits."""
    if not has_notes or job.stage != Stage.SUMMARISE:
        return False
    return job.state is State.WAITING or (job.state is State.RUNNING and job.error is not None and not job.progress)


def shown(jobs: Iterable[Job], *, has_notes: bool) -> State | None:
    """Return one state for an episode, by need of attention. None when no work was ever ordered (a feed's new episode)."""
    everything = list(jobs)
    found = overall(job for job in everything if not (for_better_notes(job, has_notes=has_notes) or _called_off(job, has_notes)))
    return State.DONE if found is None and everything else found


def _called_off(job: Job, has_notes: bool) -> bool:
    """Return whether somebody cancelled better notes than those that can be read."""
    return has_notes and job.stage == Stage.SUMMARISE and job.state is State.CANCELLED


def condition(error: Mapping[str, Any]) -> str:
    """Return the part of an error record that distinguishes conditions: its code, and the host if another may answer."""
    code, host = str(error.get("code", "")), (error.get("params") or {}).get("host")
    return f"{code} {host}" if host and code in _OF_A_HOST else code


@dataclass(frozen=True, slots=True)
class Held:
    """A condition outside that jobs of a step wait for: `error` is the record of one of them, `count` the number of episodes."""

    condition: str
    stage: str
    count: int
    error: Mapping[str, Any]

    @property
    def code(self) -> str:
        return self.condition.partition(" ")[0]

    @property
    def better_notes(self) -> bool:
        return self.stage == Stage.SUMMARISE
