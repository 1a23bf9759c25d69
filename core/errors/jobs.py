"""Jobs and tasks that the server's end, or a fault, broke off; schedules."""

from __future__ import annotations

from core.errors.tree import CastMindError, Conflict, OutsideCondition, Permanent, Transient, UserError


class ServerEnded(Transient):
    """CastMind ended without a word while this ran."""

    code = "server_ended"

    def __init__(self, *, times: int, most: int) -> None:
        super().__init__(
            f"CastMind stopped unexpectedly during this job ({times} of {most} allowed times). What was finished is kept, and "
            "the job resumes automatically; from the second time on, it runs alone.",
            times=times,
            most=most,
        )


class ServerKeepsEnding(Permanent):
    """CastMind ended again and again while this ran, the last time while nothing else did."""

    code = "server_keeps_ending"

    def __init__(self, *, times: int) -> None:
        super().__init__(
            f"CastMind ended without a word {times} times while this ran, the last time while nothing else did, so it was given "
            "up. What was finished is kept. Look in the log and at the memory of this computer, then try again: the count starts "
            "anew.",
            times=times,
        )


class TaskInterrupted(CastMindError):
    """CastMind ended while this was under way. What was done stays done; begin it again for the rest."""

    code = "task_interrupted"


class TaskBroke(CastMindError):
    """It did not work. What was done stays done; the log says why."""

    code = "task_broke"


class BadCron(UserError):
    """This is not a cron expression."""

    code = "bad_cron"


class ScheduleRunning(Conflict):
    """This schedule runs at the moment. Wait until it is finished."""

    code = "schedule_running"


class ScheduleInterrupted(CastMindError):
    """CastMind ended during this run. What was done stays done."""

    code = "schedule_interrupted"


class DeletionRests(OutsideCondition):
    """Automatic deletion pauses: the library holds much less than its backups. See the status page."""

    code = "deletion_rests"
